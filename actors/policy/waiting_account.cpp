#include "actors/policy/waiting_account.hpp"

#include <algorithm>
#include <cmath>

namespace dispatch::policy {

namespace {

using seconds = std::chrono::duration<double>;

/// After so long a moment counts 1/e of a new one: what is older than ten seconds has an eighth of the weight.
constexpr seconds memory{5};

/// A consumer that waits for less than this share of its time does not wait.
constexpr double hardly_anything = 0.05;

double weight(seconds age) noexcept {
  return std::exp(-age / memory);
}

template <class Split>
auto* part_of(Split& parts, waiting_for whom) noexcept {
  switch (whom) {
  case waiting_for::upstream:
    return &parts.upstream;
  case waiting_for::encoding:
    return &parts.encoding;
  case waiting_for::socket:
    return &parts.socket;
  case waiting_for::nobody:
    break;
  }
  return static_cast<decltype(&parts.upstream)>(nullptr);
}

} // namespace

void waiting_account::change(time_point now, waiting_for whom, duration encoding) noexcept {
  if (whom == whom_)
    return;
  if (whom_ == waiting_for::upstream && encoding > duration::zero()) {
    charge(std::max(at_, now - encoding), waiting_for::upstream);
    charge(now, waiting_for::encoding);
  }
  charge(now, whom_);
  whom_ = whom;
}

void waiting_account::charge(time_point now, waiting_for whom) noexcept {
  const auto kept = weight(now - at_);
  for (auto* part : {&decayed_.upstream, &decayed_.encoding, &decayed_.socket})
    *part *= kept;
  if (auto* total = part_of(totals_, whom)) {
    *total += now - at_;
    *part_of(decayed_, whom) += 1 - kept;
  }
  at_ = now;
}

waiting_account::split<waiting_account::duration> waiting_account::totals(time_point now) const noexcept {
  auto so_far = *this;
  so_far.charge(now, whom_);
  return so_far.totals_;
}

waiting_account::split<double> waiting_account::lately(time_point now) const noexcept {
  auto so_far = *this;
  so_far.charge(now, whom_);
  // At first there is less to have a share of.
  const auto whole = 1 - weight(now - began_);
  if (whole <= 0)
    return {};
  const auto& parts = so_far.decayed_;
  return {parts.upstream / whole, parts.encoding / whole, parts.socket / whole};
}

waiting_for waiting_account::slowest(time_point now) const noexcept {
  const auto shares = lately(now);
  auto result = waiting_for::nobody;
  auto most = hardly_anything;
  for (const auto whom : {waiting_for::upstream, waiting_for::encoding, waiting_for::socket}) {
    if (const auto share = *part_of(shares, whom); share > most) {
      most = share;
      result = whom;
    }
  }
  return result;
}

waiting_account::duration waiting_account::waited_for_upstream(time_point now) const noexcept {
  return whom_ == waiting_for::upstream ? now - at_ : duration::zero();
}

waiting_account::duration waiting_account::stalled_for(time_point now) const noexcept {
  return whom_ == waiting_for::socket ? now - std::max(at_, moved_at_) : duration::zero();
}

} // namespace dispatch::policy
