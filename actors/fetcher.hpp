#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <variant>

#include "actors/policy/failure_streak.hpp"
#include "messages/batch_source.hpp"
#include "messages/fetcher.hpp"

namespace dispatch {

struct fetcher_options {
  /// The deadline of each call to the upstream.
  std::chrono::milliseconds call_timeout{10000};
  /// So many different batches failing in a row end the fetcher.
  std::size_t max_failures_in_a_row = 3;
};

/// See `fetcher_actor`. A failed call is a value, a failed upstream a crash: the fetcher answers each call with how it
/// ended, and quits when its upstream is gone or fails again and again.
class fetcher_state {
public:
  static inline const char* name = "fetcher";

  fetcher_state(fetcher_actor::pointer self, std::unique_ptr<batch_source> source, fetcher_options options);

  fetcher_actor::behavior_type make_behavior();

private:
  using health_call = caf::typed_response_promise<void>;

  struct description_call {
    caf::typed_response_promise<dataset_description> promise;
    describe_dataset request;
  };

  struct batch_call {
    caf::typed_response_promise<frame_ptr> promise;
    batch_key key;
  };

  caf::result<void> start_health_check();
  caf::result<dataset_description> start_description(describe_dataset& request);
  caf::result<frame_ptr> start_fetch(fetch_frame& request);

  void on_health(const health_result& result);
  void on_description(description_result& result);
  void on_batch(batch_result& result);

  /// Takes the call that a result belongs to; nothing where it is not known (any more).
  template <class Call>
  std::optional<Call> take(call_id id);

  /// Answers a call that failed, and quits if that says that the upstream is bad.
  template <class Promise>
  void fail(Promise& promise, const batch_key& key, failure reason);

  fetcher_actor::pointer self_;
  std::unique_ptr<batch_source> source_;
  fetcher_options options_;
  policy::failure_streak<batch_key> streak_;
  std::map<call_id, std::variant<health_call, description_call, batch_call>> calls_;
  call_id next_call_ = 1;
};

using fetcher_impl = fetcher_actor::stateful_impl<fetcher_state>;

} // namespace dispatch
