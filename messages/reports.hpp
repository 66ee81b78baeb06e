#pragma once

#include <caf/timespan.hpp>
#include <caf/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "messages/status_code.hpp"
#include "messages/type_ids.hpp"

/// @file
/// What the parts of a running service say of themselves, for people and programs that watch it.

namespace dispatch {

/// Asks an actor for its row.
struct get_actor_report {};

/// One row of the actor tree.
struct actor_report {
  std::uint64_t id = 0;
  /// The id of the actor that spawned it; 0: the service.
  std::uint64_t parent = 0;
  std::string name;
  /// Whom it works for: a client's id, a fetcher's upstream; empty where there is only one.
  std::string label;
  /// One word, such as `serving` or `waiting`; `no_answer` where it did not answer in time.
  std::string state;
  /// Messages that wait for it; nothing where it did not say.
  std::optional<std::uint64_t> mailbox;
  caf::timespan age{};
};

/// The row of an actor that answers for itself; the actor that started it knows its parent and its label.
template <class Self>
actor_report row_of(Self* self, std::string name, std::string state, std::chrono::steady_clock::time_point started_at) {
  return {self->id(),
          0,
          std::move(name),
          {},
          std::move(state),
          self->mailbox().size(),
          std::chrono::duration_cast<caf::timespan>(self->clock().now() - started_at)};
}

/// For whom a consumer has waited. Every moment of a pass counts for one of them at most.
struct waiting_times {
  caf::timespan upstream{};
  caf::timespan encoding{};
  /// Frames were there, and its socket took no more.
  caf::timespan socket{};
};

/// The same as shares of the last ten seconds or so, the newest counting most; their sum is at most 1.
struct waiting_shares {
  double upstream = 0;
  double encoding = 0;
  double socket = 0;
};

/// What a consumer has waited for most, lately.
enum class bottleneck : std::uint8_t { none, upstream, encoding, socket };

/// `none`, `upstream`, `encoding` or `socket`.
std::string to_string(bottleneck what);

/// What a consumer may have asked for, and has.
struct window_report {
  /// How many batches may be requested or unsent.
  std::uint32_t size = 0;
  std::uint32_t requested = 0;
  std::uint32_t unsent = 0;
};

/// What a session has chosen, and where it is.
struct session_report {
  /// What its client calls itself; empty: nothing.
  std::string name;
  /// Nothing: the dataset's own order.
  std::optional<std::uint64_t> seed;
  std::uint64_t epoch = 0;
  /// The first epoch that it is not given; nothing: it never ends.
  std::optional<std::uint64_t> end_epoch;
  /// Where its next step begins, in samples; in blocks where samples are not counted.
  std::int64_t position = 0;
  /// Of an epoch; nothing where they are not counted.
  std::optional<std::int64_t> samples;
  std::int64_t shard_index = 0;
  std::int64_t shard_count = 1;
};

/// One consumer.
struct client_report {
  actor_report actor;
  actor_report connection;
  std::string client_id;
  std::string peer;
  caf::timestamp connected_at{};
  /// As in a `listed_client`.
  std::optional<std::uint64_t> passes_of_host{};
  std::string dataset;
  std::int32_t batch_size = 0;
  /// Nothing: it speaks the classic protocol, or has not begun.
  std::optional<session_report> session;
  /// Of the next batch to leave.
  std::int32_t batch_index = 0;
  std::optional<std::int32_t> batches_total;
  /// Left for the kernel.
  std::uint64_t batches = 0;
  std::uint64_t bytes = 0;
  /// Of the last seconds.
  double batches_per_second = 0;
  double bytes_per_second = 0;
  /// Until the pass ends, at the present rate.
  std::optional<caf::timespan> remaining;
  window_report window;
  waiting_times waited;
  waiting_shares waited_lately;
  bottleneck slowest = bottleneck::none;
  /// How long its socket has taken nothing although batches wait for it.
  caf::timespan stalled_for{};
};

/// One place for a fetcher.
struct fetcher_report {
  /// Nothing while there is none.
  std::optional<actor_report> actor;
  /// `up`, `starting` or `paused`.
  std::string state;
  caf::timespan up_for{};
  std::uint32_t calls_in_flight = 0;
  /// Ended well, since the start of the service.
  std::uint64_t calls = 0;
  std::uint64_t restarts = 0;
  /// Where it is paused.
  std::optional<caf::timespan> next_attempt_in;
  std::string last_failure;
};

/// How often there was a status.
struct code_count {
  status_code code = status_code::unknown;
  std::uint64_t count = 0;
};

/// One upstream.
struct upstream_report {
  std::string address;
  /// What it is configured as: the address, or the name that it is an address of. Metrics have this one, since there
  /// may be any number of addresses over the weeks.
  std::string name;
  /// Whether any of its fetchers is.
  bool up = false;
  std::uint64_t calls = 0;
  std::uint32_t calls_in_flight = 0;
  /// How many calls it gets at a time now.
  std::uint32_t limit = 0;
  /// What it has brought since the start of the service, by calls and streams.
  std::uint64_t batches = 0;
  /// The same of the last seconds.
  double batches_per_second = 0;
  /// Nothing: it has brought none yet.
  std::optional<caf::timespan> last_batch_ago;
  /// Of its latest calls for batches.
  std::optional<caf::timespan> latency_p50;
  std::optional<caf::timespan> latency_p99;
  std::vector<code_count> failures;
  /// Empty: none yet.
  std::string last_failure;
  caf::timestamp last_failure_at{};
  /// Since the start of the service.
  std::uint64_t outages = 0;
  std::uint64_t restarts = 0;
  std::vector<fetcher_report> fetchers;
};

/// One outage of an upstream: from its loss until its first answer after that.
struct outage_report {
  /// The upstream's address.
  std::string upstream;
  caf::timestamp began_at{};
  /// Nothing while it goes on.
  std::optional<caf::timestamp> ended_at;
  caf::timespan length{};
  /// Connections that were tried meanwhile.
  std::uint64_t attempts = 0;
  /// The most consumers that were held up at one time meanwhile.
  std::uint64_t clients_held_up = 0;
  /// What was wrong when it began.
  std::string reason;
};

/// How many of its calls have failed, with whatever code.
std::uint64_t failed_calls(const upstream_report& upstream);

/// How many of its fetchers are up.
std::uint32_t live_fetchers(const upstream_report& upstream);

/// The last failure of each upstream that is not up, as `address: failure`.
std::vector<std::string> failures_of_those_down(const std::vector<upstream_report>& upstreams);

/// The batch cache; the counts are since the start of the service.
struct cache_report {
  bool up = false;
  std::uint64_t batches = 0;
  std::uint64_t bytes = 0;
  std::uint64_t capacity_bytes = 0;
  std::uint64_t hits = 0;
  std::uint64_t joins = 0;
  std::uint64_t misses = 0;
  std::uint64_t streamed = 0;
  std::uint64_t evictions = 0;
  std::uint64_t evicted_bytes = 0;
  /// Why the dataset that consumers get cannot be had: no upstream knows it. Empty: nothing says so.
  std::string unknown_dataset{};
};

/// What all consumers got since the start, and get now.
struct totals_report {
  std::uint64_t batches = 0;
  std::uint64_t bytes = 0;
  double batches_per_second = 0;
  double bytes_per_second = 0;
  std::uint64_t streams_complete = 0;
  /// Ended by an error frame.
  std::uint64_t streams_failed = 0;
  std::uint64_t streams_lost = 0;
};

} // namespace dispatch
