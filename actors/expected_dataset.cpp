#include "actors/expected_dataset.hpp"

#include <caf/all.hpp>

#include <utility>

#include "actors/fault_of.hpp"

namespace dispatch {

namespace {

/// How long the pool has for an answer. Longer than it waits for an upstream that is away when another one refuses.
constexpr std::chrono::seconds answer_timeout{15};

std::string joined(const std::vector<std::string>& texts) {
  std::string result;
  for (const auto& each : texts)
    result += (result.empty() ? "" : ",") + each;
  return result;
}

} // namespace

expected_dataset::expected_dataset(batch_cache_actor::pointer self, options opts, fetcher_pool_actor pool,
                                   event_log_ptr log, std::function<void(const described_dataset&)> on_described)
  : self_(self),
    options_(std::move(opts)),
    pool_(std::move(pool)),
    log_(std::move(log)),
    on_described_(std::move(on_described)),
    question_(options_.asks_anew) {}

void expected_dataset::connected() {
  if (options_.dataset.empty())
    return;
  question_.connected(now());
  on_tick();
}

void expected_dataset::on_tick() {
  if (question_.ask(now()))
    ask();
}

void expected_dataset::ask() {
  self_->request(pool_, caf::infinite, describe_dataset{options_.dataset, now() + answer_timeout})
    .then(
      [this](const described_dataset& said) {
        question_.ended(now());
        on_described_(said);
      },
      [this](const caf::error& reason) {
        question_.ended(now());
        not_described(options_.dataset, to_failure(reason));
      });
}

void expected_dataset::given(const std::string& dataset) {
  if (dataset == options_.dataset && question_.known())
    log_->write(severity::info, "dataset_found", {{"dataset", dataset}});
}

void expected_dataset::not_described(const std::string& dataset, const failure& reason) {
  if (dataset != options_.dataset)
    return;
  if (reason.code == status_code::not_found)
    note_unknown(reason);
  else if (policy::is_refusal(fault_of_description(reason.code)))
    // It describes none at all, or says nothing of the name.
    given(dataset);
}

void expected_dataset::note_unknown(const failure& reason) {
  if (question_.unknown(reason.message, now()))
    log_->write(severity::warning, "dataset_unknown",
                {{"dataset", options_.dataset}, {"upstream", joined(options_.upstreams)}, {"message", reason.message}});
}

std::string expected_dataset::trouble() const {
  if (!question_.said())
    return {};
  // What several have said names each of them.
  const auto where = options_.upstreams.size() == 1 ? " at " + options_.upstreams.front() : std::string{};
  return "dataset '" + options_.dataset + "' is not known" + where + ": " + *question_.said();
}

deadline expected_dataset::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
