#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dispatch::io {

/// Looks up the addresses of host names, as the system does (hosts file, name servers), each in a thread of its own.
class name_lookup {
public:
  struct result {
    /// Each with the port, as `host:port`, in the system's order; none twice.
    std::vector<std::string> addresses;
    /// What went wrong, where there is no address.
    std::string problem;
  };

  using callback = std::function<void(const result&)>;

  name_lookup();

  /// Lookups under way go on, since the system does not let them be given up, but bring nothing any more: no callback
  /// runs when this has returned.
  ~name_lookup();

  name_lookup(const name_lookup&) = delete;
  name_lookup& operator=(const name_lookup&) = delete;

  /// Starts a lookup. `then` is called once, in another thread, or at once where there is no thread to be had.
  void start(const std::string& host, std::uint16_t port, callback then);

private:
  class pending;

  std::shared_ptr<pending> pending_;
};

} // namespace dispatch::io
