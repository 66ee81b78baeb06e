#include "actors/known_datasets.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/end_of_wait.hpp"

namespace dispatch {

known_datasets::known_datasets(batch_cache_actor::pointer self, options opts, fetcher_pool_actor pool,
                               event_log_ptr log, std::function<void(const news&)> on_news,
                               std::function<void(const std::string&, const failure&)> on_refused)
  : self_(self),
    options_(std::move(opts)),
    pool_(std::move(pool)),
    log_(std::move(log)),
    on_news_(std::move(on_news)),
    on_refused_(std::move(on_refused)) {}

caf::result<dataset_description> known_datasets::describe(const describe_dataset& request, caf::actor_id owner) {
  auto& about = datasets_[request.dataset];
  auto given = self_->make_response_promise<dataset_description>();
  const auto due = about.known ? std::min(request.until, now() + options_.description_timeout) : request.until;
  waiting_.join(request.dataset, owner, due, given);
  if (about.is_asked)
    // What it waits for may be an upstream that is there again.
    self_->send(pool_, hasten_restarts{});
  else
    ask(request.dataset, about);
  return given;
}

void known_datasets::give_known() {
  for (const auto& [dataset, about] : datasets_)
    if (about.known)
      answer(dataset, about, no_deadline);
}

dataset_description known_datasets::description_of(const std::string& dataset) const {
  const auto found = datasets_.find(dataset);
  auto result = found != datasets_.end() ? found->second.known.value_or(dataset_description{}) : dataset_description{};
  result.dataset = dataset;
  return result;
}

void known_datasets::ask(const std::string& dataset, record& about) {
  about.is_asked = true;
  // Where something is known, no request waits for the pool until its deadline.
  const auto until = about.known ? no_deadline : waiting_.first_due(dataset);
  self_->request(pool_, caf::infinite, describe_dataset{dataset, until})
    .then(
      [this, dataset](const described_dataset& said) {
        datasets_[dataset].is_asked = false;
        learn(dataset, said);
      },
      [this, dataset](const caf::error& reason) { on_not_described(dataset, reason); });
}

void known_datasets::learn(const std::string& dataset, const described_dataset& said) {
  auto& about = datasets_[dataset];
  const auto is_other = about.known && *about.known != said.description;
  const auto has_changed = is_other || about.fingerprints != said.fingerprints;
  if (is_other)
    log_->write(severity::warning, "dataset_changed",
                {{"dataset", dataset},
                 {"samples_before", about.known->total_samples},
                 {"samples", said.description.total_samples}});
  about.known = said.description;
  about.fingerprints = said.fingerprints;
  on_news_({dataset, said.description, said.fingerprints, is_other, has_changed});
  answer(dataset, about, no_deadline);
}

void known_datasets::on_not_described(const std::string& dataset, const caf::error& reason) {
  auto& about = datasets_[dataset];
  about.is_asked = false;
  // Requests are answered with a `failure`, also where the pool is gone and CAF says so.
  const auto error = make_error(to_failure(reason));
  on_refused_(dataset, to_failure(reason));
  for (auto& waiter : waiting_.take_due(dataset, due_after(reason, waiting_.first_due(dataset), now())))
    waiter.deliver(error);
  if (waiting_.anyone_for(dataset))
    ask(dataset, about);
}

void known_datasets::answer(const std::string& dataset, const record& about, deadline now) {
  for (auto& waiter : waiting_.take_due(dataset, now))
    waiter.deliver(*about.known);
}

void known_datasets::on_tick() {
  for (const auto& [dataset, about] : datasets_)
    if (about.known)
      answer(dataset, about, now());
}

deadline known_datasets::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
