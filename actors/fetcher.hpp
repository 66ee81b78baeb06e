#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "actors/policy/failure_streak.hpp"
#include "messages/batch_source.hpp"
#include "messages/fetcher.hpp"

namespace dispatch {

struct fetcher_options {
  /// The deadline of each call to the upstream.
  std::chrono::milliseconds call_timeout{10000};
  /// So many different batches failing in a row end the fetcher.
  std::size_t max_failures_in_a_row = 3;
  /// How long a description is good without asking again, as long as the connection is there: passes that start
  /// together ask together.
  std::chrono::milliseconds believed_for{1000};
  /// How long a probe may take. At least as long as it takes the source to find out that the connection is lost.
  std::chrono::milliseconds probe_timeout{10000};
  /// How often a fetcher that has nothing to do looks whether its connection is there.
  std::chrono::milliseconds check_interval{1000};
  /// The deadline of a call for a description. Passes wait for less, and later ones use an answer that comes late.
  std::chrono::milliseconds description_timeout{120000};
};

/// See `fetcher_actor`. A failed call is a value, a failed upstream a crash: the fetcher answers each call with how it
/// ended, and quits when its upstream is gone or fails again and again. A connection that ends while no call fails of
/// it is no failure: the fetcher says so, and lets the calls under way end. A batch of a dataset with a known
/// fingerprint is only asked for where the connection is known to lead to such a dataset.
class fetcher_state {
public:
  static inline const char* name = "fetcher";

  fetcher_state(fetcher_actor::pointer self, batch_source_ptr source, fetcher_options options);

  fetcher_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;
  using health_promise = caf::typed_response_promise<std::string>;
  using description_promise = caf::typed_response_promise<dataset_description>;

  struct health_call {
    health_promise promise;
    /// A batch that is asked for next, to see whether there is a GetBatch.
    std::optional<batch_key> doubted;
  };

  /// Whether there is a GetBatch.
  struct doubt_call {
    health_promise promise;
    /// The address that has answered the health check.
    std::string peer;
  };

  struct description_call {
    std::string dataset;
  };

  struct batch_call {
    caf::typed_response_promise<batch_ptr> promise;
    batch_key key;
    batch_layout layout;
  };

  struct sharing {
    caf::typed_response_promise<batch_source_ptr> promise;
    share_connection wanted;
  };

  /// What waits for a description: requests for it, and what has to be of its fingerprint.
  struct dataset_record {
    std::optional<dataset_description> known;
    /// Of what is known; unknown where the upstream does not describe its datasets.
    dispatch::fingerprint fingerprint{};
    /// When the upstream last answered, in whatever way, and how long it took.
    std::optional<clock::time_point> answered_at;
    clock::duration took{};
    /// Since when a call is under way.
    std::optional<clock::time_point> asked_at;
    std::vector<description_promise> waiters;
    std::vector<std::variant<batch_call, sharing>> dependants;
  };

  caf::result<std::string> start_health_check(const std::optional<batch_key>& doubted,
                                              std::chrono::milliseconds deadline);
  caf::result<void> on_await_end();
  caf::result<dataset_description> start_description(const describe_dataset& request);
  caf::result<batch_ptr> start_fetch(fetch_batch& request);
  caf::result<batch_source_ptr> on_share(share_connection& request);
  void ask_for_description(const std::string& dataset, dataset_record& record);
  /// Starts what is to be of a fingerprint once the upstream's is known.
  template <class Dependant>
  void start_when_described(const std::string& dataset, dispatch::fingerprint wanted, Dependant waiting);
  void start_dependants(dataset_record& record);
  void fail_dependants(dataset_record& record, const caf::error& reason);
  /// Gives back what waits for a description which takes long. Another fetcher may have it.
  void give_back_waiting(const std::string& dataset);
  /// Asks for a batch where the connection leads to its dataset, as far as is known.
  void start(batch_call call);
  void start(sharing call);
  /// Whether the upstream has just said what a dataset is.
  bool is_fresh(const dataset_record& record);

  /// Takes how a call has ended.
  template <class Result>
  void settle(Result& result, void (fetcher_state::*on_end)(Result&));
  void on_health(health_result& result);
  void on_description(description_result& result);
  void on_batch(batch_result& result);
  void on_doubt(doubt_call& call, const batch_result& result);

  /// The description of a dataset that was asked for cannot be had.
  void on_no_description(dataset_record& record, const std::string& dataset, const failure& reason);

  /// Takes the call that a result belongs to; nothing where it is not known (any more).
  template <class Call>
  std::optional<Call> take(call_id id);

  void note_success();
  /// Quits where the connection is lost that a call was made over, and remembers the failure where that is not known
  /// yet.
  void note_gone(const failure& reason);
  /// Takes note of a failure, and quits if that says that the upstream is bad.
  void note(const batch_key& key, const failure& reason);

  /// Leaves where the connection was there and has ended.
  void check_connection();
  /// Says that the connection has ended, and lets the calls under way go on; where it has failed a call, it quits.
  void leave();
  void quit_if_left();

  clock::time_point now() const;

  fetcher_actor::pointer self_;
  batch_source_ptr source_;
  fetcher_options options_;
  policy::failure_streak<batch_key> streak_;
  std::map<call_id, std::variant<health_call, doubt_call, description_call, batch_call>> calls_;
  std::map<std::string, dataset_record> datasets_;
  call_id next_call_ = 1;
  bool was_connected_ = false;
  /// How the last call ended, where that was without an answer. gRPC says so a little before it says that the
  /// connection is lost.
  std::optional<failure> unanswered_;
  /// Whether it waits for the calls under way to end, and begins none.
  bool leaving_ = false;
  std::vector<caf::typed_response_promise<void>> end_waiters_;
  clock::time_point started_at_;
};

using fetcher_impl = fetcher_actor::stateful_impl<fetcher_state>;

} // namespace dispatch
