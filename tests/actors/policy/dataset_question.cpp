#define CAF_SUITE dataset_question

#include "actors/policy/dataset_question.hpp"

#include <caf/test/unit_test.hpp>

using dispatch::policy::dataset_question;
using namespace std::chrono_literals;

namespace {

const dataset_question::time_point start{1000s};

/// Asked at the start and answered that the dataset is not known.
dataset_question unknown_at_start() {
  dataset_question result;
  result.connected(start);
  CAF_CHECK(result.ask(start));
  result.ended(start);
  CAF_CHECK(result.unknown("no such dataset", start));
  return result;
}

} // namespace

CAF_TEST(the question is asked once when an upstream is up) {
  dataset_question subject;
  CAF_CHECK(!subject.ask(start));
  subject.connected(start);
  CAF_CHECK(subject.ask(start));
  CAF_CHECK(!subject.ask(start));
  subject.connected(start);
  CAF_CHECK(!subject.ask(start + 1h));
  subject.ended(start + 1h);
  CAF_CHECK(!subject.known());
  CAF_CHECK(!subject.said());
  subject.connected(start + 2h);
  CAF_CHECK(!subject.ask(start + 2h));
}

CAF_TEST(while the dataset is not known the question is asked in quiet intervals) {
  auto subject = unknown_at_start();
  CAF_CHECK_EQUAL(subject.said().value_or(""), "no such dataset");
  CAF_CHECK(!subject.ask(start + dataset_question::interval - 1ms));
  CAF_CHECK(subject.ask(start + dataset_question::interval));
  // No answer comes to this one.
  subject.ended(start + 15s);
  CAF_CHECK(subject.said().has_value());
  CAF_CHECK(!subject.ask(start + 24s));
  CAF_CHECK(subject.ask(start + 25s));
}

CAF_TEST(after a new connection it is asked soon but not at every connection) {
  auto subject = unknown_at_start();
  subject.connected(start + 10ms);
  CAF_CHECK(!subject.ask(start + 900ms));
  CAF_CHECK(subject.ask(start + 1s));
}

CAF_TEST(a dataset that may become another one is asked for at each connection) {
  dataset_question subject{true};
  subject.connected(start);
  CAF_CHECK(subject.ask(start));
  subject.ended(start);
  CAF_CHECK(!subject.known());
  subject.connected(start + 500ms);
  CAF_CHECK(!subject.ask(start + 999ms));
  CAF_CHECK(subject.ask(start + 1s));
  subject.ended(start + 1s);
  CAF_CHECK(!subject.ask(start + 1h));
}

CAF_TEST(a dataset that is not known is news once) {
  auto subject = unknown_at_start();
  CAF_CHECK(!subject.unknown("still no such dataset", start + 10s));
  CAF_CHECK_EQUAL(subject.said().value_or(""), "still no such dataset");
  CAF_CHECK(subject.known());
  CAF_CHECK(!subject.known());
  CAF_CHECK(!subject.said());
  CAF_CHECK(!subject.ask(start + 1h));
  CAF_CHECK(subject.unknown("gone", start + 2h));
}

CAF_TEST(a question that nobody answered is asked at the next connection) {
  dataset_question subject;
  subject.connected(start);
  CAF_CHECK(subject.ask(start));
  subject.ended(start + 15s);
  CAF_CHECK(!subject.ask(start + 1h));
  subject.connected(start + 1h);
  CAF_CHECK(subject.ask(start + 1h));
}
