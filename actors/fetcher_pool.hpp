#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "actors/fetcher.hpp"
#include "actors/metrics.hpp"
#include "actors/policy/backoff.hpp"
#include "actors/policy/concurrency_limit.hpp"
#include "actors/policy/latency_record.hpp"
#include "actors/policy/pool_book.hpp"
#include "actors/policy/quiet_watch.hpp"
#include "actors/refusals.hpp"
#include "messages/batch_source.hpp"
#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/run_clock.hpp"

namespace dispatch {

struct pool_options {
  /// Addresses of the upstreams as `host:port` or `unix:path`, at least one.
  std::vector<std::string> upstreams;
  /// Fetchers, and so connections, for each upstream.
  std::size_t fetchers_per_upstream = 2;
  /// Calls that each upstream gets at a time.
  policy::concurrency_limit::options limit;
  /// How often a batch may fail for the upstream's reason.
  int max_attempts = 5;
  /// How long a request may take in all before it is answered with UNAVAILABLE. Zero: for ever.
  std::chrono::milliseconds give_up_after{60000};
  fetcher_options fetcher;
  policy::backoff::options restart;
  /// Deadlines are kept in time that was run; null: all was.
  run_clock_ptr ran = nullptr;
  /// For jitter.
  std::uint64_t seed = 0;
};

/// See `fetcher_pool_actor`. Decisions are made in `actors/policy/`: who works on what and for how long (`pool_book`),
/// how many calls an upstream gets at a time (`concurrency_limit`), whether a failed call is tried again (`decide`),
/// and when a fetcher comes back (`backoff`).
class fetcher_pool_state {
public:
  static inline const char* name = "fetcher_pool";

  fetcher_pool_state(fetcher_pool_actor::pointer self, pool_options options, batch_source_factory sources,
                     event_log_ptr log);

  ~fetcher_pool_state();

  fetcher_pool_state(const fetcher_pool_state&) = delete;
  fetcher_pool_state& operator=(const fetcher_pool_state&) = delete;

  fetcher_pool_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;

  /// A place for a fetcher, which outlives the fetchers that fill it.
  struct seat {
    policy::upstream_id upstream = 0;
    /// Among those of its upstream: where its report stands, and what the log calls it.
    std::size_t number = 0;
    policy::backoff restarts;
    fetcher_actor fetcher;
    /// This life of the fetcher.
    policy::worker_id life = 0;
    /// Since when it has been given work; nothing before its first health check.
    std::optional<clock::time_point> healthy_since;
    /// Whether it takes the place of one whose connection has ended in order, and has not passed its health check yet.
    bool renews = false;
    /// When its connection brought answers.
    policy::quiet_watch watch{};
    /// Whether it was asked for a sign of life and has not answered.
    bool is_probed = false;
    /// How many calls ended well in this life.
    std::uint64_t calls = 0;
    /// Where there is no fetcher: tells the pause that it waits for from one that was cut short.
    std::uint64_t pause = 0;
    /// When it is over.
    clock::time_point pause_ends{};
    clock::time_point started_at{};
    std::uint64_t calls_before = 0;
    std::uint64_t restarts_so_far = 0;
    /// What ended the fetcher before.
    std::string last_failure{};
  };

  /// A fetcher that gets no more work; its calls go on.
  struct leaver {
    fetcher_actor fetcher;
    std::size_t seat;
  };

  struct description_job {
    caf::typed_response_promise<described_dataset> promise;
    describe_dataset request;
    /// Since when an upstream has been asked for it.
    std::optional<clock::time_point> asked_at{};
  };

  /// What is known of how an upstream describes a dataset.
  struct description_record {
    /// Whether a call for it has taken longer than a pass waits. Passes do not wait for the next call.
    bool is_slow = false;
    int calls_under_way = 0;
    /// What it said last, when, how long it took, and the fetcher over whose connection it came.
    std::optional<dataset_description> said;
    clock::time_point said_at{};
    clock::duration took{};
    policy::worker_id said_to = 0;
  };

  struct frame_job {
    caf::typed_response_promise<frame_ptr> promise;
    fetch_frame request;
    /// How often an upstream had no samples for it.
    int times_empty = 0;
  };

  using job = std::variant<description_job, frame_job>;

  /// A piece of work that a fetcher was given.
  struct call {
    policy::ticket work;
    policy::worker_id life;
    policy::upstream_id upstream;
    clock::time_point began;
    /// Descriptions are no batches: they say nothing about how many an upstream can give.
    bool is_for_batch;
    /// How much time was not run until it began.
    clock::duration lost;
    /// What is described.
    std::string dataset{};
  };

  struct upstream_record {
    std::string address;
    policy::concurrency_limit limit;
    upstream_metrics metrics;
    /// Whether more calls than the limit are known to be too many: the user said so, or the upstream did.
    bool is_bounded = false;
    policy::latency_record latencies{};
    /// Whether it was said to be up.
    bool up = false;
    /// When any of its connections brought answers.
    policy::quiet_watch watch{};
    /// Batches and probes that are asked of it. Descriptions may take long and say nothing about whether it is there.
    std::size_t answers_owed = 0;
    /// What its latest failure said, for those who give up on it, and when.
    std::string last_failure{};
    caf::timestamp last_failure_at{};
    /// The edition of each dataset that it has described over its present connections.
    std::map<std::string, std::uint64_t> editions{};
    std::map<std::string, description_record> descriptions{};
    /// A batch for which it had no GetBatch. It is no dataset service until it answers for that otherwise.
    std::optional<batch_key> not_implemented{};
    /// The limit that was last said in the log, and when.
    std::size_t logged_limit = 0;
    std::chrono::steady_clock::time_point logged_at{};
  };

  caf::result<described_dataset> on_describe(describe_dataset& request);
  caf::result<frame_ptr> on_fetch(fetch_frame& request);
  void on_withdraw(const withdraw_fetch& request);
  caf::result<stream_opened> on_open_stream(const open_stream& request);
  void on_stream_broke(const stream_broke& which);
  void on_hasten();
  /// How many calls besides streams an upstream gets now. A stream leaves one at least: see `may_stream`.
  void share_out(policy::upstream_id upstream);
  /// Whether a stream leaves room for a call: only calls bring everything.
  bool may_stream(policy::upstream_id upstream) const;
  /// An upstream has refused a call because it has too many.
  void on_overload(policy::upstream_id upstream);
  pool_report on_get_report();
  upstream_report report_upstream(policy::upstream_id id) const;
  fetcher_report report_fetcher(const seat& of) const;

  /// Books a request of the current sender. Before its response promise is made, which takes the sender away.
  policy::ticket book_request(const std::string& dataset, caf::timespan waited, bool is_for_batch);
  /// Gives out work for as long as there is work and room.
  void assign_work();
  template <class Request>
  void send_to(const seat& to, policy::ticket work, const Request& request);
  void on_described(const call& ended, dataset_description& description);
  /// What an upstream that describes slowly has said over a connection that is there; it is asked again when that is
  /// old. Nothing: it has not said anything.
  std::optional<described_dataset> known_of_slow(const std::string& dataset);
  void ask_again_if_old(policy::upstream_id upstream, const std::string& dataset, const description_record& record);
  /// Whether only upstreams may describe it that take long, and one of them is being asked.
  bool waits_for_slow(const std::string& dataset) const;
  void note_described(const call& ended, const dataset_description& description);
  /// Answers requests that have waited too long for a slow description.
  void answer_without_slow();
  clock::duration description_patience(const std::string& dataset) const;
  void note_slow(const std::string& dataset);
  void note_not_described(const call& ended);
  std::vector<std::uint64_t> editions_of(const std::string& dataset) const;
  void on_frame(const call& ended, const frame_ptr& frame);
  void on_other_edition(const call& ended);
  /// Whether a batch came that is to be asked for once more before it is believed.
  bool is_doubtful(const call& ended, const frame_ptr& frame);
  /// A call has brought what it was for.
  template <class Job, class Value>
  void on_success(const call& ended, Value&& value);
  void on_failure(const call& ended, const caf::error& reason);
  /// Takes note of a call that an upstream has refused.
  void note_refusal(const call& ended, policy::fault whose, const failure& what);
  void note_dataset_refused(policy::upstream_id upstream, const std::string& dataset, const failure& what);
  const std::string& dataset_of(policy::ticket work) const;
  /// Asks upstreams that lack a dataset whether they have it now.
  void ask_again();
  void ask_again(const policy::pool_book::question& about);
  void give_up_refused();
  /// What is wrong with each upstream that is away.
  std::vector<std::string> troubles() const;
  /// Has the book decide about a call that failed.
  void try_again_or_answer(const call& ended, policy::fault whose, const caf::error& reason);
  /// Tells an upstream's limit how a call ended.
  void settle(const call& ended, std::optional<policy::concurrency_limit::outcome> how);
  /// Ends a job with a failure, where it is still there.
  void answer(policy::ticket work, const caf::error& reason);
  /// Takes out a job; nothing where it is not there.
  std::map<policy::ticket, job>::node_type take_job(policy::ticket work);

  /// A call or a probe has ended with `code`.
  /// @param calls_ended how many of the calls in the book that is
  void note_answer(policy::worker_id life, status_code code, std::size_t calls_ended);
  /// Whose fault a failed call is, as far as can be told from its code and its connection.
  policy::fault fault_of_call(const call& ended, status_code code) const;

  void start_fetcher(std::size_t index);
  void restart_after(std::size_t index, std::chrono::milliseconds pause);
  /// Ends the pauses where no upstream is up and somebody has come.
  void cut_pauses_short();
  /// Starts a fetcher in the place of one that gets no more work.
  void renew(std::size_t index);
  /// Replaces the idle connections of an upstream that have been quiet: what broke one may have broken them.
  void renew_quiet(policy::upstream_id upstream);
  void probe(seat& quiet);
  void on_probed(policy::upstream_id upstream, policy::worker_id life, status_code code);
  /// An upstream is asked for something that it has to answer soon; that has ended, in whatever way.
  void owe_answer(policy::upstream_id upstream);
  void release_answer(policy::upstream_id upstream);
  void on_connection_end(std::size_t index, policy::worker_id life);
  void on_healthy(std::size_t index, policy::worker_id life, const std::string& peer);
  void on_unhealthy(std::size_t index, policy::worker_id life, const caf::error& reason);
  void on_down(const caf::down_msg& msg);
  void on_stream_down(const policy::pool_book::question& of, const caf::error& reason);
  void on_fetcher_down(std::size_t index, const caf::error& reason);
  /// Takes a fetcher that is gone out of the book. Returns the work that is to be answered because of that.
  std::optional<policy::ticket> take_from_book(policy::worker_id gone, const caf::error& reason);
  void on_leaver_down(policy::worker_id life, const caf::error& reason);

  void on_tick();
  void schedule_tick();
  void schedule_look_for_late();
  void expire_jobs();
  void log_limits();
  void end_stuck_fetchers();
  /// Asks idle upstreams for a sign of life over each connection that has been quiet.
  void probe_quiet_connections();
  /// An upstream that owes an answer for too long is not up.
  void look_for_unresponsive();
  /// How many streams of an upstream are open.
  std::size_t streams_at(policy::upstream_id upstream) const;
  std::string what_is_wrong_upstream() const;

  seat* find_seat(policy::worker_id life);
  clock::time_point now() const;
  clock::duration lost() const;
  static void note_failure(upstream_record& at, const failure& what);
  static void note_latency(upstream_record& of, clock::duration latency);
  const std::string& address_of(const seat& of) const { return upstreams_[of.upstream].address; }

  fetcher_pool_actor::pointer self_;
  pool_options options_;
  batch_source_factory sources_;
  event_log_ptr log_;
  policy::pool_book book_;
  std::vector<upstream_record> upstreams_;
  std::vector<seat> seats_;
  std::map<policy::worker_id, leaver> leavers_;
  std::map<policy::ticket, job> jobs_;
  /// The jobs for frames, by what they are for.
  std::set<std::pair<batch_key, policy::ticket>> frame_work_;
  std::set<caf::actor_addr> watched_owners_;
  policy::worker_id next_life_ = 1;
  refusals refusals_;
  /// Streams that are open, and where.
  std::map<caf::actor_addr, policy::pool_book::question> streams_;
  code_counters retries_;
  clock::time_point started_at_;
  /// Somebody has come and was not answered yet.
  bool hastened_ = false;
  std::mt19937_64 random_;
};

using fetcher_pool_impl = fetcher_pool_actor::stateful_impl<fetcher_pool_state>;

} // namespace dispatch
