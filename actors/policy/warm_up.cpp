#include "actors/policy/warm_up.hpp"

#include <utility>

namespace dispatch::policy {

void warm_up::begin(std::int32_t batches) {
  batches_ = batches;
  next_ = 0;
  under_way_.clear();
}

std::vector<std::int32_t> warm_up::end() {
  batches_ = 0;
  next_ = 0;
  return take_under_way();
}

std::vector<std::int32_t> warm_up::yield(time_point now) {
  quiet_until_ = now + quiet_time;
  if (!under_way_.empty())
    next_ = *under_way_.begin();
  return take_under_way();
}

std::optional<std::int32_t> warm_up::next(time_point now) {
  if (next_ >= batches_ || now < quiet_until_ || waits_for_first() || under_way_.size() >= most_under_way)
    return std::nullopt;
  under_way_.insert(next_);
  return next_++;
}

std::vector<std::int32_t> warm_up::take_under_way() {
  std::vector<std::int32_t> result(under_way_.begin(), under_way_.end());
  under_way_.clear();
  return result;
}

} // namespace dispatch::policy
