#define CAF_SUITE actor_faults

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "apps/dispatcher/service.hpp"
#include "dataset/dataset_server.hpp"
#include "dataset/synthetic.hpp"
#include "io/admin/event_history.hpp"
#include "tests/faults/fault_switch.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/stack.hpp"

// The whole stack in this process, with real sockets and real gRPC: an actor dies of an exception at each message that
// it gets in a pass.

using namespace dispatch;
using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s;
constexpr std::size_t consumers = 8;
constexpr std::int32_t batches = 64;

const dataset::sample_array& numbers() {
  static const auto made = dataset::make_synthetic(dataset::parse_synthetic("synthetic:640x4096:uint8"));
  return made;
}

const std::string& all_samples() {
  static const std::string made{numbers().batch(numbers().total_samples(), 0)};
  return made;
}

/// A dataset server and a dispatcher.
class stack {
public:
  explicit stack(policy::fetch_mode mode) {
    dataset::dataset_catalog catalog;
    catalog.add("numbers", numbers());
    upstream_ = std::make_unique<dataset::dataset_server>("127.0.0.1:0", catalog);
    config values;
    values.listen = "127.0.0.1:0";
    values.admin = "127.0.0.1:0";
    values.upstreams = {"127.0.0.1:" + std::to_string(upstream_->port())};
    values.dataset = "numbers";
    values.batch_size = numbers().total_samples() / batches;
    values.fetch_mode = mode;
    // Less than a pass: some batches are at hand and others are not.
    values.cache_mb = 1;
    values.drain_timeout = 2s;
    service_ = std::make_unique<service>(values, client_room{values.max_clients, 1},
                                         std::make_shared<admin::event_history>(log_),
                                         [](const std::string& why) { CAF_ERROR("failed: " << why); });
    check_all_complete(receive_passes(service_->port(), consumers));
    at_rest_ = wait_until_at_rest(0);
  }

  ~stack() { service_->stop(); }

  stack(const stack&) = delete;
  stack& operator=(const stack&) = delete;

  /// Consumers read while the fault happens.
  void suffer(const fault_point& where, std::uint64_t occurrence) {
    auto& faults = fault_switch::instance();
    faults.arm(where, occurrence);
    // Some messages come once in a second, and a pass is much shorter.
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!faults.has_thrown() && std::chrono::steady_clock::now() < deadline)
      check_passes(where, receive_passes(service_->port(), consumers));
    CAF_CHECK(faults.has_thrown());
    check_all_complete(receive_passes(service_->port(), 1));
    CAF_CHECK_EQUAL(wait_until_at_rest(at_rest_), at_rest_);
  }

  /// One pass for each consumer.
  void pass() const { check_all_complete(receive_passes(service_->port(), consumers)); }

  const event_recorder& log() const { return *log_; }

private:
  static bool is_complete(const received_pass& pass) {
    return pass.problem.empty() && pass.batches == batches && pass.samples == all_samples();
  }

  static void check_all_complete(const std::vector<received_pass>& passes) {
    for (const auto& pass : passes) {
      CAF_CHECK_EQUAL(pass.problem, "");
      CAF_CHECK(is_complete(pass));
    }
  }

  /// One consumer may suffer of its own client or connection, and is told so; nobody else notices anything.
  static void check_passes(const fault_point& where, std::vector<received_pass> passes) {
    const auto victim =
      std::find_if(passes.begin(), passes.end(), [](const received_pass& pass) { return !is_complete(pass); });
    if (victim != passes.end() && (where.actor == "client" || where.actor == "connection")) {
      CAF_CHECK_EQUAL(victim->error_code.value_or("none: " + victim->problem), "INTERNAL");
      CAF_CHECK(victim->samples == all_samples().substr(0, victim->samples.size()));
      passes.erase(victim);
    }
    check_all_complete(passes);
  }

  /// Waits until as many actors run as at rest, or, where that is not known, until their number stays.
  std::size_t wait_until_at_rest(std::size_t expected) const {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto running = fault_switch::instance().running_actors();
    for (auto same = 0; same < 50 && std::chrono::steady_clock::now() < deadline;) {
      std::this_thread::sleep_for(2ms);
      const auto before = std::exchange(running, fault_switch::instance().running_actors());
      same = before == running && (expected == 0 || running == expected) ? same + 1 : 0;
    }
    return running;
  }

  std::shared_ptr<event_recorder> log_ = std::make_shared<event_recorder>();
  std::unique_ptr<dataset::dataset_server> upstream_;
  std::unique_ptr<service> service_;
  std::size_t at_rest_ = 0;
};

/// What is said in the log of an actor that has died.
std::string event_of(const std::string& actor) {
  return actor == "batch_stream" ? "stream_lost" : actor + "_failed";
}

/// What the actors that may fail get in a pass, with how often.
std::map<fault_point, std::uint64_t> points_of(policy::fetch_mode mode) {
  const std::set<std::string> may_fail{"batch_stream", "client", "connection", "fetcher"};
  const stack subject{mode};
  // What comes at the start is not counted.
  fault_switch::instance().take_counts();
  subject.pass();
  auto points = fault_switch::instance().take_counts();
  for (auto i = points.begin(); i != points.end();)
    i = may_fail.count(i->first.actor) > 0 ? std::next(i) : points.erase(i);
  // Where there are streams, a fetcher has a batch on a busy machine only, perhaps once and never again.
  if (mode == policy::fetch_mode::stream)
    for (const auto* message : {"fetch_frame", "batch_result"})
      points.erase({"fetcher", message});
  // This comes once in a while, and perhaps in none of so few passes.
  points.insert({{"client", "client_tick"}, 1});
  return points;
}

void break_everything(policy::fetch_mode mode) {
  std::set<std::string> actors;
  for (const auto& [where, count] : points_of(mode)) {
    CAF_MESSAGE(where.actor << " at " << where.message << ", one of " << count);
    actors.insert(where.actor);
    stack subject{mode};
    subject.suffer(where, 1);
    CAF_CHECK_EQUAL(subject.log().named(event_of(where.actor)).empty(), false);
    subject.suffer(where, std::max<std::uint64_t>(2, count / 3));
  }
  // A stream needs fetchers only now and then, to ask what the dataset is.
  const std::set<std::string> needed{mode == policy::fetch_mode::stream ? "batch_stream" : "fetcher", "client",
                                     "connection"};
  CAF_CHECK(std::includes(actors.begin(), actors.end(), needed.begin(), needed.end()));
}

} // namespace

CAF_TEST(any actor dies at any message while batches come by calls) {
  break_everything(policy::fetch_mode::get);
}

CAF_TEST(any actor dies at any message while batches come by streams) {
  break_everything(policy::fetch_mode::stream);
}
