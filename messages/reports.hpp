#pragma once

#include <caf/default_enum_inspect.hpp>
#include <caf/timespan.hpp>
#include <caf/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "messages/status_code.hpp"
#include "messages/type_ids.hpp"

/// @file
/// What the parts of a running service say of themselves, for people and programs that watch it.

namespace dispatch {

/// Asks an actor for its row.
struct get_actor_report {};

template <class Inspector>
bool inspect(Inspector& f, get_actor_report& x) {
  return f.object(x).fields();
}

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

template <class Inspector>
bool inspect(Inspector& f, actor_report& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("parent", x.parent), f.field("name", x.name),
                            f.field("label", x.label), f.field("state", x.state), f.field("mailbox", x.mailbox),
                            f.field("age", x.age));
}

/// The row of an actor that answers for itself; who started it knows its parent and its label.
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

/// For whom a consumer has waited. Every moment of a stream counts for one of them at most.
struct waiting_times {
  caf::timespan upstream{};
  caf::timespan encoding{};
  /// Frames were there, and its socket took no more.
  caf::timespan socket{};
};

template <class Inspector>
bool inspect(Inspector& f, waiting_times& x) {
  return f.object(x).fields(f.field("upstream", x.upstream), f.field("encoding", x.encoding),
                            f.field("socket", x.socket));
}

/// The same as shares of the last ten seconds or so, the newest counting most; their sum is at most 1.
struct waiting_shares {
  double upstream = 0;
  double encoding = 0;
  double socket = 0;
};

template <class Inspector>
bool inspect(Inspector& f, waiting_shares& x) {
  return f.object(x).fields(f.field("upstream", x.upstream), f.field("encoding", x.encoding),
                            f.field("socket", x.socket));
}

/// What a consumer has waited for most, lately.
enum class bottleneck : std::uint8_t { none, upstream, encoding, socket };

/// `none`, `upstream`, `encoding` or `socket`.
std::string to_string(bottleneck what);

bool from_string(caf::string_view name, bottleneck& what);

bool from_integer(std::underlying_type_t<bottleneck> number, bottleneck& what);

template <class Inspector>
bool inspect(Inspector& f, bottleneck& x) {
  return caf::default_enum_inspect(f, x);
}

/// What a consumer may have asked for, and has.
struct window_report {
  /// How many batches may be requested or unsent.
  std::uint32_t size = 0;
  std::uint32_t requested = 0;
  std::uint32_t unsent = 0;
};

template <class Inspector>
bool inspect(Inspector& f, window_report& x) {
  return f.object(x).fields(f.field("size", x.size), f.field("requested", x.requested), f.field("unsent", x.unsent));
}

/// One consumer.
struct client_report {
  actor_report actor;
  actor_report connection;
  std::string client_id;
  std::string peer;
  caf::timestamp connected_at{};
  std::string dataset;
  std::int32_t batch_size = 0;
  /// Of the next batch to leave.
  std::int32_t batch_index = 0;
  std::optional<std::int32_t> batches_total;
  /// Left for the kernel.
  std::uint64_t frames = 0;
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
  /// How long its socket has taken nothing although frames wait for it.
  caf::timespan stalled_for{};
};

template <class Inspector>
bool inspect(Inspector& f, client_report& x) {
  return f.object(x).fields(
    f.field("actor", x.actor), f.field("connection", x.connection), f.field("client_id", x.client_id),
    f.field("peer", x.peer), f.field("connected_at", x.connected_at), f.field("dataset", x.dataset),
    f.field("batch_size", x.batch_size), f.field("batch_index", x.batch_index),
    f.field("batches_total", x.batches_total), f.field("frames", x.frames), f.field("bytes", x.bytes),
    f.field("batches_per_second", x.batches_per_second), f.field("bytes_per_second", x.bytes_per_second),
    f.field("remaining", x.remaining), f.field("window", x.window), f.field("waited", x.waited),
    f.field("waited_lately", x.waited_lately), f.field("slowest", x.slowest), f.field("stalled_for", x.stalled_for));
}

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

template <class Inspector>
bool inspect(Inspector& f, fetcher_report& x) {
  return f.object(x).fields(f.field("actor", x.actor), f.field("state", x.state), f.field("up_for", x.up_for),
                            f.field("calls_in_flight", x.calls_in_flight), f.field("calls", x.calls),
                            f.field("restarts", x.restarts), f.field("next_attempt_in", x.next_attempt_in),
                            f.field("last_failure", x.last_failure));
}

/// How often there was a status.
struct code_count {
  status_code code = status_code::unknown;
  std::uint64_t count = 0;
};

template <class Inspector>
bool inspect(Inspector& f, code_count& x) {
  return f.object(x).fields(f.field("code", x.code), f.field("count", x.count));
}

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
  /// What that gave when it was last measured; 0: not yet.
  double batches_per_second = 0;
  /// Of its latest calls for batches.
  std::optional<caf::timespan> latency_p50;
  std::optional<caf::timespan> latency_p99;
  std::vector<code_count> failures;
  /// Empty: none yet.
  std::string last_failure;
  caf::timestamp last_failure_at{};
  std::uint64_t restarts = 0;
  std::vector<fetcher_report> fetchers;
};

template <class Inspector>
bool inspect(Inspector& f, upstream_report& x) {
  return f.object(x).fields(
    f.field("address", x.address), f.field("name", x.name), f.field("up", x.up), f.field("calls", x.calls),
    f.field("calls_in_flight", x.calls_in_flight), f.field("limit", x.limit),
    f.field("batches_per_second", x.batches_per_second), f.field("latency_p50", x.latency_p50),
    f.field("latency_p99", x.latency_p99), f.field("failures", x.failures), f.field("last_failure", x.last_failure),
    f.field("last_failure_at", x.last_failure_at), f.field("restarts", x.restarts), f.field("fetchers", x.fetchers));
}

/// How many of its calls have failed, with whatever code.
std::uint64_t failed_calls(const upstream_report& upstream);

/// How many of its fetchers are up.
std::uint32_t live_fetchers(const upstream_report& upstream);

/// The last failure of each upstream that is not up, as `address: failure`.
std::vector<std::string> failures_of_those_down(const std::vector<upstream_report>& upstreams);

/// The frame cache; the counts are since the start of the service.
struct cache_report {
  bool up = false;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t capacity_bytes = 0;
  std::uint64_t hits = 0;
  std::uint64_t joins = 0;
  std::uint64_t misses = 0;
  std::uint64_t streamed = 0;
  std::uint64_t evictions = 0;
  std::uint64_t evicted_bytes = 0;
};

template <class Inspector>
bool inspect(Inspector& f, cache_report& x) {
  return f.object(x).fields(f.field("up", x.up), f.field("frames", x.frames), f.field("bytes", x.bytes),
                            f.field("capacity_bytes", x.capacity_bytes), f.field("hits", x.hits),
                            f.field("joins", x.joins), f.field("misses", x.misses), f.field("streamed", x.streamed),
                            f.field("evictions", x.evictions), f.field("evicted_bytes", x.evicted_bytes));
}

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

template <class Inspector>
bool inspect(Inspector& f, totals_report& x) {
  return f.object(x).fields(
    f.field("batches", x.batches), f.field("bytes", x.bytes), f.field("batches_per_second", x.batches_per_second),
    f.field("bytes_per_second", x.bytes_per_second), f.field("streams_complete", x.streams_complete),
    f.field("streams_failed", x.streams_failed), f.field("streams_lost", x.streams_lost));
}

} // namespace dispatch
