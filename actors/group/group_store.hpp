#pragma once

#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "actors/policy/backoff.hpp"
#include "messages/event_log.hpp"
#include "messages/group_store.hpp"
#include "messages/store_backend.hpp"

namespace dispatch {

/// See `group_store_actor`. It blocks while its backend does, so it has a thread of its own. The rules of a group are
/// `policy::group_ledger`.
///
/// Each request becomes a job. The first one also makes the store send itself `run_store_jobs`, which stands behind all
/// that waits in its mailbox by then: so one transaction has the jobs of all of it. Where the transaction fails, each
/// job is answered with UNAVAILABLE. A transaction without jobs shows whether the backend is there: at the start, and
/// while it is away.
class group_store_state {
public:
  static inline const char* name = "group_store";

  group_store_state(group_store_actor::pointer self, store_backend_ptr backend, event_log_ptr log);

  group_store_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;

  /// A request, to be carried out within a transaction.
  struct job {
    /// Of the group or position: transactions change them in this order, so that none waits for another in a circle.
    std::string key;
    std::function<void()> run;
    std::function<void()> answer;
    std::function<void(const caf::error&)> fail;
  };

  /// Adds a job that answers with what `work` returns. A `failure` that it throws is answered as an error, and the
  /// transaction goes on.
  template <class Answer, class Work>
  caf::result<Answer> later(std::string key, Work work);

  // Within a transaction:

  opened_group open(const open_group& request);
  group_synced sync(const group_sync& said);
  group_list list();
  group_view show(const std::string& group);
  group_progress seek(const seek_group& request);
  void remove(const std::string& group);
  group_progress park(const park_batch& request);
  taken_position take(const take_position& request);
  void keep(const keep_position& request);
  kept_group load(const std::string& group);

  void run_jobs();
  /// Carries out all jobs in one transaction. @throws store_error
  void transact(const std::vector<job>& jobs);
  void on_away(const std::string& why);
  void on_back();

  group_store_actor::pointer self_;
  store_backend_ptr backend_;
  event_log_ptr log_;
  std::vector<job> jobs_;
  /// Whether the transaction has something that must outlive a crash of the store.
  bool is_durable_ = false;
  policy::backoff pause_;
  std::minstd_rand random_{std::random_device{}()};
  /// Whether a transaction has gone well since the start.
  bool has_been_there_ = false;
  /// Until when the store is not tried again, and why.
  clock::time_point away_until_{};
  std::string away_because_;
  clock::time_point away_since_{};
  clock::time_point started_at_;
};

using group_store_impl = group_store_actor::stateful_impl<group_store_state>;

} // namespace dispatch
