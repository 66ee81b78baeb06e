#define CAF_SUITE name_watch

#include "actors/policy/name_watch.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using dispatch::policy::name_watch;

namespace {

using addresses = std::vector<std::string>;

const name_watch::time_point start{};

/// A name that was looked up at the start.
name_watch known() {
  name_watch result;
  result.begin_if_due(start);
  result.note_answer({}, {"a:1"}, start);
  return result;
}

/// Upstreams at these addresses.
name_watch::upstream_map used(const addresses& at) {
  name_watch::upstream_map result;
  for (const auto& address : at)
    result.emplace(address, result.size());
  return result;
}

/// After how long the next lookup begins.
std::chrono::seconds due_after(name_watch& watch, name_watch::time_point from) {
  for (auto waited = 0s; waited < 120s; ++waited)
    if (watch.begin_if_due(from + waited))
      return waited;
  return 120s;
}

} // namespace

CAF_TEST(a name is looked up at once and then one lookup at a time) {
  name_watch watch;
  CAF_CHECK(watch.begin_if_due(start));
  CAF_CHECK(!watch.begin_if_due(start + 1h));
}

CAF_TEST(an answer is good for half a minute and for two seconds where an address has failed since) {
  auto watch = known();
  CAF_CHECK(due_after(watch, start) == 30s);
  watch.note_answer(used({"a:1"}), {"a:1"}, start + 30s);
  watch.note_trouble();
  CAF_CHECK(due_after(watch, start + 30s) == 2s);
  watch.note_answer(used({"a:1"}), {"a:1"}, start + 32s);
  CAF_CHECK(due_after(watch, start + 32s) == 30s);
}

CAF_TEST(after failures in a row the pauses double up to eight seconds) {
  auto watch = known();
  auto now = start + 30s;
  watch.begin_if_due(now);
  for (const auto pause : {1s, 2s, 4s, 8s, 8s}) {
    CAF_CHECK_EQUAL(watch.note_failure(now), pause == 1s);
    watch.note_trouble();
    CAF_CHECK(due_after(watch, now) == pause);
    now += pause;
  }
  watch.note_answer(used({"a:1"}), {"a:1"}, now);
  CAF_CHECK(due_after(watch, now) == 30s);
  CAF_CHECK(watch.note_failure(now));
}

CAF_TEST(an answer says which addresses have come and gone) {
  name_watch watch;
  const auto first = watch.note_answer({}, {"b:1", "a:1"}, start);
  CAF_CHECK_EQUAL(first.added, (addresses{"b:1", "a:1"}));
  CAF_CHECK(first.removed.empty());
  const auto change = watch.note_answer(used({"b:1", "a:1"}), {"c:1", "b:1"}, start + 30s);
  CAF_CHECK_EQUAL(change.added, addresses{"c:1"});
  CAF_CHECK_EQUAL(change.removed, addresses{"a:1"});
  const auto none = watch.note_answer(used({"b:1", "c:1"}), {"b:1", "c:1"}, start + 60s);
  CAF_CHECK(none.added.empty());
  CAF_CHECK(none.removed.empty());
}

CAF_TEST(addresses beyond the most are not used and take the places of those that go) {
  addresses many;
  for (std::size_t i = 0; i < name_watch::most_addresses + 5; ++i)
    many.push_back("a" + std::to_string(i) + ":1");
  name_watch watch;
  const auto first = watch.note_answer({}, many, start);
  const addresses fitting{many.begin(), many.begin() + name_watch::most_addresses};
  CAF_CHECK_EQUAL(first.added, fitting);
  many.erase(many.begin());
  const auto change = watch.note_answer(used(fitting), many, start + 30s);
  CAF_CHECK_EQUAL(change.added, addresses{"a" + std::to_string(name_watch::most_addresses) + ":1"});
  CAF_CHECK_EQUAL(change.removed, addresses{"a0:1"});
}
