#define CAF_SUITE quiet_watch

#include "actors/policy/quiet_watch.hpp"

#include <caf/test/unit_test.hpp>

using namespace std::chrono_literals;
using dispatch::policy::quiet_watch;

namespace {

const quiet_watch::time_point start{1h};

} // namespace

CAF_TEST(what has not answered for a while is quiet) {
  quiet_watch watch{start};
  CAF_CHECK(!watch.is_quiet(start + 2999ms));
  CAF_CHECK(watch.is_quiet(start + 3s));
  watch.answered(start + 10s, true);
  CAF_CHECK(!watch.is_quiet(start + 12s));
  CAF_CHECK(watch.is_quiet(start + 13s));
}

CAF_TEST(to be asked does not make it less quiet) {
  quiet_watch watch{start};
  watch.asked(start + 2s);
  CAF_CHECK(watch.is_quiet(start + 3s));
}

CAF_TEST(what is not asked owes nothing) {
  quiet_watch watch{start};
  CAF_CHECK(watch.owes_for(start + 1h) == 0s);
}

CAF_TEST(an answer is owed from the first question on) {
  quiet_watch watch{start};
  watch.asked(start + 1s);
  watch.asked(start + 3s);
  CAF_CHECK(watch.owes_for(start + 5s) == 4s);
}

CAF_TEST(an answer to one of several questions begins the wait for the next) {
  quiet_watch watch{start};
  watch.asked(start);
  watch.asked(start);
  watch.answered(start + 2s, false);
  CAF_CHECK(watch.owes_for(start + 5s) == 3s);
  watch.answered(start + 6s, true);
  CAF_CHECK(watch.owes_for(start + 9s) == 0s);
}
