#include "bench/load/run.hpp"

#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "apps/pull/tcp_stream.hpp"
#include "bench/load/hello_line.hpp"
#include "bench/load/server_addresses.hpp"
#include "bench/load/worker.hpp"

namespace dispatch::bench {

namespace {

using clock = load_client::clock;
using workers = std::vector<std::unique_ptr<worker>>;

/// What a server does for clients that stall is over by then, so that it is not measured with the others.
constexpr std::chrono::milliseconds settle_time{1000};

std::vector<pull::tcp_stream> connect_stalled(const load_options& options, const stop_descriptor& stop) {
  std::vector<pull::tcp_stream> result;
  const auto ignore = [](const std::string&) {};
  const pull::connect_timeouts timeouts{std::chrono::seconds{5}, std::chrono::seconds{0}};
  for (std::size_t i = 0; i < options.stalled; ++i) {
    result.push_back(pull::tcp_stream::connect(options.server, timeouts, ignore, stop.fd()));
    if (options.is_session)
      result.back().send(hello_line(options.hello, i).value_or(""));
  }
  if (!result.empty() && options.clients > 0)
    pull::pause_for(settle_time, stop.fd());
  return result;
}

/// The share of `all` that falls to one of `threads`.
std::size_t share_of(std::size_t all, std::size_t threads, std::size_t thread) {
  return all / threads + (thread < all % threads ? 1 : 0);
}

workers make_workers(const load_options& options, const std::vector<server_address>& servers, run_state& state) {
  workers result;
  const auto threads = std::max<std::size_t>(1, std::min(options.threads, options.clients));
  std::size_t first = 0;
  for (std::size_t i = 0; i < threads; ++i) {
    const worker::share own{first, share_of(options.clients, threads, i), share_of(options.slow, threads, i)};
    result.push_back(std::make_unique<worker>(options, servers, state, own));
    first += own.clients;
  }
  return result;
}

void print_progress(const run_state& state) {
  const auto seconds = std::chrono::duration<double>(clock::now() - state.started).count();
  const auto frames = static_cast<double>(state.frames);
  std::fprintf(stderr, "%5.0f s  %12.0f frames  %9.0f frames/s  %8.1f MB/s\n", seconds, frames, frames / seconds,
               static_cast<double>(state.bytes) / seconds / 1e6);
}

/// Waits for the end of `work`, with progress once a second; the workers bound its time.
void watch(std::future<void>& work, run_state& state, const stop_descriptor& stop) {
  auto next = state.started + std::chrono::seconds{1};
  while (work.wait_for(std::chrono::milliseconds{50}) != std::future_status::ready) {
    state.stop = state.stop || stop.raised();
    if (clock::now() < next)
      continue;
    print_progress(state);
    next += std::chrono::seconds{1};
  }
}

void hold_stalled(const load_options& options, const stop_descriptor& stop) {
  pull::pause_for(std::min(*options.duration, options.limit), stop.fd());
}

void read_all(workers& all, run_state& state, const stop_descriptor& stop) {
  std::vector<std::future<void>> futures;
  state.started = clock::now();
  for (auto& one : all)
    futures.push_back(std::async(std::launch::async, [&one] { one->work(); }));
  for (auto& future : futures)
    watch(future, state, stop);
  for (auto& future : futures)
    future.get();
}

double cpu_seconds() {
  ::rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const ::timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

run_result sum_up(const workers& all, const run_state& state) {
  run_result result;
  auto ended = state.started;
  for (const auto& one : all) {
    result.normal.merge(one->normal());
    result.slow.merge(one->slow());
    result.group.merge(one->group());
    ended = std::max(ended, one->ended());
  }
  result.seconds = std::chrono::duration<double>(ended - state.started).count();
  result.cpu_seconds = cpu_seconds();
  return result;
}

} // namespace

std::uint64_t run_result::wrong_epochs(const load_options& options) const {
  return options.expected ? group.wrong_epochs(*options.expected) : 0;
}

bool run_result::good(const load_options& options) const {
  const auto failed = normal.passes_incomplete + slow.passes_incomplete;
  const auto frames = normal.frames + slow.frames;
  return !interrupted && failed == 0 && wrong_epochs(options) == 0 && (frames > 0 || options.clients == 0);
}

run_result run(const load_options& options, const stop_descriptor& stop) {
  const auto servers = resolve(options.server);
  const auto stalled = connect_stalled(options, stop);
  if (options.clients == 0) {
    hold_stalled(options, stop);
    return {};
  }
  run_state state;
  // Workers take the start of the run from here when they are made.
  state.started = clock::now();
  auto all = make_workers(options, servers, state);
  read_all(all, state, stop);
  auto result = sum_up(all, state);
  result.interrupted = stop.raised();
  return result;
}

} // namespace dispatch::bench
