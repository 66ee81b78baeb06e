#define CAF_SUITE attempts

#include "actors/policy/attempts.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <vector>

using namespace std::chrono_literals;
using dispatch::policy::attempts;
using dispatch::policy::fault;
using dispatch::policy::pause_apart;
using dispatch::policy::pause_before_retry;
using dispatch::policy::upstream_id;

namespace {

const attempts::time_point start{};

/// A call of fetcher 1 at upstream 0 has failed for this reason.
attempts failed_for(fault reason) {
  attempts result;
  result.note_failure(reason, 1, 0, 7, start);
  return result;
}

} // namespace

CAF_TEST(calls that are under way are known by their upstreams) {
  attempts subject;
  CAF_CHECK(subject.is_fresh());
  subject.begin(3);
  subject.begin(5);
  CAF_CHECK(!subject.is_fresh());
  subject.end(4);
  subject.end(3);
  CAF_CHECK_EQUAL(subject.under_way(), std::vector<upstream_id>{5});
  subject.end(5);
  CAF_CHECK(subject.is_fresh());
}

CAF_TEST(a failure for the reason of the upstream is counted and known of the fetcher and the upstream) {
  const auto subject = failed_for(fault::upstream);
  CAF_CHECK_EQUAL(subject.counted(), 1);
  CAF_CHECK(subject.has_failed_on(1) && !subject.has_failed_on(2));
  CAF_CHECK(subject.has_failed_at(0) && !subject.has_failed_at(1));
  CAF_CHECK(!subject.is_fresh());
}

CAF_TEST(an upstream that is gone or overloaded is not counted) {
  for (const auto reason : {fault::upstream_gone, fault::overload}) {
    const auto subject = failed_for(reason);
    CAF_CHECK_EQUAL(subject.counted(), 0);
    CAF_CHECK(subject.has_failed_on(1));
    CAF_CHECK(!subject.has_failed_at(0));
  }
}

CAF_TEST(a refusal is known of the upstream until that may give it) {
  for (const auto reason : {fault::request, fault::dataset, fault::no_such_batch}) {
    auto subject = failed_for(reason);
    CAF_CHECK(subject.is_refused_at(0) && !subject.is_refused_at(1));
    CAF_CHECK(!subject.has_failed_on(1));
    CAF_CHECK_EQUAL(subject.counted(), 0);
    subject.forgive(0);
    CAF_CHECK(!subject.is_refused_at(0));
  }
}

CAF_TEST(another fingerprint is known of the fetcher and delays nothing) {
  const auto subject = failed_for(fault::other_fingerprint);
  CAF_CHECK(subject.is_other_on(1) && !subject.is_other_on(2));
  CAF_CHECK(subject.is_other_anywhere());
  CAF_CHECK(subject.not_before() <= start);
  CAF_CHECK(!subject.is_fresh());
}

CAF_TEST(an interrupted call leaves nothing behind) {
  CAF_CHECK(failed_for(fault::interrupted).is_fresh());
}

CAF_TEST(each failure delays the next call for longer and an overload by its own pause) {
  attempts subject;
  for (auto failures = 1; failures < 5; ++failures) {
    subject.note_failure(fault::upstream, 1, 0, 7, start);
    CAF_CHECK(subject.not_before() == start + pause_before_retry(failures));
  }
  subject.note_failure(fault::overload, 1, 0, 7, start);
  CAF_CHECK(subject.not_before() == start + pause_apart(5, 7));
}

CAF_TEST(the first refusal says since when the dataset is refused) {
  attempts subject;
  subject.note_refused_since(start + 1s);
  subject.note_refused_since(start + 2s);
  CAF_CHECK(subject.refused_since() == start + 1s);
}

CAF_TEST(an upstream in the place of another has failed and refused nothing) {
  auto subject = failed_for(fault::request);
  subject.note_failure(fault::upstream, 1, 0, 7, start);
  subject.forget(0);
  CAF_CHECK(!subject.is_refused_at(0));
  CAF_CHECK(!subject.has_failed_at(0));
  CAF_CHECK_EQUAL(subject.counted(), 1);
}
