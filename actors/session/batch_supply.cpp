#include "actors/session/batch_supply.hpp"

#include <caf/all.hpp>

#include <utility>

#include "actors/consumer_patience.hpp"
#include "messages/status_code.hpp"
#include "wire/session/session_column.hpp"

namespace dispatch {

namespace {

/// An assembler that fails again and again on what a session wants is not started once more.
constexpr int most_assemblers_lost = 3;

} // namespace

batch_supply::batch_supply(session_actor::pointer self, const session_options& options, batch_provider source,
                           order_directory_actor orders, std::function<void(const failure&)> on_failure)
  : self_(self),
    options_(options),
    source_(std::move(source)),
    orders_(std::move(orders)),
    on_failure_(std::move(on_failure)) {}

void batch_supply::begin(session_plan_ptr plan, std::unique_ptr<policy::session_pass> pass) {
  plan_ = std::move(plan);
  pass_ = std::move(pass);
}

// -- questions --------------------------------------------------------------------------------------------------------

void batch_supply::request_missing() {
  if (is_over_)
    return;
  wanted_batches wanted;
  while (auto next = pass_->ask(now()))
    wanted.push_back(std::move(*next));
  ask(wanted);
}

void batch_supply::ask(const wanted_batches& wanted) {
  wanted_batches rows;
  std::int32_t first = 0;
  std::int32_t count = 0;
  for (const auto& each : wanted) {
    if (!each.block) {
      rows.push_back(each);
    } else if (count > 0 && *each.block == first + count) {
      ++count;
    } else {
      ask_blocks(first, count);
      first = *each.block;
      count = 1;
    }
  }
  ask_blocks(first, count);
  ask_rows(rows);
}

void batch_supply::ask_blocks(std::int32_t first, std::int32_t count) {
  if (count == 0)
    return;
  const batch_key key{plan_->dataset(), plan_->asked_block, first, plan_->fingerprint};
  self_->send(source_, want_batches{batch_taker_actor{session_actor{self_}}, key, count, until(), true});
}

void batch_supply::ask_rows(const wanted_batches& wanted) {
  if (wanted.empty())
    return;
  if (assembler_ == nullptr)
    return look_for_assembler();
  want_rows request{rows_taker_actor{session_actor{self_}}, {}, until()};
  for (const auto& each : wanted)
    if (!each.block)
      request.batches.push_back({each.ticket, each.epoch, each.positions});
  if (!request.batches.empty())
    self_->send(assembler_, std::move(request));
}

void batch_supply::look_for_assembler() {
  if (std::exchange(is_looking_, true))
    return;
  const order_key key{plan_->dataset(), plan_->fingerprint, plan_->asked_block, plan_->order};
  self_->request(orders_, caf::infinite, open_order{key, plan_->columns, rows_taker_actor{session_actor{self_}}})
    .then(
      [this](const opened_order& opened) {
        is_looking_ = false;
        assembler_ = opened.assembler;
        self_->monitor(assembler_);
        if (!is_over_)
          ask_rows(pass_->ask_again(now()));
      },
      [this](const caf::error& reason) { on_failure_(to_failure(reason)); });
}

void batch_supply::down(const caf::actor_addr& who) {
  if (is_over_ || assembler_ == nullptr || assembler_.address() != who)
    return;
  assembler_ = nullptr;
  if (++assemblers_lost_ > most_assemblers_lost)
    on_failure_({status_code::internal, "the dispatcher failed on this order"});
  else
    look_for_assembler();
}

// -- answers ----------------------------------------------------------------------------------------------------------

void batch_supply::take(const batches_arrived& arrived) {
  for (const auto& block : arrived.batches) {
    const auto misfit =
      plan_->counts_samples() ? block_misfit(plan_->columns, plan_->order, *block->received()) : std::nullopt;
    if (misfit)
      pass_->block_failed(block->index(), {status_code::failed_precondition, *misfit});
    else
      pass_->block_arrived(block);
  }
}

void batch_supply::take(const rows_arrived& arrived) {
  assemblers_lost_ = 0;
  for (const auto& each : arrived.batches)
    pass_->rows_arrived(each.ticket, each.rows);
}

// UNAVAILABLE means that the source's deadline is over. For a batch that this client has no use for yet, because it is
// still busy with those before, that is too early.

void batch_supply::take(const batch_failed& failed) {
  if (failed.reason.code != status_code::unavailable || pass_->is_next_block(failed.index))
    pass_->block_failed(failed.index, failed.reason);
  else if (!is_over_ && pass_->ask_block_again(failed.index, now()))
    ask_blocks(failed.index, 1);
}

void batch_supply::take(const rows_failed& failed) {
  if (failed.reason.code != status_code::unavailable || pass_->is_next(failed.ticket))
    pass_->rows_failed(failed.ticket, failed.reason);
  else if (const auto again = is_over_ ? std::nullopt : pass_->ask_again(failed.ticket, now()))
    ask_rows({*again});
}

std::chrono::steady_clock::time_point batch_supply::now() const {
  return run_time(options_.ran, self_->clock().now());
}

deadline batch_supply::until() const {
  return deadline_of(now(), options_.give_up_after);
}

} // namespace dispatch
