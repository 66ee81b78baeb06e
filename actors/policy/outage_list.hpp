#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace dispatch::policy {

/// One outage of an upstream: from its loss until its first answer after that.
struct outage {
  using time_point = std::chrono::steady_clock::time_point;

  /// The upstream's address.
  std::string upstream;
  time_point began;
  /// The same for people.
  std::chrono::system_clock::time_point began_at;
  /// Nothing while it goes on.
  std::optional<time_point> ended{};
  /// Connections that were tried meanwhile.
  std::uint64_t attempts = 0;
  /// The most consumers that were held up at one time meanwhile.
  std::uint64_t clients_held_up = 0;
  /// What was wrong when it began.
  std::string reason{};

  std::chrono::steady_clock::duration length(time_point now) const noexcept { return ended.value_or(now) - began; }
};

/// The outages of all upstreams, in the order in which they began. An upstream has one at a time. All that go on are
/// kept, and as many of the others as make `most` together; the oldest go first.
class outage_list {
public:
  using time_point = outage::time_point;

  static constexpr std::size_t most = 100;

  /// @param added has not ended
  void begin(outage added);

  /// A connection to the upstream is tried. Does nothing where it has no outage.
  void note_attempt(const std::string& upstream);

  /// So many consumers are held up now. Counts for all outages that go on.
  void note_held_up(std::uint64_t clients);

  /// The outage of this upstream is over. Returns it; nothing where there is none.
  std::optional<outage> end(const std::string& upstream, time_point now);

  const std::deque<outage>& all() const noexcept { return outages_; }

private:
  /// Null: it has none.
  outage* find_open(const std::string& upstream);
  void drop_oldest();

  std::deque<outage> outages_;
};

} // namespace dispatch::policy
