#define CAF_SUITE waiting_account

#include "actors/policy/waiting_account.hpp"

#include <caf/test/unit_test.hpp>

#include <cmath>
#include <random>

using dispatch::policy::waiting_account;
using dispatch::policy::waiting_for;
using namespace std::chrono_literals;

namespace {

constexpr waiting_account::time_point start{1h};

bool is_about(double value, double expected) {
  return std::abs(value - expected) < 0.01;
}

} // namespace

CAF_TEST(each moment counts for one) {
  waiting_account subject{start, waiting_for::upstream};
  subject.change(start + 2s, waiting_for::socket);
  subject.change(start + 5s, waiting_for::upstream);
  subject.change(start + 6s, waiting_for::nobody);
  const auto totals = subject.totals(start + 100s);
  CAF_CHECK(totals.upstream == 3s);
  CAF_CHECK(totals.socket == 3s);
  CAF_CHECK(totals.encoding == 0s);
}

CAF_TEST(what is still waited for counts as well) {
  const waiting_account subject{start, waiting_for::upstream};
  CAF_CHECK(subject.totals(start + 7s).upstream == 7s);
  CAF_CHECK(is_about(subject.lately(start + 7s).upstream, 1));
  CAF_CHECK(subject.slowest(start + 7s) == waiting_for::upstream);
}

CAF_TEST(the end of a wait for the upstream is encoding) {
  waiting_account subject{start, waiting_for::upstream};
  subject.change(start + 10s, waiting_for::socket, 3s);
  const auto totals = subject.totals(start + 10s);
  CAF_CHECK(totals.upstream == 7s);
  CAF_CHECK(totals.encoding == 3s);
}

CAF_TEST(no more is encoding than was waited) {
  waiting_account subject{start, waiting_for::socket};
  subject.change(start + 10s, waiting_for::upstream);
  subject.change(start + 11s, waiting_for::socket, 5s);
  const auto totals = subject.totals(start + 11s);
  CAF_CHECK(totals.socket == 10s);
  CAF_CHECK(totals.upstream == 0s);
  CAF_CHECK(totals.encoding == 1s);
}

CAF_TEST(what was encoded while the socket was waited for costs nothing) {
  waiting_account subject{start, waiting_for::socket};
  subject.change(start + 5s, waiting_for::socket, 5s);
  subject.change(start + 10s, waiting_for::nobody, 5s);
  const auto totals = subject.totals(start + 10s);
  CAF_CHECK(totals.socket == 10s);
  CAF_CHECK(totals.encoding == 0s);
}

CAF_TEST(looking changes nothing) {
  waiting_account subject{start, waiting_for::upstream};
  for (auto i = 1; i < 10; ++i)
    subject.totals(start + i * 1s);
  subject.change(start + 10s, waiting_for::socket, 9s);
  CAF_CHECK(subject.totals(start + 10s).upstream == 1s);
  CAF_CHECK(subject.totals(start + 10s).encoding == 9s);
}

CAF_TEST(the newest counts most) {
  waiting_account subject{start, waiting_for::upstream};
  subject.change(start + 100s, waiting_for::socket);
  CAF_CHECK(subject.slowest(start + 100s) == waiting_for::upstream);
  CAF_CHECK(subject.slowest(start + 105s) == waiting_for::socket);
  const auto shares = subject.lately(start + 110s);
  CAF_CHECK(shares.socket > 0.8);
  CAF_CHECK(is_about(shares.socket + shares.upstream, 1));
}

CAF_TEST(waits that alternate quickly are told by their shares) {
  waiting_account subject{start, waiting_for::upstream};
  auto time = start;
  for (auto i = 0; i < 1000; ++i) {
    time += 30ms;
    subject.change(time, waiting_for::socket, 10ms);
    time += 10ms;
    subject.change(time, waiting_for::upstream);
  }
  const auto shares = subject.lately(time);
  CAF_CHECK(is_about(shares.upstream, 0.5));
  CAF_CHECK(is_about(shares.encoding, 0.25));
  CAF_CHECK(is_about(shares.socket, 0.25));
  CAF_CHECK(subject.slowest(time) == waiting_for::upstream);
}

CAF_TEST(who has all it wanted waits for nobody after a while) {
  waiting_account subject{start, waiting_for::upstream};
  subject.change(start + 60s, waiting_for::nobody);
  CAF_CHECK(subject.slowest(start + 61s) == waiting_for::upstream);
  CAF_CHECK(subject.slowest(start + 120s) == waiting_for::nobody);
}

CAF_TEST(a consumer is new and has no shares) {
  const waiting_account subject{start, waiting_for::upstream};
  const auto shares = subject.lately(start);
  CAF_CHECK_EQUAL(shares.upstream, 0.0);
  CAF_CHECK(subject.slowest(start) == waiting_for::nobody);
}

CAF_TEST(a socket stalls from when it took something last) {
  waiting_account subject{start, waiting_for::upstream};
  CAF_CHECK(subject.stalled_for(start + 9s) == 0s);
  subject.change(start + 10s, waiting_for::socket);
  CAF_CHECK(subject.stalled_for(start + 12s) == 2s);
  subject.moved(start + 12s);
  subject.change(start + 12s, waiting_for::socket);
  CAF_CHECK(subject.stalled_for(start + 15s) == 3s);
  subject.moved(start + 16s);
  subject.change(start + 16s, waiting_for::upstream);
  CAF_CHECK(subject.stalled_for(start + 20s) == 0s);
}

CAF_TEST(whatever happens all times sum up to what has passed) {
  constexpr std::uint64_t seed = 7;
  std::mt19937_64 random{seed};
  waiting_account subject{start, waiting_for::upstream};
  auto time = start;
  waiting_account::duration idle{};
  auto whom = waiting_for::upstream;
  for (auto i = 0; i < 10000; ++i) {
    const std::chrono::microseconds step{random() % 100000};
    idle += whom == waiting_for::nobody ? step : waiting_account::duration{};
    time += step;
    constexpr waiting_for choice[] = {waiting_for::nobody, waiting_for::upstream, waiting_for::socket};
    whom = choice[random() % 3];
    subject.change(time, whom, std::chrono::microseconds{random() % 50000});
    const auto totals = subject.totals(time);
    CAF_REQUIRE(totals.upstream + totals.encoding + totals.socket + idle == time - start);
    const auto shares = subject.lately(time);
    CAF_REQUIRE(shares.upstream + shares.encoding + shares.socket < 1 + 1e-9);
  }
}
