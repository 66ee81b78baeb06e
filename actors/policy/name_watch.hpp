#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/policy/pool_ids.hpp"

namespace dispatch::policy {

/// Decides when the addresses of a name are looked up again, and what an answer changes (ADR 27).
///
/// - `refresh` after an answer;
/// - `after_trouble` after an answer, where an address has failed since;
/// - after n failures in a row: min(`first_retry` x 2^(n-1), `longest_retry`).
class name_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds refresh{30};
  static constexpr std::chrono::seconds after_trouble{2};
  static constexpr std::chrono::seconds first_retry{1};
  static constexpr std::chrono::seconds longest_retry{8};

  /// So many addresses of a name are used at most: each costs connections.
  static constexpr std::size_t most_addresses = 32;

  /// The upstreams of a name, by their addresses.
  using upstream_map = std::map<std::string, upstream_id>;

  struct change {
    std::vector<std::string> added;
    std::vector<std::string> removed;
  };

  /// Whether it is time for a lookup, which then begins. There is one at a time.
  bool begin_if_due(time_point now);

  /// A lookup has brought these addresses: at least one, none twice. Those beyond `most_addresses` are not used; listed
  /// addresses that are in use stay in use.
  /// @param used the addresses in use
  change note_answer(const upstream_map& used, const std::vector<std::string>& listed, time_point now);

  /// A lookup has failed.
  /// @returns whether the one before has not
  bool note_failure(time_point now);

  /// An address has failed: the name may have others by now.
  void note_trouble() noexcept { has_trouble_ = true; }

private:
  bool is_under_way_ = false;
  bool has_trouble_ = false;
  int failures_ = 0;
  /// When the last lookup ended; nothing: there was none.
  std::optional<time_point> ended_at_;
};

} // namespace dispatch::policy
