#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "actors/pool/connections.hpp"
#include "actors/pool/core.hpp"
#include "actors/pool/descriptions.hpp"
#include "actors/pool/fetcher_slots.hpp"
#include "actors/pool/refusals.hpp"
#include "actors/pool/requests.hpp"
#include "actors/pool/streams.hpp"

namespace dispatch::pool {

/// Makes the calls for what the pool was asked for. The life of a call, in the order of the functions: work is given to
/// a fetcher (`assign`); the fetcher answers (`on_batch`, `on_description`, `on_failure`); the request is answered, or
/// the call is made again.
class calls {
public:
  calls(core& pool, requests& asked, fetcher_slots& slots, connections& open, descriptions& described, streams& opened,
        refusals& refused)
    : pool_(pool),
      requests_(asked),
      slots_(slots),
      connections_(open),
      descriptions_(described),
      streams_(opened),
      refusals_(refused) {}

  /// Gives out work for as long as there is work and room.
  void assign();

  /// A fetcher is gone, and with it the calls that it had: they are made again by others.
  void on_departure(const fetcher_slots::departure& gone);

  /// A stream has ended; without a reason it has ended well.
  void on_stream_end(const streams::purpose& of, const caf::error& reason);

  /// Answers requests that have waited for too long.
  void on_tick();

  /// Finds stragglers and has their work hedged (`policy::straggler_rule`).
  void find_stragglers();

private:
  using time_point = std::chrono::steady_clock::time_point;

  /// A piece of work that a fetcher was given.
  struct call {
    policy::ticket work;
    policy::fetcher_id fetcher;
    policy::upstream_id upstream;
    time_point began;
    /// How much time was not run until it began.
    std::chrono::steady_clock::duration lost;
    bool is_for_batch;
    std::string dataset;
  };

  void begin(const policy::call_scheduler::assignment& next);
  void send(const call& begun, requests::description& request);
  void send(const call& begun, requests::batch_request& request);

  void on_batch(const call& ended, const batch_ptr& got);
  void on_description(const call& ended, const dataset_description& said);
  void on_failure(const call& ended, const caf::error& reason);

  /// Whether a batch came that is to be asked for once more before it is believed.
  bool is_doubtful(const call& ended, const batch_ptr& got);
  /// The upstream's dataset has another fingerprint than the one that is wanted, and it was not called.
  void on_other_fingerprint(const call& ended);
  void on_not_described(const call& ended);
  /// A call has brought what it was for.
  template <class Kind, class Value>
  void succeed(const call& ended, const Value& value);
  /// Whose fault a failed call is, as far as can be told from its code and its connection.
  policy::fault fault_of_call(const call& ended, status_code code) const;
  /// Takes note of how an upstream failed a call.
  void note_failure(const call& ended, policy::fault whose, const failure& what);
  void note_dataset_refused(policy::upstream_id upstream, const std::string& dataset, const failure& what);
  /// Has the scheduler decide about a call that failed.
  void try_again_or_answer(const call& ended, policy::fault whose, const failure& what);
  /// The upstream is done with a call.
  void end(const call& ended);

  void answer_expired();
  void answer_without_slow();
  void answer_refused();

  core& pool_;
  requests& requests_;
  fetcher_slots& slots_;
  connections& connections_;
  descriptions& descriptions_;
  streams& streams_;
  refusals& refusals_;
};

} // namespace dispatch::pool
