#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/chaos/chaos_client.hpp"

namespace dispatch::chaos {

/// What became of the consumers.
class client_tally {
public:
  struct counts {
    std::uint64_t came = 0;     ///< and went again
    std::uint64_t complete = 0; ///< had the whole pass
    std::uint64_t part = 0;     ///< left, with the beginning of a pass
    std::uint64_t wrong = 0;
    std::int64_t batches = 0;
    std::uint64_t bytes = 0;
  };

  /// Adds a consumer whose connection is over.
  void add(const chaos_client& client);

  const std::map<client_kind, counts>& by_kind() const noexcept { return by_kind_; }

  /// Over all kinds.
  counts total() const;

  /// What was wrong, the first ones in words.
  const std::vector<std::string>& problems() const noexcept { return problems_; }

private:
  std::map<client_kind, counts> by_kind_;
  std::vector<std::string> problems_;
};

} // namespace dispatch::chaos
