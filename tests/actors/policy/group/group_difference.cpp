#define CAF_SUITE group_difference

#include "actors/policy/group/group_difference.hpp"

#include <caf/test/unit_test.hpp>

#include "tests/actors/policy/group/group_fixture.hpp"

using namespace dispatch;
using policy::difference_of;

CAF_TEST(members that want the same agree) {
  CAF_CHECK(!difference_of(spec_of(100), spec_of(100)));
}

CAF_TEST(where a member would begin is no difference) {
  auto later = spec_of(100, 5);
  auto there = spec_of(100, 5);
  there.start.epoch = 3;
  there.start.position = 40;
  later.start.skips = {{1, {0, 10}}, {4, {0, 10}}};
  there.start.skips = {{4, {0, 10}}};
  CAF_CHECK(!difference_of(later, there));
}

CAF_TEST(what differs is named with both values) {
  const auto there = spec_of(100);
  auto asked = there;
  asked.batch_size = 7;
  CAF_CHECK_EQUAL(difference_of(asked, there).value_or(""), "batch_size: got 7, and the group has 1");
  asked = there;
  asked.start.order.shuffle = shuffle_spec{8, 16};
  CAF_CHECK_EQUAL(difference_of(asked, there).value_or(""),
                  "shuffle: got seed 8 with a window of 16, and the group has none");
  asked = there;
  asked.end_epoch.reset();
  CAF_CHECK_EQUAL(difference_of(asked, there).value_or(""), "epochs: got 0, and the group has 1");
  asked = there;
  asked.has_barrier = true;
  CAF_CHECK_EQUAL(difference_of(asked, there).value_or(""), "barrier: got true, and the group has false");
  asked = there;
  asked.start.dataset = "other";
  CAF_CHECK_EQUAL(difference_of(asked, there).value_or(""), "dataset: got 'other', and the group has 'numbers'");
  asked = there;
  asked.start.skips = {{0, {0, 10}}, {0, {20, 30}}};
  CAF_CHECK_EQUAL(difference_of(asked, there).value_or(""), "skip: got 0:0-10+0:20-30, and the group has none");
  asked = there;
  asked.ack_wait = std::chrono::seconds{5};
  CAF_CHECK_EQUAL(difference_of(asked, there).value_or(""), "ack_wait: got 5 s, and the group has 30 s");
}
