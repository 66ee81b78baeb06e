#include "tests/chaos/chaos_run.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <utility>

#include "dataset/synthetic.hpp"
#include "tests/chaos/run_failure.hpp"

namespace dispatch::chaos {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t upstream_count = 2;

/// 100 batches, the last of them short, in frames of 40 kB.
constexpr const char* data = "synthetic:2990x1000:uint8";
constexpr std::int32_t batch_size = 30;

/// Nothing in the loop needs more precision.
constexpr milliseconds longest_wait = 5ms;
constexpr milliseconds check_interval = 20ms;
constexpr milliseconds measure_interval = 1s;
constexpr milliseconds print_interval = 5s;

/// The share of a run's time before the first calm.
constexpr int warm_up_parts = 4;

/// The drain timeout, and the second that it may take on top; and more for a sanitizer, which looks for leaks at the
/// end.
constexpr milliseconds longest_stop = 3s + 1s + 6s;

constexpr auto no_session_limit = std::numeric_limits<std::uint64_t>::max();
constexpr auto no_time_limit = milliseconds::max();

client_crowd make_crowd(const options& opts, const expected_pass& expected) {
  client_traffic traffic;
  traffic.pass_bytes = expected.wire_bytes();
  traffic.short_sessions = opts.sessions.has_value();
  traffic.mean_gap = opts.sessions ? 12ms : 60ms;
  return {client_schedule{opts.seed, traffic}, expected, {opts.most_clients, opts.patience}};
}

} // namespace

chaos_run::chaos_run(const options& opts)
  : options_(opts),
    manner_(dispatcher_manner_of(opts.seed)),
    expected_(dataset::make_synthetic(dataset::parse_synthetic(data)), batch_size),
    known_(dataset::make_synthetic(dataset::parse_synthetic(data))),
    crowd_(make_crowd(opts, expected_)),
    teams_(known_, {opts.seed, opts.most_teams, opts.patience}),
    started_at_(clock::now()),
    turned_at_(started_at_),
    look_at_(started_at_),
    measure_at_(started_at_),
    print_at_(started_at_ + print_interval) {}

run_result chaos_run::run() {
  try {
    run_all();
  } catch (const std::exception& problem) {
    report(problem.what());
  }
  sum_up();
  return std::move(result_);
}

void chaos_run::run_all() {
  start();
  pass_alone("before the faults");
  const auto share = std::chrono::duration_cast<milliseconds>(options_.duration) / warm_up_parts;
  const auto sessions = options_.sessions.value_or(0);
  const auto by_sessions = options_.sessions.has_value();
  make_chaos(by_sessions ? no_time_limit : share,
             by_sessions ? std::min(options_.warm_up_sessions, sessions / 2) : no_session_limit);
  become_calm("after the first faults");
  result_.base = state();
  // Before that, a dispatcher has not yet needed all the memory that it will keep.
  judge_memory_ = options_.judge_memory && crowd_.came() >= options_.warm_up_sessions;
  make_chaos(by_sessions ? no_time_limit : options_.duration, by_sessions ? sessions : no_session_limit);
  become_calm("after the last faults");
  judge_growth();
  pass_alone("after the faults");
  stop_dispatcher();
}

void chaos_run::start() {
  const auto program = [this](const char* name) { return (options_.programs / name).string(); };
  std::filesystem::create_directories(options_.folder);
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < upstream_count; ++i) {
    const std::vector<std::string> command{program("dataset-server"), "--no-bundled-data", "--data",
                                           std::string{"chaos="} + data};
    upstreams_.push_back(std::make_unique<upstream>(
      command, options_.folder / ("upstream-" + std::to_string(i) + ".log"), fault_schedule{options_.seed, i}));
    ports.push_back(upstreams_.back()->port());
  }
  std::vector<std::string> command{program("dispatcher"), "--dataset", "chaos", "--batch-size",
                                   std::to_string(batch_size)};
  command.insert(command.end(), manner_.options.begin(), manner_.options.end());
  dispatcher_.emplace(command, ports, options_.folder / "dispatcher.log");
  if (!wait_for("the dispatcher to serve", options_.patience, [this] { return dispatcher_->port() != 0; }))
    throw run_failure{"there is nothing to test"};
  if (options_.kills)
    killer_.emplace(options_.seed, *dispatcher_, teams_);
}

void chaos_run::judge_growth() {
  // A process that was started anew holds less than it will need, and cannot be compared with another.
  if (!options_.kills)
    wait_for("nothing to have grown", 30s, [this] { return growth().empty(); }); // what is let go of late is no growth
  result_.end = state();
  if (!options_.kills)
    for (auto& problem : growth())
      report(std::move(problem));
  check_upstream_connections();
}

void chaos_run::make_chaos(milliseconds until, std::uint64_t until_session) {
  in_chaos_ = true;
  while (elapsed_ < until && crowd_.came() < until_session)
    turn();
  in_chaos_ = false;
}

void chaos_run::become_calm(const char* when) {
  for (auto& upstream : upstreams_)
    upstream->heal();
  if (killer_)
    killer_->heal();
  teams_.hurry();
  const auto who = std::string{"everybody to finish "} + when;
  wait_for(who, 2 * options_.patience, [this] { return dispatcher_->port() != 0 && !is_anybody_there(); });
  const auto what = std::string{"the dispatcher to be whole and idle "} + when;
  // The report that is asked for next is surely of the time after the last client.
  const auto old_reports = dispatcher_->log().reports() + 1;
  if (!wait_for(what, options_.patience,
                [this, old_reports] { return dispatcher_->log().reports() > old_reports && unrest().empty(); }))
    report("not idle:" + unrest());
}

std::string chaos_run::unrest() const {
  const auto& said = dispatcher_->log().last_report();
  const auto& held = dispatcher_->held();
  const auto fetchers = fetcher_count();
  std::string result;
  const auto expect = [&result](bool is_so, const char* what, std::uint64_t number) {
    if (!is_so)
      result += std::string{" "} + what + "=" + std::to_string(number);
  };
  for (const auto& upstream : upstreams_)
    expect(upstream->whole(), "broken_upstream", upstream->port());
  expect(said.clients == 0, "clients", said.clients);
  expect(said.queued == 0, "queued", said.queued);
  expect(said.calls_in_flight == 0, "calls_in_flight", said.calls_in_flight);
  expect(said.live_fetchers == fetchers, "live_fetchers", said.live_fetchers);
  expect(held.clients == 0, "client_connections", held.clients);
  expect(held.upstream <= fetchers, "upstream_connections", held.upstream);
  return result;
}

void chaos_run::report(std::string problem) {
  std::fprintf(stderr, "wrong: %s\n", problem.c_str());
  result_.problems.push_back(std::move(problem));
}

void chaos_run::report_of_clients() {
  const auto report_new = [this](const std::vector<std::string>& all, std::size_t& reported) {
    while (reported < all.size())
      report(all[reported++]);
  };
  report_new(teams_.problems(), reported_of_teams_);
  report_new(crowd_.tally().problems(), reported_of_crowd_);
}

calm_state chaos_run::state() const {
  return {dispatcher_->held(), dispatcher_->log().last_report().actors};
}

std::vector<std::string> chaos_run::growth() const {
  auto base = *result_.base;
  // A connection that was cut while nobody needed it is made again with the next call.
  base.held.upstream = std::max<std::uint64_t>(base.held.upstream, fetcher_count());
  return growth_between(base, state(), judge_memory_);
}

void chaos_run::check_upstream_connections() {
  // Each fetcher has one, and may still have the one before; so may a stream.
  const auto most = 2 * (fetcher_count() + 1);
  if (const auto seen = dispatcher_->most().upstream; seen > most)
    report("there were " + std::to_string(seen) + " connections to upstreams at a time, more than "
           + std::to_string(most));
}

void chaos_run::pass_alone(const char* when) {
  client_plan plan;
  const auto before = crowd_.tally().total().complete;
  crowd_.add(plan, dispatcher_->port(), clock::now());
  wait_for(std::string{"a pass "} + when, options_.patience, [this] { return crowd_.present() == 0; });
  if (crowd_.tally().total().complete == before)
    report(std::string{"a pass "} + when + " was not complete");
}

void chaos_run::stop_dispatcher() {
  client_plan reader;
  reader.kind = client_kind::slow;
  reader.bytes_per_second = expected_.wire_bytes() / 2;
  client_plan staller;
  staller.kind = client_kind::stalls;
  staller.read_bytes = 0;
  staller.leaves_after = 60s;
  for (const auto& plan : {reader, staller, reader})
    crowd_.add(plan, dispatcher_->port(), clock::now());
  const auto started = dispatcher_->log().count("client_start");
  wait_for("the last clients", options_.patience,
           [this, started] { return dispatcher_->log().count("client_start") >= started + 3; });
  teams_.admit(clock::now());
  teams_.hurry();
  wait_for("the last teams", options_.patience, [this] { return teams_.are_served(); });
  crowd_.allow_draining();
  teams_.allow_draining();
  dispatcher_->tell_to_stop();
  wait_for("the end after SIGTERM", longest_stop,
           [this] { return dispatcher_->ended().has_value() && teams_.present() == 0; });
  if (const auto status = dispatcher_->ended(); status && !status->exited_with(0))
    report("the dispatcher ended with " + status->text() + " after SIGTERM");
}

bool chaos_run::wait_for(const std::string& what, milliseconds most, const std::function<bool()>& reached) {
  const auto deadline = clock::now() + most;
  while (!reached()) {
    if (clock::now() >= deadline) {
      report("waited in vain for " + what);
      return false;
    }
    turn();
  }
  return true;
}

void chaos_run::turn() {
  const auto now = clock::now();
  // A machine that stood still for a while does not make the faults jump.
  const auto step = std::min(std::chrono::duration_cast<milliseconds>(now - turned_at_), 100ms);
  turned_at_ += step < 100ms ? step : now - turned_at_;
  if (in_chaos_) {
    elapsed_ += step;
    for (auto& upstream : upstreams_)
      upstream->advance(elapsed_);
    if (killer_)
      killer_->advance(elapsed_);
    else
      crowd_.admit(dispatcher_->port(), elapsed_, now);
    teams_.admit(now);
  }
  if (now >= look_at_)
    look_around(now);
  set_.clear();
  for (auto& upstream : upstreams_)
    upstream->watch(set_, now);
  crowd_.watch(set_, now);
  teams_.watch(set_, now);
  set_.wait(longest_wait);
  const auto then = clock::now();
  for (auto& upstream : upstreams_)
    upstream->serve(set_, then);
  crowd_.serve(set_, then);
  teams_.serve(set_, dispatcher_ ? dispatcher_->session_port() : std::uint16_t{0}, then);
  report_of_clients();
}

void chaos_run::look_around(clock::time_point now) {
  look_at_ = now + check_interval;
  for (auto& upstream : upstreams_)
    upstream->look_after_server();
  dispatcher_->look_after();
  if (now >= measure_at_) {
    measure_at_ = now + measure_interval;
    dispatcher_->measure();
    // Before it serves, it has no handler for the signal yet.
    if (dispatcher_->port() != 0)
      dispatcher_->ask_for_report();
  }
  if (now >= print_at_) {
    print_at_ = now + print_interval;
    print_progress();
  }
}

} // namespace dispatch::chaos
