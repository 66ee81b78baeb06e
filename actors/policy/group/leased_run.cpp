#include "actors/policy/group/leased_run.hpp"

namespace dispatch::policy {

leased_run::leased_run(const run_lease& lease)
  : token_(lease.token),
    run_(lease.run),
    batches_(lease.batches),
    settled_(lease.settled),
    touched_(lease.touched) {
  for (auto left = touched_; left != 0; left &= left - 1)
    deliveries_[index(first_of(left))] = 1;
  for (const auto& each : lease.deliveries)
    deliveries_[index(each.bit)] = each.deliveries;
}

handed_batch leased_run::hand_out(member_id to, time_point now) {
  const auto bit = first_of(ready());
  const auto mask = mask_of(bit);
  const handed_batch result{batch_of(run_, bit), (touched_ & mask) != 0};
  out_ |= mask;
  touched_ |= mask;
  holders_[index(bit)] = {to, now, result.is_redelivered};
  ++deliveries_[index(bit)];
  return result;
}

void leased_run::take_back(int bit, outcome how) {
  out_ &= ~mask_of(bit);
  if (how != outcome::tried)
    --deliveries_[index(bit)];
  if (how == outcome::unsent && !holders_[index(bit)].is_redelivered)
    touched_ &= ~mask_of(bit);
}

void leased_run::settle(batch_mask batches) noexcept {
  settled_ |= batches & batches_;
  out_ &= ~settled_;
}

void leased_run::give_up(batch_mask batches) noexcept {
  returned_ |= batches & ready();
  batches_ &= ~returned_;
}

held_lease leased_run::to_held() const {
  held_lease result{token_, touched_, {}, returned_, {}};
  for (auto left = touched_ & ~settled_; left != 0; left &= left - 1)
    if (const auto bit = first_of(left); deliveries_[index(bit)] != 1)
      result.deliveries.push_back({bit, deliveries_[index(bit)]});
  return result;
}

} // namespace dispatch::policy
