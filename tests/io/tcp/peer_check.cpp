#define CAF_SUITE peer_check

#include "io/tcp/peer_check.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <optional>

using namespace std::chrono_literals;
using dispatch::io::peer_check;
using dispatch::io::peer_sample;
using dispatch::io::peer_verdict;

namespace {

/// A peer that is looked at once a second; what the kernel would say of it is the test's to change.
struct fixture {
  peer_check::options options{60s, 0s, 2s};
  peer_check::time_point now{};
  peer_sample seen;
  std::chrono::milliseconds answered{0};
  std::optional<peer_check> subject;

  /// Looks once a second for so long; the last verdict.
  peer_verdict look_for(std::chrono::seconds time) {
    if (!subject)
      subject.emplace(options, now);
    auto verdict = peer_verdict::present;
    for (; time > 0s && verdict == peer_verdict::present; time -= 1s) {
      now += 1s;
      seen.silent = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()) - answered;
      verdict = subject->check(seen, now);
    }
    return verdict;
  }

  /// The peer has answered just now; what it takes is another matter.
  void answer() {
    answered = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
    seen.unanswered_probes = 0;
  }

  bool is(peer_verdict got, peer_verdict wanted) const { return got == wanted; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(peer_check_tests, fixture)

CAF_TEST(a peer for whom nothing waits may be silent for ever) {
  options.stalled_after = 5s;
  CAF_CHECK(is(look_for(10'000s), peer_verdict::present));
}

CAF_TEST(a connection that the kernel has closed is gone) {
  CAF_CHECK(is(look_for(1s), peer_verdict::present));
  seen.closed = true;
  CAF_CHECK(is(look_for(1s), peer_verdict::gone));
}

CAF_TEST(a peer that answers and takes nothing stays where nobody limits that) {
  seen.pending = true;
  for (auto i = 0; i < 1000; ++i) {
    CAF_CHECK(is(look_for(15s), peer_verdict::present));
    answer();
  }
}

CAF_TEST(a peer whose window was closed and that answers no more is gone) {
  seen.pending = true;
  look_for(100s);
  answer();
  CAF_CHECK(is(look_for(59s), peer_verdict::present));
  seen.unanswered_probes = 3;
  CAF_CHECK(is(look_for(1s), peer_verdict::gone));
}

CAF_TEST(a peer that was asked too seldom is not given up yet) {
  seen.pending = true;
  look_for(100s);
  answer();
  seen.unanswered_probes = 2;
  CAF_CHECK(is(look_for(300s), peer_verdict::present));
  answer();
  CAF_CHECK(is(look_for(59s), peer_verdict::present));
}

CAF_TEST(segments that are sent again and again count as questions) {
  seen.pending = true;
  seen.retransmitted = 1000;
  look_for(10s);
  answer();
  look_for(1s);
  seen.retransmitted = 1002;
  CAF_CHECK(is(look_for(100s), peer_verdict::present));
  seen.retransmitted = 1003;
  CAF_CHECK(is(look_for(1s), peer_verdict::gone));
}

CAF_TEST(silence counts from when there was something to answer) {
  look_for(1000s);
  seen.pending = true;
  seen.retransmitted = 5;
  CAF_CHECK(is(look_for(59s), peer_verdict::present));
  CAF_CHECK(is(look_for(1s), peer_verdict::gone));
}

CAF_TEST(a peer that takes nothing for too long has stalled and that is said once) {
  options.stalled_after = 10s;
  seen.pending = true;
  CAF_CHECK(is(look_for(9s), peer_verdict::present));
  CAF_CHECK(is(look_for(1s), peer_verdict::stalled));
  CAF_CHECK(is(look_for(1s), peer_verdict::present));
  CAF_CHECK(is(look_for(1s), peer_verdict::gone));
}

CAF_TEST(a peer that takes a byte now and then has not stalled) {
  options.stalled_after = 10s;
  seen.pending = true;
  for (auto i = 0; i < 100; ++i) {
    CAF_CHECK(is(look_for(9s), peer_verdict::present));
    ++seen.acknowledged;
  }
}

CAF_TEST(a peer that was told and takes it is waited for) {
  options.stalled_after = 10s;
  seen.pending = true;
  CAF_CHECK(is(look_for(10s), peer_verdict::stalled));
  for (auto i = 0; i < 100; ++i) {
    ++seen.acknowledged;
    CAF_CHECK(is(look_for(2s), peer_verdict::present));
  }
  CAF_CHECK(is(look_for(2s), peer_verdict::gone));
}

CAF_TEST_FIXTURE_SCOPE_END()
