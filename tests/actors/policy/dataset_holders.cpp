#define CAF_SUITE dataset_holders

#include "actors/policy/dataset_holders.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using dispatch::policy::dataset_holders;
using dispatch::policy::upstream_id;

namespace {

using upstreams = std::vector<upstream_id>;

const dataset_holders::time_point start{};

} // namespace

CAF_TEST(an upstream of which nothing is known neither has nor lacks a dataset) {
  const dataset_holders holders{};
  CAF_CHECK(!holders.has_given(0, "d"));
  CAF_CHECK(!holders.has_shown(0, "d"));
  CAF_CHECK_EQUAL(holders.lacking("d"), upstreams{});
  CAF_CHECK(!holders.lacked_since("d"));
}

CAF_TEST(to describe a dataset is less than to give a batch of it) {
  dataset_holders holders;
  holders.described(0, "d");
  CAF_CHECK(holders.has_shown(0, "d"));
  CAF_CHECK(!holders.has_given(0, "d"));
  holders.gave(0, "d");
  CAF_CHECK(holders.has_given(0, "d"));
}

CAF_TEST(nothing is known of an upstream that has taken the place of another one) {
  dataset_holders holders;
  holders.gave(0, "d");
  holders.refused(1, "d", start);
  holders.forget(0);
  holders.forget(1);
  holders.forget(7);
  CAF_CHECK(!holders.has_given(0, "d"));
  CAF_CHECK_EQUAL(holders.lacking("d"), upstreams{});
}

CAF_TEST(a refusal is of one dataset at one upstream) {
  dataset_holders holders;
  holders.gave(0, "d");
  holders.refused(0, "d", start + 1s);
  CAF_CHECK_EQUAL(holders.lacking("d"), upstreams{0});
  CAF_CHECK_EQUAL(holders.lacking("other"), upstreams{});
  CAF_CHECK_EQUAL(holders.lacked(), std::vector<std::string>{"d"});
  CAF_CHECK(holders.lacked_since("d") == start + 1s);
  CAF_CHECK(!holders.has_given(0, "d"));
}

CAF_TEST(an upstream that lacks a dataset has not shown it by describing it) {
  dataset_holders holders;
  holders.refused(0, "d", start);
  holders.described(0, "d");
  CAF_CHECK(!holders.has_shown(0, "d"));
}

CAF_TEST(an upstream lacks a dataset until it gives a batch or may be asked or has a new connection) {
  for (const auto how : {0, 1, 2}) {
    dataset_holders holders;
    holders.refused(1, "d", start);
    how == 0 ? holders.gave(1, "d") : how == 1 ? holders.may_have(1, "d") : holders.connected_anew(1);
    CAF_CHECK_EQUAL(holders.lacking("d"), upstreams{});
  }
}

CAF_TEST(a dataset is lacked since the first refusal after the last batch) {
  dataset_holders holders;
  holders.refused(0, "d", start + 1s);
  holders.may_have(0, "d");
  holders.refused(0, "d", start + 5s);
  holders.refused(1, "d", start + 3s);
  CAF_CHECK(holders.lacked_since("d") == start + 1s);
  holders.gave(0, "d");
  holders.refused(0, "d", start + 9s);
  CAF_CHECK(holders.lacked_since("d") == start + 3s);
}

CAF_TEST(an upstream is asked again after longer and longer pauses) {
  dataset_holders holders;
  CAF_CHECK(!holders.note_asked_again(0, "d", start));
  holders.refused(0, "d", start);
  auto last = start;
  std::vector<std::chrono::seconds> pauses;
  for (auto time = start; pauses.size() < 6; time += 1s)
    if (holders.note_asked_again(0, "d", time)) {
      pauses.push_back(std::chrono::duration_cast<std::chrono::seconds>(time - last));
      last = time;
    }
  CAF_CHECK_EQUAL(pauses, (std::vector<std::chrono::seconds>{1s, 2s, 4s, 8s, 8s, 8s}));
}

CAF_TEST(many refusals at a time are one) {
  dataset_holders holders;
  for (auto i = 0; i < 64; ++i)
    holders.refused(0, "d", start);
  CAF_CHECK(holders.note_asked_again(0, "d", start + 1s));
}

CAF_TEST(an upstream that says that it has a dataset and refuses it again is asked less and less often) {
  dataset_holders holders;
  holders.refused(0, "d", start);
  holders.may_have(0, "d");
  holders.refused(0, "d", start + 1s);
  CAF_CHECK(!holders.note_asked_again(0, "d", start + 2s));
  CAF_CHECK(holders.note_asked_again(0, "d", start + 3s));
}
