#include "actors/session/batch_requests.hpp"

#include <caf/all.hpp>

#include <utility>

#include "messages/status_code.hpp"

namespace dispatch {

namespace {

/// An assembler that fails again and again on what a session wants is not started once more.
constexpr int most_assemblers_lost = 3;

} // namespace

batch_requests::batch_requests(session_actor::pointer self, batch_provider source, order_directory_actor orders,
                               std::function<wanted_batches()> awaited, std::function<void(const failure&)> on_failure)
  : self_(self),
    source_(std::move(source)),
    orders_(std::move(orders)),
    awaited_(std::move(awaited)),
    on_failure_(std::move(on_failure)) {}

void batch_requests::ask(const wanted_batches& wanted, deadline until) {
  std::vector<wanted_rows> rows;
  std::int32_t first = 0;
  std::int32_t count = 0;
  for (const auto& each : wanted) {
    if (!each.block) {
      rows.push_back({each.ticket, each.epoch, each.positions});
    } else if (count > 0 && *each.block == first + count) {
      ++count;
    } else {
      ask_blocks(first, count, until);
      first = *each.block;
      count = 1;
    }
  }
  ask_blocks(first, count, until);
  ask_rows(std::move(rows), until);
}

void batch_requests::ask_blocks(std::int32_t first, std::int32_t count, deadline until) {
  if (count == 0)
    return;
  const batch_key key{plan_->dataset(), plan_->asked_block, first, plan_->fingerprint};
  self_->send(source_, want_batches{batch_taker_actor{session_actor{self_}}, key, count, until, true});
}

void batch_requests::ask_rows(std::vector<wanted_rows> wanted, deadline until) {
  if (wanted.empty())
    return;
  if (assembler_ == nullptr)
    return look_for_assembler(until);
  self_->send(assembler_, want_rows{rows_taker_actor{session_actor{self_}}, std::move(wanted), until});
}

void batch_requests::look_for_assembler(deadline until) {
  until_ = until;
  if (std::exchange(is_looking_, true))
    return;
  const order_key key{plan_->dataset(), plan_->fingerprint, plan_->asked_block, plan_->order};
  self_->request(orders_, caf::infinite, open_order{key, plan_->columns, rows_taker_actor{session_actor{self_}}})
    .then(
      [this](const opened_order& opened) {
        is_looking_ = false;
        assembler_ = opened.assembler;
        self_->monitor(assembler_);
        std::vector<wanted_rows> rows;
        for (const auto& each : awaited_())
          if (!each.block)
            rows.push_back({each.ticket, each.epoch, each.positions});
        ask_rows(std::move(rows), until_);
      },
      [this](const caf::error& reason) { on_failure_(to_failure(reason)); });
}

void batch_requests::down(const caf::actor_addr& who) {
  if (assembler_ == nullptr || assembler_.address() != who)
    return;
  assembler_ = nullptr;
  if (++assemblers_lost_ > most_assemblers_lost)
    on_failure_({status_code::internal, "the dispatcher failed on this order"});
  else
    look_for_assembler(until_);
}

} // namespace dispatch
