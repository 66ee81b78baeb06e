#include "actors/session/session_opening.hpp"

#include <caf/all.hpp>

#include <utility>
#include <variant>

#include "messages/status_code.hpp"
#include "wire/batch_layout.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch {

session_opening::session_opening(session_actor::pointer self, const session_options& options, batch_provider source,
                                 std::function<void(policy::session_plan)> on_plan,
                                 std::function<void(const failure&)> on_refused)
  : self_(self),
    options_(options),
    source_(std::move(source)),
    on_plan_(std::move(on_plan)),
    on_refused_(std::move(on_refused)) {}

void session_opening::begin(hello asked, deadline until) {
  asked_ = std::move(asked);
  auto dataset = policy::dataset_of(asked_, options_.defaults);
  if (const auto* reason = std::get_if<failure>(&dataset))
    return on_refused_(*reason);
  description_.dataset = std::get<std::string>(std::move(dataset));
  ask_for_description(until);
}

void session_opening::ask_for_description(deadline until) {
  self_->request(source_, caf::infinite, describe_dataset{description_.dataset, until})
    .then([this, until](const dataset_description& description) { on_described(description, until); },
          [this, until](const caf::error& reason) { on_not_described(reason, until); });
}

void session_opening::on_described(const dataset_description& description, deadline until) {
  description_ = description;
  ask_for_layout(until);
}

void session_opening::on_not_described(const caf::error& reason, deadline until) {
  const auto what = to_failure(reason);
  // A service that takes long to describe its dataset will have done so. Nothing else says whether its samples can be
  // counted.
  if (what.code == status_code::deadline_exceeded) {
    if (run_time(options_.ran, self_->clock().now()) < until)
      return ask_for_description(until);
    return on_refused_({status_code::unavailable, "the dataset service has not described '" + description_.dataset
                                                    + "' (GetDatasetInfo) within --give-up-after"});
  }
  // As in the classic protocol, a dataset service need not describe its datasets: blocks show what is wrong.
  if (what.code == status_code::unavailable || !is_failure(reason))
    on_refused_(what);
  else
    ask_for_layout(until);
}

void session_opening::ask_for_layout(deadline until) {
  awaits_layout_ = true;
  const batch_key first{description_.dataset, policy::block_of(asked_, options_.defaults), 0,
                        fingerprint_of(description_)};
  self_->send(source_, want_batches{batch_taker_actor{session_actor{self_}}, first, 1, until, true});
}

void session_opening::layout_arrived(const batch& first) {
  awaits_layout_ = false;
  finish({description_, policy::block_of(asked_, options_.defaults), first.data_bytes()});
}

void session_opening::layout_failed(const failure& reason) {
  awaits_layout_ = false;
  on_refused_(reason);
}

void session_opening::finish(const batch_layout& layout) {
  auto plan = policy::plan_session(asked_, options_.defaults, description_, layout);
  if (const auto* reason = std::get_if<failure>(&plan))
    on_refused_(*reason);
  else
    on_plan_(std::get<policy::session_plan>(std::move(plan)));
}

} // namespace dispatch
