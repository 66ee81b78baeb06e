#include "actors/refusals.hpp"

#include "actors/fault_of.hpp"

namespace dispatch {

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
    log_->write(severity::warning, "dataset_refused",
                {{"upstream", addresses_.at(upstream)},
                 {"dataset", dataset},
                 {"code", to_string(what.code)},
                 {"message", what.message}});
}

void refusals::note_given(policy::upstream_id upstream, const std::string& dataset) {
  if (!passed_over_.empty() && passed_over_.erase({upstream, dataset}) > 0)
    log_->write(severity::info, "dataset_given", {{"upstream", addresses_.at(upstream)}, {"dataset", dataset}});
}

failure refusals::answer(policy::ticket work, const std::string& dataset, policy::upstream_id upstream,
                         const failure& last, const std::vector<std::string>& troubles) const {
  const auto found = of_work_.find(work);
  if (addresses_.size() == 1 || found == of_work_.end())
    return last;
  auto said = found->second;
  said[upstream] = last;
  return {code_of(said, last.code), said_by_all(said, dataset, troubles)};
}

failure refusals::answer(policy::ticket work, const std::string& dataset,
                         const std::vector<std::string>& troubles) const {
  const auto found = of_work_.find(work);
  if (found == of_work_.end())
    return {status_code::unavailable, said_by_all({}, dataset, troubles)};
  const auto& said = found->second;
  return {code_of(said, said.begin()->second.code), said_by_all(said, dataset, troubles)};
}

std::string refusals::said_by(policy::upstream_id upstream, const by_upstream& of_work, const std::string& dataset,
                              const std::string& trouble) const {
  if (const auto found = of_work.find(upstream); found != of_work.end())
    return text_of(found->second);
  if (const auto found = passed_over_.find({upstream, dataset}); found != passed_over_.end())
    return text_of(found->second);
  return trouble;
}

std::string refusals::said_by_all(const by_upstream& of_work, const std::string& dataset,
                                  const std::vector<std::string>& troubles) const {
  std::string result;
  for (policy::upstream_id id = 0; id < addresses_.size(); ++id)
    if (const auto said = said_by(id, of_work, dataset, troubles.at(id)); !said.empty())
      result += (result.empty() ? "" : "; ") + addresses_[id] + ": " + said;
  return result;
}

} // namespace dispatch
