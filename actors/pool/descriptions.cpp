#include "actors/pool/descriptions.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/policy/slow_description.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch::pool {

failure too_slow(const std::string& dataset) {
  return {status_code::deadline_exceeded, "the dataset service takes long to describe '" + dataset
                                            + "' (GetDatasetInfo); passes begin without that until it has"};
}

const descriptions::record* descriptions::find(policy::upstream_id upstream, const std::string& dataset) const {
  const auto of_dataset = datasets_.find(dataset);
  if (of_dataset == datasets_.end())
    return nullptr;
  const auto found = of_dataset->second.find(upstream);
  return found != of_dataset->second.end() ? &found->second : nullptr;
}

void descriptions::connected_anew(policy::upstream_id upstream) {
  for (auto& [dataset, upstreams] : datasets_)
    if (const auto found = upstreams.find(upstream); found != upstreams.end())
      found->second.fingerprint.reset();
}

void descriptions::forget(policy::upstream_id upstream) {
  for (auto& [dataset, upstreams] : datasets_)
    upstreams.erase(upstream);
}

void descriptions::begin_call(policy::upstream_id upstream, const std::string& dataset) {
  ++datasets_[dataset][upstream].calls_under_way;
}

void descriptions::end_call(policy::upstream_id upstream, const std::string& dataset) {
  --datasets_[dataset][upstream].calls_under_way;
}

described_dataset descriptions::end_call(policy::upstream_id upstream, const std::string& dataset,
                                         policy::fetcher_id by, time_point began, const dataset_description& said) {
  end_call(upstream, dataset);
  auto& known = datasets_[dataset][upstream];
  known.said = said;
  known.said_at = pool_.now();
  known.took = known.said_at - began;
  known.said_by = by;
  known.fingerprint = fingerprint_of(said);
  // A quick answer may be from the fetcher's memory, and does not show that the upstream is quick.
  if (known.took >= policy::slow_description) {
    known.is_slow = true;
    pool_.log->write(severity::info, "description_came",
                     {{"upstream", pool_.upstreams[upstream].address()},
                      {"dataset", dataset},
                      {"seconds", std::chrono::duration<double>(known.took).count()}});
  }
  pool_.scheduler.note_described(upstream, dataset);
  return described(dataset, said);
}

described_dataset descriptions::described(const std::string& dataset, const dataset_description& said) const {
  described_dataset result{said, {}};
  for (const auto& [upstream, known] : datasets_.at(dataset))
    if (known.fingerprint)
      result.fingerprints.push_back(*known.fingerprint);
  return result;
}

// -- descriptions that take long --------------------------------------------------------------------------------------

std::optional<described_dataset> descriptions::known_of_slow(const std::string& dataset) {
  const auto upstreams = datasets_.find(dataset);
  if (upstreams == datasets_.end())
    return std::nullopt;
  for (const auto& [upstream, known] : upstreams->second) {
    if (!known.is_slow || !known.said || slots_.fetcher_of(known.said_by) == nullptr)
      continue;
    ask_again_if_old(upstream, dataset, known);
    return described(dataset, *known.said);
  }
  return std::nullopt;
}

void descriptions::ask_again_if_old(policy::upstream_id upstream, const std::string& dataset, const record& known) {
  const auto good_for = policy::description_good_for<duration>(known.took, pool_.options.fetcher.believed_for);
  if (known.calls_under_way > 0 || pool_.now() - known.said_at < good_for)
    return;
  const auto began = pool_.now();
  const auto end = [this, upstream] { pool_.upstreams[upstream].end_call(false); };
  begin_call(upstream, dataset);
  pool_.upstreams[upstream].begin_call(false, began);
  pool_.self->request(slots_.fetcher_of(known.said_by), caf::infinite, describe_dataset{dataset})
    .then(
      [this, upstream, dataset, by = known.said_by, began, end](const dataset_description& said) {
        end_call(upstream, dataset, by, began, said);
        end();
      },
      [this, upstream, dataset, end](const caf::error&) {
        end_call(upstream, dataset);
        end();
      });
}

bool descriptions::is_slow(policy::upstream_id upstream, const std::string& dataset) const {
  const auto* known = find(upstream, dataset);
  return known != nullptr && known->is_slow;
}

bool descriptions::waits_for_slow(const std::string& dataset) const {
  auto is_asked = false;
  for (policy::upstream_id id = 0; id < pool_.upstreams.size(); ++id) {
    if (pool_.scheduler.live_fetchers(id) == 0 || pool_.scheduler.is_passed_over(id, dataset, pool_.now()))
      continue;
    if (!is_slow(id, dataset))
      return false;
    is_asked = is_asked || find(id, dataset)->calls_under_way > 0;
  }
  return is_asked;
}

void descriptions::note_slow(const std::string& dataset) {
  for (auto& [upstream, known] : datasets_[dataset])
    if (known.calls_under_way > 0 && !std::exchange(known.is_slow, true))
      pool_.log->write(severity::warning, "description_slow",
                       {{"upstream", pool_.upstreams[upstream].address()},
                        {"dataset", dataset},
                        {"message", too_slow(dataset).message}});
}

descriptions::duration descriptions::timeout(const std::string& dataset) const {
  return waits_for_slow(dataset) ? duration{tick_interval} : duration{pool_.options.fetcher.call_timeout};
}

} // namespace dispatch::pool
