#pragma once

#include <map>
#include <string>
#include <utility>

#include "actors/pool/core.hpp"

namespace dispatch::pool {

/// What upstreams said when they refused work or a dataset: for the log, and for the error that names each of them.
class refusals {
public:
  explicit refusals(core& pool) : pool_(pool) {}

  /// An upstream has refused a piece of work.
  void note(policy::ticket work, policy::upstream_id upstream, const failure& what) { of_work_[work][upstream] = what; }

  /// An upstream has refused a dataset, and another one may have it: it is said once.
  void note_passed_over(policy::upstream_id upstream, const std::string& dataset, const failure& what);

  /// An upstream has given a batch of a dataset.
  void note_given(policy::upstream_id upstream, const std::string& dataset);

  /// How work ends whose last call, to `upstream`, failed with `last`: where others have refused it, with what each
  /// said.
  failure answer(policy::ticket work, const std::string& dataset, policy::upstream_id upstream,
                 const failure& last) const;

  /// How work ends that was refused and then waited for another upstream in vain.
  failure answer(policy::ticket work, const std::string& dataset) const;

  /// Another upstream has taken its place.
  void forget_upstream(policy::upstream_id upstream);

  /// The work is done with.
  void forget(policy::ticket work) { of_work_.erase(work); }

private:
  using by_upstream = std::map<policy::upstream_id, failure>;

  /// What an upstream said, of the work or else of its dataset; or what is wrong with it; or nothing.
  std::string said_by(policy::upstream_id upstream, const by_upstream& of_work, const std::string& dataset) const;
  std::string said_by_all(const by_upstream& of_work, const std::string& dataset) const;

  core& pool_;
  std::map<policy::ticket, by_upstream> of_work_;
  std::map<std::pair<policy::upstream_id, std::string>, failure> passed_over_;
};

} // namespace dispatch::pool
