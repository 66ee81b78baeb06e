#define CAF_SUITE outage_list

#include "actors/policy/outage_list.hpp"

#include <caf/test/dsl.hpp>

using namespace dispatch::policy;
using namespace std::chrono_literals;

namespace {

using time_point = outage_list::time_point;

outage outage_of(const std::string& upstream, time_point began) {
  outage result;
  result.upstream = upstream;
  result.began = began;
  return result;
}

} // namespace

CAF_TEST(an outage lasts from the loss to the first answer) {
  outage_list outages;
  outages.begin(outage_of("a:1", time_point{10s}));
  CAF_CHECK(outages.all().front().length(time_point{12s}) == 2s);
  const auto ended = outages.end("a:1", time_point{15s});
  CAF_REQUIRE(ended);
  CAF_CHECK(ended->length(time_point{99s}) == 5s);
  CAF_CHECK(!outages.end("a:1", time_point{16s}));
}

CAF_TEST(an attempt counts for the upstream that is tried) {
  outage_list outages;
  outages.begin(outage_of("a:1", time_point{1s}));
  outages.begin(outage_of("b:1", time_point{1s}));
  outages.note_attempt("b:1");
  outages.note_attempt("b:1");
  outages.note_attempt("c:1");
  CAF_CHECK_EQUAL(outages.end("a:1", time_point{2s})->attempts, 0u);
  CAF_CHECK_EQUAL(outages.end("b:1", time_point{2s})->attempts, 2u);
}

CAF_TEST(the most consumers that were held up at one time are counted for what goes on) {
  outage_list outages;
  outages.begin(outage_of("a:1", time_point{1s}));
  outages.note_held_up(3);
  outages.note_held_up(7);
  outages.note_held_up(2);
  outages.end("a:1", time_point{2s});
  outages.begin(outage_of("b:1", time_point{3s}));
  outages.note_held_up(9);
  CAF_CHECK_EQUAL(outages.all()[0].clients_held_up, 7u);
  CAF_CHECK_EQUAL(outages.all()[1].clients_held_up, 9u);
}

CAF_TEST(one that goes on is kept however many have ended since) {
  outage_list outages;
  outages.begin(outage_of("gone:1", time_point{0s}));
  for (auto i = 0u; i < 3 * outage_list::most; ++i) {
    outages.begin(outage_of("flaps:1", time_point{std::chrono::seconds{i}}));
    outages.end("flaps:1", time_point{std::chrono::seconds{i} + 500ms});
  }
  CAF_CHECK_EQUAL(outages.all().size(), outage_list::most);
  CAF_CHECK_EQUAL(outages.all().front().upstream, "gone:1");
  CAF_CHECK(outages.all().back().began == time_point{std::chrono::seconds{3 * outage_list::most - 1}});
  CAF_CHECK(outages.end("gone:1", time_point{9000s}).has_value());
}
