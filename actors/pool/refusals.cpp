#include "actors/pool/refusals.hpp"

#include <iterator>

#include "actors/fault_of.hpp"

namespace dispatch::pool {

namespace {

std::string text_of(const failure& what) {
  return to_string(what.code) + ": " + what.message;
}

/// An upstream that has the dataset knows better what is wrong with a request than one that lacks the dataset.
bool is_about_request(const failure& what) {
  const auto whose = fault_of_description(what.code);
  return whose == policy::fault::request || whose == policy::fault::no_such_batch;
}

status_code code_of(const std::map<policy::upstream_id, failure>& said, status_code otherwise) {
  for (const auto& [upstream, what] : said)
    if (is_about_request(what))
      return what.code;
  return otherwise;
}

} // namespace

void refusals::note_passed_over(policy::upstream_id upstream, const std::string& dataset, const failure& what) {
  const auto is_new = passed_over_.insert_or_assign({upstream, dataset}, what).second;
  if (is_new)
    pool_.log->write(severity::warning, "dataset_refused",
                     {{"upstream", pool_.upstreams[upstream].address()},
                      {"dataset", dataset},
                      {"code", to_string(what.code)},
                      {"message", what.message}});
}

void refusals::note_given(policy::upstream_id upstream, const std::string& dataset) {
  if (!passed_over_.empty() && passed_over_.erase({upstream, dataset}) > 0)
    pool_.log->write(severity::info, "dataset_given",
                     {{"upstream", pool_.upstreams[upstream].address()}, {"dataset", dataset}});
}

void refusals::forget_upstream(policy::upstream_id upstream) {
  for (auto& [work, said] : of_work_)
    said.erase(upstream);
  for (auto i = passed_over_.begin(); i != passed_over_.end();)
    i = i->first.first == upstream ? passed_over_.erase(i) : std::next(i);
}

failure refusals::answer(policy::ticket work, const std::string& dataset, policy::upstream_id upstream,
                         const failure& last) const {
  const auto found = of_work_.find(work);
  if (pool_.count() == 1 || found == of_work_.end())
    return last;
  auto said = found->second;
  said[upstream] = last;
  return {code_of(said, last.code), said_by_all(said, dataset)};
}

failure refusals::answer(policy::ticket work, const std::string& dataset) const {
  const auto found = of_work_.find(work);
  if (found == of_work_.end() || found->second.empty())
    return {status_code::unavailable, said_by_all({}, dataset)};
  const auto& said = found->second;
  return {code_of(said, said.begin()->second.code), said_by_all(said, dataset)};
}

std::string refusals::said_by(policy::upstream_id upstream, const by_upstream& of_work,
                              const std::string& dataset) const {
  if (const auto found = of_work.find(upstream); found != of_work.end())
    return text_of(found->second);
  if (const auto found = passed_over_.find({upstream, dataset}); found != passed_over_.end())
    return text_of(found->second);
  return pool_.upstreams[upstream].trouble();
}

std::string refusals::said_by_all(const by_upstream& of_work, const std::string& dataset) const {
  std::string result;
  for (policy::upstream_id id = 0; id < pool_.upstreams.size(); ++id)
    if (const auto said = said_by(id, of_work, dataset); !said.empty())
      result += (result.empty() ? "" : "; ") + pool_.upstreams[id].address() + ": " + said;
  return result;
}

} // namespace dispatch::pool
