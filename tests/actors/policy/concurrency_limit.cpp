#define CAF_SUITE concurrency_limit

#include "actors/policy/concurrency_limit.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/simulated_upstream.hpp"

using namespace std::chrono_literals;
using dispatch::policy::concurrency_limit;
using dispatch::test::fixed_latency;
using dispatch::test::measured;
using dispatch::test::partly_serial;
using dispatch::test::simulation;
using dispatch::test::upstream_model;
using dispatch::test::workers;
using outcome = concurrency_limit::outcome;

namespace {

using simulated = simulation<concurrency_limit>;

/// A Python service with one interpreter lock, in batches per second at 1, 2, 4, 8 calls, as measured.
const std::vector<double> python{903, 651, 450, 371};

/// What the dispatcher uses.
concurrency_limit fresh() {
  return concurrency_limit{{}};
}

concurrency_limit fixed(std::size_t calls) {
  return concurrency_limit{{calls, calls, calls}};
}

/// Batches per second of the best number of calls that never changes.
double best_fixed(const upstream_model& model, double seconds) {
  auto best = 0.0;
  for (const auto calls : {1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128}) {
    simulated subject{fixed(static_cast<std::size_t>(calls)), model, 99};
    subject.run_seconds(seconds / 10);
    best = std::max(best, subject.run_seconds(seconds));
  }
  return best;
}

/// Checks that the rate comes near the best fixed number's, what looking for a better one costs included.
void check_rate(const std::string& what, const upstream_model& model, double warm_up, double seconds,
                double share = 0.9, std::uint64_t seeds = 4) {
  const auto best = best_fixed(model, seconds);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    simulated subject{fresh(), model, seed};
    subject.run_seconds(warm_up);
    const auto rate = subject.run_seconds(seconds);
    if (rate < share * best)
      CAF_FAIL(what << ", noise " << model.noise << ", seed " << seed << ": " << rate << "/s of " << best << "/s, held "
                    << subject.limit().held());
  }
}

/// Seconds for the first 334 batches that the policy ever sees, for so many seeds, sorted.
std::vector<double> first_passes(const upstream_model& model, std::uint64_t seeds) {
  std::vector<double> result;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    result.push_back(simulated{fresh(), model, seed}.run_pass(334));
  std::sort(result.begin(), result.end());
  return result;
}

/// The share of time at the limit that was used most.
double share_of_favourite(const simulated& subject) {
  const auto& seconds = subject.seconds_at();
  return *std::max_element(seconds.begin(), seconds.end()) / std::accumulate(seconds.begin(), seconds.end(), 0.0);
}

} // namespace

// -- the best number is found -----------------------------------------------------------------------------------------

CAF_TEST(an upstream that slows down with every call) {
  for (const auto noise : {0.0, 0.2, 0.5}) {
    check_rate("one interpreter lock", measured(python, noise), 2, 10);
    check_rate("best with 2", measured({500, 900, 800, 500, 300}, noise), 3, 10);
  }
}

CAF_TEST(an upstream with fixed latency) {
  for (const auto noise : {0.0, 0.2, 0.5})
    check_rate("5 ms", fixed_latency(0.005, noise), 1, 4);
  // Where a slice takes a second, trials are frequent in comparison.
  const auto slow = fixed_latency(1, 0.2);
  check_rate("1 s", slow, 60, 400);
  simulated subject{fresh(), slow, 1};
  subject.run_seconds(60);
  CAF_CHECK_GREATER(subject.run_seconds(400), 0.94 * 128);
}

CAF_TEST(an upstream that saturates) {
  for (const auto noise : {0.0, 0.2, 0.5}) {
    check_rate("1 worker, 50 ms", workers(1, 0.05, noise), 20, 200);
    check_rate("5 workers, 50 ms", workers(5, 0.05, noise), 20, 200);
    check_rate("12 workers, 200 ms", workers(12, 0.2, noise), 40, 300);
    check_rate("8 workers, 2 s", workers(8, 2, noise), 300, 3000);
    check_rate("without latency", measured({3500, 5800, 6500, 6500, 6500}, noise), 1, 3);
  }
  // Much noise needs long comparisons.
  check_rate("without latency", measured({3500, 5800, 6500, 6500, 6500}, 0.5), 1, 5, 0.93, 20);
}

CAF_TEST(an upstream of which a part is serial) {
  for (const auto noise : {0.0, 0.2, 0.5}) {
    check_rate("10 ms and 1 ms", partly_serial(0.01, 0.001, noise), 5, 20, 0.85);
    check_rate("5 ms and 0.2 ms", partly_serial(0.005, 0.0002, noise), 5, 10);
  }
  // The first round after a rise shows less than what the rise will bring.
  check_rate("10 ms and 1 ms", partly_serial(0.01, 0.001, 0.5), 5, 20, 0.8, 20);
}

CAF_TEST(the first pass raises its calls while that helps and soon by more than twice) {
  CAF_CHECK_LESS(first_passes(fixed_latency(0.005, 0.0), 1).front(), 0.0251);
  for (const auto noise : {0.1, 0.2, 0.3}) {
    const auto seconds = first_passes(fixed_latency(0.005, noise), 100);
    CAF_CHECK_LESS(seconds[50], 0.0430);
    CAF_CHECK_LESS(seconds[89], 0.0470);
  }
}

CAF_TEST(the first pass notices soon that more calls are worse) {
  for (const auto noise : {0.0, 0.1, 0.2}) {
    const auto seconds = first_passes(measured(python, noise), 50);
    CAF_CHECK_LESS(seconds.back(), 1.15 * 334 / 903);
  }
  CAF_CHECK_LESS(first_passes(measured(python, 0.3), 100).back(), 1.5 * 334 / 903);
  CAF_CHECK_LESS(first_passes(measured(python, 0.4), 50)[25], 1.15 * 334 / 903);
}

CAF_TEST(of numbers that are as good as each other the smaller is held) {
  const std::vector<std::pair<upstream_model, std::size_t>> models{
    {measured({9000, 10000}), 3}, {workers(1, 0.001), 3}, {workers(4, 0.01), 8}};
  for (const auto& [model, most] : models)
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      simulated subject{concurrency_limit{{64, 1, 64}}, model, seed};
      subject.run_seconds(20);
      CAF_CHECK_LESS_OR_EQUAL(subject.limit().held(), most);
    }
}

CAF_TEST(the limit does not swing) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    for (const auto& model : {measured(python), fixed_latency(0.005), measured({500, 900, 800, 500, 300})}) {
      simulated subject{fresh(), model, seed};
      subject.run_seconds(3);
      const auto held = subject.limit().held();
      subject.forget_seconds_at();
      subject.run_seconds(20);
      CAF_CHECK_EQUAL(subject.limit().held(), held);
      CAF_CHECK_GREATER(share_of_favourite(subject), 0.95);
    }
}

CAF_TEST(the rate is that of the upstream) {
  CAF_CHECK_EQUAL(fresh().rate(), 0.0);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    simulated subject{fresh(), measured(python), seed};
    subject.run_seconds(5);
    CAF_CHECK_LESS(std::abs(subject.limit().rate() - 903), 60);
  }
}

// -- changes ----------------------------------------------------------------------------------------------------------

CAF_TEST(a change is followed) {
  const auto latency = fixed_latency(0.005);
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const auto& [other, best] : {std::pair{workers(1, 0.001), 1000.0}, std::pair{measured(python), 903.0},
                                      std::pair{workers(2, 0.05), 40.0}, std::pair{fixed_latency(0.001), 64000.0}}) {
      simulated subject{fresh(), latency, seed};
      subject.run_seconds(3);
      subject.becomes(other);
      subject.run_seconds(2.5);
      CAF_CHECK_GREATER(subject.run_seconds(4), 0.9 * best);
      subject.becomes(latency);
      subject.run_seconds(3);
      CAF_CHECK_GREATER(subject.run_seconds(3), 0.9 * 25600);
    }
}

CAF_TEST(a change amid much noise is followed in the end) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    simulated subject{concurrency_limit{{3, 1, 128}}, workers(1, 0.001, 0.5), seed};
    subject.run_seconds(10);
    subject.becomes(fixed_latency(0.005, 0.5));
    subject.run_seconds(4);
    CAF_CHECK_GREATER(subject.run_seconds(0.5), 0.9 * 25600);
  }
}

CAF_TEST(a change that does not show in the rate is found) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    simulated subject{fresh(), measured(python), seed};
    subject.run_seconds(10);
    CAF_CHECK_EQUAL(subject.limit().held(), 1u);
    subject.becomes(workers(16, 1.0 / 903));
    subject.run_seconds(4);
    CAF_CHECK_GREATER(subject.run_seconds(4), 0.9 * 16 * 903);
  }
}

CAF_TEST(slow turns fast) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    simulated subject{fresh(), workers(1, 2), seed};
    subject.run_seconds(200);
    subject.becomes(fixed_latency(0.005));
    subject.run_seconds(3);
    CAF_CHECK_GREATER(subject.run_seconds(3), 0.9 * 25600);
  }
}

// -- demand -----------------------------------------------------------------------------------------------------------

CAF_TEST(without demand the limit does not grow) {
  for (const auto& [calls, most] : {std::pair{1, 2}, {2, 2}, {3, 4}, {8, 8}, {10, 16}})
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      simulated subject{fresh(), fixed_latency(0.005), seed};
      subject.wants(static_cast<std::size_t>(calls));
      subject.run_seconds(30);
      CAF_CHECK_LESS_OR_EQUAL(subject.limit().held(), static_cast<std::size_t>(most));
    }
}

CAF_TEST(demand that comes later is soon noticed) {
  for (const auto calls : {1, 2, 4})
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      simulated subject{fresh(), fixed_latency(0.005), seed};
      subject.wants(static_cast<std::size_t>(calls));
      subject.run_seconds(20);
      subject.wants(64);
      CAF_CHECK_LESS(subject.run_batches(334), 0.13);
    }
}

CAF_TEST(little demand is no evidence that the upstream is slow) {
  for (const auto calls : {0, 1, 3, 20}) {
    simulated subject{fresh(), fixed_latency(0.005), 1};
    subject.run_seconds(3);
    CAF_CHECK_EQUAL(subject.limit().held(), 128u);
    subject.wants(static_cast<std::size_t>(calls));
    subject.run_seconds(30);
    CAF_CHECK_EQUAL(subject.limit().held(), 128u);
  }
}

CAF_TEST(demand at random times is served and no evidence) {
  for (const auto rate : {20.0, 100.0, 400.0, 3000.0})
    for (const auto before : {false, true}) {
      simulated subject{fresh(), fixed_latency(0.005), 1};
      if (before)
        subject.run_seconds(3);
      subject.wants_per_second(rate);
      subject.run_seconds(5);
      CAF_CHECK_GREATER(subject.run_seconds(30), 0.85 * rate);
      if (before)
        CAF_CHECK_EQUAL(subject.limit().held(), 128u);
      else
        CAF_CHECK_LESS(subject.limit().held(), std::max<std::size_t>(5, static_cast<std::size_t>(rate * 0.03)));
    }
}

CAF_TEST(steady demand below the limit still shows that fewer calls are better) {
  simulated subject{fresh(), fixed_latency(0.005), 1};
  subject.run_seconds(3);
  subject.wants(10);
  subject.becomes(measured(python));
  subject.run_seconds(5);
  CAF_CHECK_EQUAL(subject.limit().held(), 1u);
}

CAF_TEST(what one pass has found the next one has) {
  for (const auto silence : {0.5, 60.0, 7200.0})
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      simulated subject{fresh(), fixed_latency(0.005), seed};
      for (auto pass = 0; pass < 2; ++pass) {
        subject.run_pass(334);
        subject.run_seconds(silence);
        subject.wants(64);
      }
      CAF_CHECK_LESS(subject.run_pass(334), 0.045);
    }
}

CAF_TEST(a few calls long ago do not spoil the first pass) {
  simulated subject{fresh(), fixed_latency(0.005), 1};
  for (auto i = 0; i < 3; ++i) {
    subject.wants(1);
    subject.run_pass(2);
    subject.run_seconds(3600);
  }
  subject.wants(64);
  CAF_CHECK_LESS(subject.run_pass(334), 0.075);
}

// -- failures and overload --------------------------------------------------------------------------------------------

CAF_TEST(failures are no throughput and say nothing about load) {
  for (const auto share : {0.01, 0.1, 0.5})
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      auto latency = fixed_latency(0.005);
      auto lock = measured(python);
      latency.failing = lock.failing = share;
      simulated many{fresh(), latency, seed};
      many.run_seconds(3);
      CAF_CHECK_GREATER(many.run_seconds(5), 0.9 * 25600 * (1 - share));
      CAF_CHECK_LESS(std::abs(many.limit().rate() / (25600 * (1 - share)) - 1), 0.1);
      simulated one{fresh(), lock, seed};
      one.run_seconds(5);
      CAF_CHECK_EQUAL(one.limit().held(), 1u);
      CAF_CHECK_LESS(std::abs(one.limit().rate() / (903 * (1 - share)) - 1), 0.15);
    }
}

CAF_TEST(an outage before the first batch is no part of its rate) {
  auto down = fixed_latency(0.001, 0.0);
  down.failing = 1;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    simulated subject{fresh(), down, seed};
    subject.run_seconds(10);
    CAF_CHECK_EQUAL(subject.limit().limit(), 1u);
    subject.becomes(measured(python));
    CAF_CHECK_LESS(subject.run_batches(334), 1.15 * 334 / 903);
  }
}

CAF_TEST(an outage leaves the limit alone) {
  auto down = fixed_latency(0.0001);
  down.failing = 1;
  simulated subject{fresh(), fixed_latency(0.005), 1};
  subject.run_seconds(3);
  const auto rate = subject.limit().rate();
  subject.becomes(down);
  subject.run_seconds(2);
  CAF_CHECK_EQUAL(subject.limit().held(), 128u);
  CAF_CHECK_LESS(std::abs(subject.limit().rate() / rate - 1), 0.1);
  subject.becomes(fixed_latency(0.005));
  CAF_CHECK_GREATER(subject.run_seconds(2), 0.9 * 25600);
}

CAF_TEST(calls that are turned away lower the limit) {
  auto strict = fixed_latency(0.005);
  for (const auto most : {1, 3, 10, 40}) {
    strict.turns_away_above = static_cast<std::size_t>(most);
    simulated subject{fresh(), fixed_latency(0.005), 1};
    subject.run_seconds(3);
    subject.becomes(strict);
    subject.run_seconds(5);
    CAF_CHECK_LESS_OR_EQUAL(subject.limit().held(), strict.turns_away_above);
    // The limit is a power of two here: 2 of 3 is the worst.
    CAF_CHECK_GREATER(subject.run_seconds(5), 0.65 * most / 0.005);
    subject.becomes(fixed_latency(0.005));
    subject.run_seconds(5);
    CAF_CHECK_GREATER(subject.run_seconds(5), 0.9 * 25600);
  }
}

CAF_TEST(a single sign of overload in a hundred calls does not count) {
  auto model = fixed_latency(0.005);
  model.overloaded = 0.01;
  simulated subject{fresh(), model, 1};
  subject.run_seconds(3);
  CAF_CHECK_GREATER(subject.run_seconds(10), 0.9 * 25600);
}

CAF_TEST(overload of one call does not lower the limit) {
  concurrency_limit subject{{4, 1, 64}};
  const auto now = concurrency_limit::time_point{} + 1h;
  for (auto i = 0; i < 4; ++i)
    subject.started(now);
  subject.completed(now, now + 1s, outcome::overloaded);
  CAF_CHECK_EQUAL(subject.limit(), 4u);
  subject.completed(now, now + 1s, outcome::overloaded);
  CAF_CHECK_EQUAL(subject.limit(), 2u);
}

CAF_TEST(overload does not lower the limit below the least) {
  for (const auto least : {1, 3}) {
    const auto calls = static_cast<std::size_t>(least);
    concurrency_limit subject{{4, calls, 64}};
    auto now = concurrency_limit::time_point{} + 1h;
    for (auto i = 0; i < 200; ++i) {
      const auto begun = now;
      const auto together = subject.limit();
      for (std::size_t call = 0; call < together; ++call)
        subject.started(begun);
      now += 1s;
      for (std::size_t call = 0; call < together; ++call)
        subject.completed(begun, now, outcome::overloaded);
    }
    CAF_CHECK_EQUAL(subject.limit(), calls);
  }
}

CAF_TEST(overload halves the limit once for the calls that saw it) {
  concurrency_limit subject{{64, 1, 64}};
  auto now = concurrency_limit::time_point{} + 1h;
  const auto begun = now;
  for (auto i = 0; i < 64; ++i)
    subject.started(now);
  now += 1s;
  for (auto i = 0; i < 64; ++i)
    subject.completed(begun, now, outcome::overloaded);
  CAF_CHECK_EQUAL(subject.limit(), 32u);
  // A deadline that is over long after the limit was lowered speaks against the limit before.
  for (auto i = 0; i < 32; ++i)
    subject.started(now);
  now += 1s;
  for (auto i = 0; i < 32; ++i)
    subject.completed(begun, now, outcome::overloaded);
  CAF_CHECK_EQUAL(subject.held(), 32u);
}

// -- whatever happens -------------------------------------------------------------------------------------------------

CAF_TEST(a fixed limit is fixed) {
  for (const auto calls : {1, 7, 64}) {
    auto model = measured(python);
    model.overloaded = 0.3;
    simulated subject{fixed(static_cast<std::size_t>(calls)), model, 1};
    for (auto i = 0; i < 500; ++i) {
      subject.run_batches(5);
      if (subject.limit().limit() != static_cast<std::size_t>(calls))
        CAF_FAIL("limit " << subject.limit().limit() << " of " << calls);
    }
    CAF_CHECK_EQUAL(subject.peak(), static_cast<std::size_t>(calls));
  }
}

CAF_TEST(options out of order are put in order) {
  CAF_CHECK_EQUAL(concurrency_limit({9, 3, 5}).limit(), 5u);
  CAF_CHECK_EQUAL(concurrency_limit({1, 3, 5}).limit(), 3u);
  CAF_CHECK_EQUAL(concurrency_limit({0, 0, 0}).limit(), 1u);
  CAF_CHECK_EQUAL(concurrency_limit({2, 6, 4}).limit(), 6u);
}

CAF_TEST(the limit is within its bounds and the same for the same input) {
  constexpr std::uint64_t seed = 9;
  std::mt19937_64 random{seed};
  for (auto round = 0; round < 300; ++round) {
    const auto least = 1 + random() % 4;
    const auto most = least + random() % 40;
    const concurrency_limit::options options{random() % 70, least, most};
    concurrency_limit subject{options};
    concurrency_limit twin{options};
    auto now = concurrency_limit::time_point{} + 24h;
    std::vector<concurrency_limit::time_point> calls;
    for (auto i = 0; i < 2000; ++i) {
      // Clocks stand still, creep, and leap; a caller may even come with an older time.
      constexpr std::chrono::nanoseconds leaps[]{0ns, 0ns, 1us, 300us, 5ms, 5ms, 2s, 1h, -1ms};
      now += leaps[random() % (i % 50 == 0 ? 9 : 6)];
      const auto choice = random() % 40;
      if (calls.size() < subject.limit()) {
        subject.started(now);
        twin.started(now);
        calls.push_back(now);
      } else if (choice == 0) {
        subject.abandoned();
        twin.abandoned();
        calls.pop_back();
      } else {
        const auto how = choice < 3 ? outcome::overloaded : choice < 6 ? outcome::failed : outcome::ok;
        subject.completed(calls.front(), now, how);
        twin.completed(calls.front(), now, how);
        calls.erase(calls.begin());
      }
      const auto within = [&](std::size_t value) { return value >= least && value <= most; };
      if (!within(subject.limit()) || !within(subject.held()) || !(subject.rate() >= 0 && subject.rate() < 1e7))
        CAF_FAIL("seed " << seed << ", round " << round << ": limit " << subject.limit() << ", rate "
                         << subject.rate());
      if (subject.limit() != twin.limit() || subject.rate() != twin.rate())
        CAF_FAIL("seed " << seed << ", round " << round << ": two for the same input");
    }
  }
}

CAF_TEST(while time stands still nothing is learnt) {
  concurrency_limit subject{{}};
  const auto now = concurrency_limit::time_point{} + 1h;
  subject.started(now);
  for (auto i = 0; i < 100'000; ++i) {
    subject.started(now);
    subject.completed(now, now, outcome::ok);
    if (subject.limit() != 1)
      CAF_FAIL("limit " << subject.limit() << " after " << i << " calls");
  }
  CAF_CHECK_EQUAL(subject.rate(), 0.0);
}

CAF_TEST(a coarse clock will do) {
  for (const auto step : {0.0001, 0.001}) {
    simulated latency{fresh(), fixed_latency(0.005), 1};
    latency.clock_steps(step);
    latency.run_seconds(2);
    CAF_CHECK_GREATER(latency.run_seconds(5), 0.9 * 25600);
    simulated lock{fresh(), measured(python), 1};
    lock.clock_steps(step);
    lock.run_seconds(2);
    CAF_CHECK_GREATER(lock.run_seconds(5), 0.9 * 903);
  }
}

CAF_TEST(calls that are lost do no harm) {
  for (const auto share : {0.01, 0.1}) {
    auto latency = fixed_latency(0.005);
    auto lock = measured(python);
    latency.lost = lock.lost = share;
    simulated many{fresh(), latency, 1};
    many.run_seconds(3);
    CAF_CHECK_GREATER(many.run_seconds(5), 0.9 * 25600 * (1 - share));
    simulated one{fresh(), lock, 1};
    one.run_seconds(3);
    CAF_CHECK_GREATER(one.run_seconds(5), 0.9 * 903 * (1 - share));
  }
}

CAF_TEST(calls that never end do no harm) {
  for (const auto lost : {1, 5, 70}) {
    auto leaking = fresh();
    for (auto i = 0; i < lost; ++i)
      leaking.started(concurrency_limit::time_point{});
    simulated many{leaking, fixed_latency(0.005), 1};
    many.run_seconds(3);
    CAF_CHECK_GREATER(many.run_seconds(5), 0.9 * 25600);
    simulated one{leaking, measured(python), 1};
    one.run_seconds(3);
    CAF_CHECK_GREATER(one.run_seconds(5), 0.85 * 903);
  }
}
