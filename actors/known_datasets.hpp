#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/policy/waiting_list.hpp"
#include "messages/batch_cache.hpp"
#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/run_clock.hpp"

namespace dispatch {

/// The part of the batch cache that knows how datasets are described. A request has the pool asked, once for all that
/// wait at a time. What the pool said before is given as soon as no upstream can be reached, and after a while where
/// none says anything newer.
class known_datasets {
public:
  struct options {
    /// After which time a request gets what was known of a dataset, when no dataset service says anything newer: enough
    /// to find out that there is one again.
    std::chrono::milliseconds description_timeout{2000};
    /// Deadlines are kept in time that was run; null: all was.
    run_clock_ptr ran = nullptr;
  };

  /// What an upstream has said anew.
  struct news {
    std::string dataset;
    dataset_description description;
    /// Those that upstreams have.
    std::vector<fingerprint> fingerprints;
    /// Whether the description is another than before.
    bool is_other = false;
    /// Whether it or the fingerprints are.
    bool has_changed = false;
  };

  /// @param on_news called with each answer of the pool, once it is what is known
  /// @param on_refused called with the dataset and the reason where the answer is a failure
  known_datasets(batch_cache_actor::pointer self, options opts, fetcher_pool_actor pool, event_log_ptr log,
                 std::function<void(const news&)> on_news,
                 std::function<void(const std::string&, const failure&)> on_refused);

  /// Answers when an upstream has, or with what is known.
  /// @param owner the requester; 0: unknown
  caf::result<dataset_description> describe(const describe_dataset& request, caf::actor_id owner);

  /// The pool has said this of a dataset, in answer to whatever question.
  void learn(const std::string& dataset, const described_dataset& said);

  /// What is known of a dataset; empty but for its name where that is nothing.
  dataset_description description_of(const std::string& dataset) const;

  /// No upstream can say anything now: requests get what is known.
  void give_known();

  /// A requester waits no more.
  void leave(caf::actor_id owner) { waiting_.leave(owner); }

  /// Answers requests that are due.
  void on_tick();

private:
  using promise = caf::typed_response_promise<dataset_description>;

  struct record {
    std::optional<dataset_description> known;
    std::vector<fingerprint> fingerprints;
    /// Whether the pool is being asked.
    bool is_asked = false;
  };

  void ask(const std::string& dataset, record& about);
  void on_not_described(const std::string& dataset, const caf::error& reason);
  /// Gives what is known to the requests that are due by `now`.
  void answer(const std::string& dataset, const record& about, deadline now);
  deadline now() const;

  batch_cache_actor::pointer self_;
  options options_;
  fetcher_pool_actor pool_;
  event_log_ptr log_;
  std::function<void(const news&)> on_news_;
  std::function<void(const std::string&, const failure&)> on_refused_;
  std::map<std::string, record> datasets_;
  policy::waiting_list<std::string, promise> waiting_;
};

} // namespace dispatch
