#include "bench/peers/run.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "bench/peers/brokers.hpp"
#include "bench/peers/process_clock.hpp"
#include "bench/peers/ready_pass.hpp"

namespace dispatch::bench {

namespace {

using clock = read_loop::clock;
using lines = std::vector<std::string>;

std::unique_ptr<peer> make_peer(const peer_options& options) {
  switch (options.peer) {
  case peer_kind::redis:
    return make_redis_peer(options.server, options.frames);
  case peer_kind::rabbitmq:
    return make_rabbitmq_peer(options.server);
  case peer_kind::nats:
    return make_nats_peer(options.server);
  }
  throw peer_error("unknown peer");
}

std::vector<std::unique_ptr<consumer>> make_consumers(peer& from, std::size_t count) {
  std::vector<std::unique_ptr<consumer>> result;
  while (result.size() < count)
    result.push_back(from.make_consumer());
  return result;
}

/// Publishes passes until there were enough of them or no consumer is left.
void publish(publisher& to, const lines& pass, const std::optional<std::size_t>& passes, pace& own) try {
  for (std::size_t i = 0; !passes || i < *passes; ++i)
    for (const auto& frame : pass) {
      if (!own.wait_for_room())
        return;
      to.publish(frame);
    }
  to.finish();
} catch (...) {
  own.close();
  throw;
}

void fill(publisher& to, const lines& pass) {
  for (const auto& frame : pass)
    to.publish(frame);
  to.finish();
}

/// The publisher's thread; it ends with this at the latest.
class publishing {
public:
  publishing(std::unique_ptr<publisher> to, const lines& pass, const std::optional<std::size_t>& passes, pace& own)
    : pace_(own),
      done_(std::async(std::launch::async,
                       [to = std::move(to), &pass, passes, &own] { publish(*to, pass, passes, own); })) {}

  publishing(const publishing&) = delete;
  publishing& operator=(const publishing&) = delete;

  ~publishing() { pace_.close(); }

  /// Waits for its end.
  void end() {
    pace_.close();
    done_.get();
  }

private:
  pace& pace_;
  std::future<void> done_;
};

/// What has been used up since it was made.
class usage {
public:
  explicit usage(const peer_options& options) : server_(options.server_pid) {}

  void put_into(run_result& result) const {
    result.seconds = std::chrono::duration<double>(clock::now() - began_).count();
    result.cpu_seconds = own_cpu_seconds() - own_;
    if (server_)
      result.server_cpu_seconds = cpu_seconds_of(*server_) - of_server_;
  }

  clock::time_point began() const noexcept { return began_; }

private:
  std::optional<::pid_t> server_;
  double own_ = own_cpu_seconds();
  double of_server_ = server_ ? cpu_seconds_of(*server_) : 0;
  clock::time_point began_ = clock::now();
};

} // namespace

bool run_result::good(const peer_options& options) const {
  return options.fill || (counts.passes_incomplete == 0 && counts.frames > 0);
}

run_result run(const peer_options& options) {
  const auto pass = ready_pass(options.frames);
  const auto from = make_peer(options);
  run_result result;
  if (options.fill) {
    const auto to = from->make_publisher();
    const usage used{options};
    fill(*to, pass);
    used.put_into(result);
    return result;
  }
  auto to = options.is_kept ? nullptr : from->make_publisher();
  auto reading = std::make_unique<read_loop>(make_consumers(*from, options.clients), options.frames, options.passes);
  pace own{options.ahead};
  const usage used{options};
  std::optional<publishing> beside;
  if (to)
    beside.emplace(std::move(to), pass, options.passes, own);
  const auto end = used.began() + std::min(options.limit, options.duration.value_or(options.limit));
  reading->read_until(end, options.duration.has_value(), own);
  used.put_into(result);
  result.counts = reading->counts();
  // A broker may let the publisher wait for consumers that do not read any more.
  reading.reset();
  if (beside)
    beside->end();
  return result;
}

} // namespace dispatch::bench
