#pragma once

#include <caf/actor_system.hpp>

#include <httplib.h>

#include <chrono>
#include <optional>
#include <string>

#include "messages/group_store.hpp"

namespace dispatch::admin {

/// What the admin endpoint has of groups: it shows them to everybody, and takes changes from this machine
/// (docs/status.md).
class group_endpoint {
public:
  /// @param timeout how long the store may take
  group_endpoint(caf::actor_system& system, group_store_actor store, std::chrono::milliseconds timeout);

  /// @param routes whose handlers are not called any more when this is destroyed
  void add_to(httplib::Server& routes);

  /// Whether a request would change a group.
  static bool is_change(const httplib::Request& asked);

  /// Why a request may change nothing; nothing where it may. A page from elsewhere cannot send a PUT or a DELETE unless
  /// its name is taken for one of this machine.
  static std::optional<std::string> refusal_of(const httplib::Request& asked);

private:
  void list(httplib::Response& answer);
  void show(const httplib::Request& asked, httplib::Response& answer);
  void seek(const httplib::Request& asked, httplib::Response& answer);
  void park(const httplib::Request& asked, httplib::Response& answer);
  void remove(const httplib::Request& asked, httplib::Response& answer);

  /// Asks the store, and writes what `show` makes of its answer.
  template <class Reply, class Request, class Show>
  void answer_with(httplib::Response& answer, const Request& what, Show show);

  caf::actor_system& system_;
  group_store_actor store_;
  std::chrono::milliseconds timeout_;
};

} // namespace dispatch::admin
