#include "actors/pool/requests.hpp"

#include <caf/all.hpp>

namespace dispatch::pool {

caf::result<described_dataset> requests::add(describe_dataset& wanted) {
  const auto work = pool_.scheduler.add(wanted.until, false, wanted.dataset);
  auto promise = pool_.self->make_response_promise<described_dataset>();
  requests_.emplace(work, description{promise, std::move(wanted)});
  return promise;
}

caf::result<batch_ptr> requests::add(fetch_batch& wanted) {
  const auto work = pool_.scheduler.add(wanted.until, true, wanted.key.dataset);
  auto promise = pool_.self->make_response_promise<batch_ptr>();
  by_batch_.emplace(wanted.key, work);
  requests_.emplace(work, batch_request{promise, std::move(wanted)});
  return promise;
}

requests::request* requests::find(policy::ticket work) {
  const auto found = requests_.find(work);
  return found != requests_.end() ? &found->second : nullptr;
}

std::string requests::dataset_of(policy::ticket work) const {
  const auto found = requests_.find(work);
  if (found == requests_.end())
    return {};
  if (const auto* batch = std::get_if<batch_request>(&found->second))
    return batch->wanted.key.dataset;
  return std::get<description>(found->second).wanted.dataset;
}

std::optional<requests::request> requests::take(policy::ticket work) {
  refusals_.forget(work);
  auto taken = requests_.extract(work);
  if (taken.empty())
    return std::nullopt;
  if (const auto* batch = std::get_if<batch_request>(&taken.mapped()))
    by_batch_.erase({batch->wanted.key, work});
  return std::move(taken.mapped());
}

void requests::fail(policy::ticket work, const failure& reason) {
  if (auto ended = take(work))
    std::visit([&](auto& each) { each.promise.deliver(make_error(reason)); }, *ended);
}

void requests::withdraw(const batch_key& key) {
  std::vector<policy::ticket> waiting;
  for (auto i = by_batch_.lower_bound({key, 0}); i != by_batch_.end() && i->first == key; ++i)
    if (pool_.scheduler.withdraw(i->second))
      waiting.push_back(i->second);
  for (const auto work : waiting)
    fail(work, {status_code::cancelled, "no consumer waits for it any more"});
}

std::vector<policy::ticket>
requests::descriptions_since(const std::function<time_point(const std::string&)>& limit_of) const {
  std::vector<policy::ticket> result;
  for (const auto& [work, each] : requests_)
    if (const auto* asked = std::get_if<description>(&each);
        asked != nullptr && asked->asked_at && *asked->asked_at <= limit_of(asked->wanted.dataset))
      result.push_back(work);
  return result;
}

} // namespace dispatch::pool
