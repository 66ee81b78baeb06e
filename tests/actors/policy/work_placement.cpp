#define CAF_SUITE work_placement

#include "actors/policy/work_placement.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <vector>

#include "tests/actors/policy/scheduling.hpp"

using namespace std::chrono_literals;
using dispatch::policy::dataset_holders;
using dispatch::policy::fault;
using dispatch::policy::fetcher_id;
using dispatch::policy::open_calls;
using dispatch::policy::upstream_id;
using dispatch::policy::work_item;
using dispatch::policy::work_placement;
using dispatch::test::fixed_limits;

namespace {

using upstreams = std::vector<upstream_id>;

const work_placement::time_point start{};

/// Upstreams 0 and 1. Fetchers 1 and 2 are at the first, 3 at the second.
struct fixture {
  open_calls calls{fixed_limits({4, 4})};
  dataset_holders holders;
  work_item work;

  fixture() {
    calls.add(1, 0);
    calls.add(2, 0);
    calls.add(3, 1);
    work.dataset = "d";
  }

  work_placement at(work_placement::time_point now) const { return {calls, holders, now}; }

  void fail(fault reason, fetcher_id by) {
    work.tried.note_failure(reason, by, calls.fetchers().at(by).upstream, 7, start);
  }

  std::optional<fetcher_id> pick() const { return at(start).pick(work, 0, at(start).passed_over(work)); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(placement_tests, fixture)

CAF_TEST(the fetcher with the fewest calls gets the work) {
  calls.begin(1, 1, false, start);
  CAF_CHECK(pick() == fetcher_id{2});
  calls.begin(2, 2, false, start);
  CAF_CHECK(pick() == fetcher_id{3});
}

CAF_TEST(an upstream that has not failed the work is preferred to a fetcher that has not ) {
  fail(fault::upstream, 1);
  CAF_CHECK(pick() == fetcher_id{3});
  fail(fault::upstream, 3);
  CAF_CHECK(pick() == fetcher_id{2});
  fail(fault::upstream, 2);
  CAF_CHECK(pick() == fetcher_id{1});
}

CAF_TEST(work waits for a preferred fetcher that is busy) {
  fail(fault::upstream, 1);
  for (auto work_of_others = 1u; work_of_others <= 4; ++work_of_others)
    calls.begin(work_of_others, 3, false, start);
  CAF_CHECK(!pick());
}

CAF_TEST(a fetcher with another fingerprint or an upstream that refuses gets none of it) {
  fail(fault::other_fingerprint, 1);
  CAF_CHECK(pick() == fetcher_id{2});
  fail(fault::request, 2);
  CAF_CHECK(pick() == fetcher_id{3});
  CAF_CHECK(at(start).may_be_given(work));
  fail(fault::request, 3);
  CAF_CHECK(!pick());
  CAF_CHECK(!at(start).may_be_given(work));
}

CAF_TEST(an upstream that lacks the dataset is passed over while another one may have it) {
  holders.refused(0, "d", start);
  CAF_CHECK_EQUAL(at(start).passed_over(work), upstreams{0});
  CAF_CHECK(pick() == fetcher_id{3});
  holders.refused(1, "d", start);
  CAF_CHECK_EQUAL(at(start).passed_over(work), upstreams{});
}

CAF_TEST(refused work waits ten seconds for an upstream that is away and longer where that had the dataset) {
  calls.remove(3);
  holders.refused(0, "d", start);
  fail(fault::dataset, 1);
  CAF_CHECK(at(start + 9999ms).may_be_given(work));
  CAF_CHECK(!at(start + 10s).may_be_given(work));
  holders.described(1, "d");
  CAF_CHECK(at(start + 10s).may_be_given(work));
}

CAF_TEST(work can go elsewhere where another upstream has a fetcher and no call for it) {
  work.tried.begin(0);
  CAF_CHECK(at(start).can_go_elsewhere(work));
  work.tried.begin(1);
  CAF_CHECK(!at(start).can_go_elsewhere(work));
  work.tried.end(1);
  calls.leave(3);
  CAF_CHECK(!at(start).can_go_elsewhere(work));
}

CAF_TEST_FIXTURE_SCOPE_END()
