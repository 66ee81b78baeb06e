#define CAF_SUITE held_windows

#include "actors/policy/order/held_windows.hpp"

#include <caf/test/unit_test.hpp>

using namespace dispatch;
using policy::window_id;

namespace {

using held = policy::held_windows<int>;

/// Whether a window is one of the two that are kept.
bool holds(const held& windows, window_id which) {
  const auto first = windows.first();
  return first && (*first == which || windows.next(*first) == which);
}

} // namespace

CAF_TEST(without readers no window is kept) {
  held windows{3};
  CAF_CHECK(!windows.first());
  CAF_CHECK(windows.moved(1, {0, 0}));
  CAF_CHECK(windows.left(1));
  CAF_CHECK(!windows.first());
  CAF_CHECK(!windows.left(1));
}

CAF_TEST(one reader has its window kept and the next one) {
  held windows{3};
  CAF_CHECK(windows.moved(1, {0, 1}));
  CAF_CHECK(holds(windows, {0, 1}));
  CAF_CHECK(holds(windows, {0, 2}));
  CAF_CHECK(!holds(windows, {0, 0}));
  CAF_CHECK(!windows.moved(1, {0, 1}));
  CAF_CHECK(windows.moved(1, {0, 2}));
  CAF_CHECK(!holds(windows, {0, 1}));
}

CAF_TEST(behind the last window of an epoch comes the first of the next) {
  held windows{3};
  windows.moved(1, {4, 2});
  CAF_CHECK(holds(windows, {5, 0}));
  CAF_CHECK(windows.next({4, 2}) == (window_id{5, 0}));
}

CAF_TEST(a few that lag behind do not keep windows from the others) {
  held windows{10};
  windows.moved(1, {0, 0});
  windows.moved(2, {0, 5});
  windows.moved(3, {0, 6});
  CAF_CHECK(holds(windows, {0, 5}));
  CAF_CHECK(holds(windows, {0, 6}));
  CAF_CHECK(!holds(windows, {0, 0}));
}

CAF_TEST(of equal pairs the last is kept) {
  held windows{10};
  windows.moved(1, {0, 2});
  windows.moved(2, {0, 7});
  CAF_CHECK(*windows.first() == (window_id{0, 7}));
  windows.left(2);
  CAF_CHECK(*windows.first() == (window_id{0, 2}));
}
