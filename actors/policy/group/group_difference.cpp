#include "actors/policy/group/group_difference.hpp"

#include <algorithm>
#include <cstddef>

#include "wire/fingerprint.hpp"

namespace dispatch::policy {

namespace {

std::string text_of(const std::string& value) {
  return "'" + value + "'";
}

std::string text_of(std::int64_t value) {
  return std::to_string(value);
}

std::string text_of(std::uint32_t value) {
  return std::to_string(value);
}

std::string text_of(bool value) {
  return value ? "true" : "false";
}

std::string text_of(std::chrono::milliseconds value) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(value).count()) + " s";
}

std::string text_of(epoch_end value) {
  return value == epoch_end::uneven ? "\"uneven\"" : value == epoch_end::drop ? "\"drop\"" : "\"pad\"";
}

std::string text_of(const std::optional<shuffle_spec>& value) {
  return value ? "seed " + std::to_string(value->seed) + " with a window of " + std::to_string(value->window) : "none";
}

/// As in a `hello`, 0 says that the group never ends.
std::string text_of(const std::optional<std::uint64_t>& value) {
  return std::to_string(value.value_or(0));
}

/// Those that begin the list, as a cursor has them.
std::string text_of(const std::vector<skipped_range>& value) {
  constexpr std::size_t most = 4;
  std::string result;
  for (std::size_t i = 0; i < std::min(value.size(), most); ++i)
    result += (i > 0 ? "+" : "") + std::to_string(value[i].epoch) + ":" + std::to_string(value[i].positions.from) + "-"
              + std::to_string(value[i].positions.to);
  if (value.size() > most)
    result += " and " + std::to_string(value.size() - most) + " more";
  return value.empty() ? "none" : result;
}

class comparison {
public:
  template <class T>
  comparison& of(const char* what, const T& asked, const T& there) {
    if (!found_ && !(asked == there))
      found_ = std::string{what} + ": got " + text_of(asked) + ", and the group has " + text_of(there);
    return *this;
  }

  std::optional<std::string> found() const { return found_; }

private:
  std::optional<std::string> found_;
};

} // namespace

std::optional<std::string> difference_of(const group_spec& asked, const group_spec& there) {
  const auto& a = asked.start;
  const auto& b = there.start;
  const auto skips_of = [&](const session_cursor& at) { return normalized(at.skips, b.epoch); };
  return comparison{}
    .of("dataset", a.dataset, b.dataset)
    .of("fingerprint", to_text(a.fingerprint), to_text(b.fingerprint))
    .of("samples", a.order.samples, b.order.samples)
    .of("block", a.order.block, b.order.block)
    .of("shuffle", a.order.shuffle, b.order.shuffle)
    .of("skip", skips_of(a), skips_of(b))
    .of("batch_size", asked.batch_size, there.batch_size)
    .of("ends", asked.ends, there.ends)
    .of("epochs", asked.end_epoch, there.end_epoch)
    .of("barrier", asked.has_barrier, there.has_barrier)
    .of("ack_wait", asked.ack_wait, there.ack_wait)
    .of("max_deliver", asked.max_deliver, there.max_deliver)
    .found();
}

} // namespace dispatch::policy
