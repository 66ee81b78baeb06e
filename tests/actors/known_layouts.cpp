#define CAF_SUITE known_layouts

#include "actors/known_layouts.hpp"

#include <caf/test/unit_test.hpp>

#include <memory>

#include "tests/support/event_recorder.hpp"

using namespace dispatch;

namespace {

const dataset_description described{"d", 1000, {16}, "uint8"};

struct fixture {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  known_layouts layouts{log};
  batch_key first{"d", 30, 0, fingerprint{1}};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(known_layouts_tests, fixture)

CAF_TEST(a first batch as it was asked for is not worth a line) {
  CAF_CHECK(layouts.learn(first, described, 480));
  CAF_CHECK(layouts.of(batch_key{"d", 30, 7, fingerprint{1}}).batches() == 34);
  CAF_CHECK(log->named("batch_size_ignored").empty());
  CAF_CHECK(log->named("samples_not_counted").empty());
}

CAF_TEST(batches of a size of their own are one warning with both sizes) {
  CAF_CHECK(!layouts.learn(first, described, 160));
  CAF_CHECK(layouts.learn(first, described, 160));
  CAF_CHECK(layouts.learn(first, described, 160));
  const auto warnings = log->named("batch_size_ignored");
  CAF_REQUIRE_EQUAL(warnings.size(), 1u);
  CAF_CHECK_EQUAL(warnings[0].fields.at("batch_size"), "30");
  CAF_CHECK_EQUAL(warnings[0].fields.at("samples_in_first_batch"), "10");
  CAF_CHECK_EQUAL(warnings[0].fields.at("batches"), "100");
}

CAF_TEST(a first batch that lacks a sample by accident is not believed) {
  CAF_CHECK(!layouts.learn(first, described, 464));
  CAF_CHECK(layouts.learn(first, described, 480));
  CAF_CHECK_EQUAL(layouts.of(first).batch_samples(), 30);
  CAF_CHECK(log->named("batch_size_ignored").empty());
}

CAF_TEST(samples that cannot be counted are one line that says why) {
  layouts.learn(first, described, 481);
  layouts.learn(batch_key{"d", 30, 0, fingerprint{2}}, {"d", 1000, {16}, "jpeg"}, 480);
  layouts.learn(batch_key{"d", 30, 0, fingerprint{3}}, {}, 480);
  layouts.learn(batch_key{"d", 30, 0, fingerprint{3}}, {}, 480);
  const auto lines = log->named("samples_not_counted");
  CAF_REQUIRE_EQUAL(lines.size(), 3u);
  CAF_CHECK(lines[0].fields.at("message").find("481 bytes, and a sample as described 16") != std::string::npos);
  CAF_CHECK(lines[1].fields.at("message").find("shape and type") != std::string::npos);
  CAF_CHECK(lines[2].fields.at("message").find("how many samples") != std::string::npos);
  CAF_CHECK(!layouts.of(first).is_known());
}

CAF_TEST(layouts are told apart by all that names them) {
  layouts.learn(first, described, 480);
  for (const auto& other : {batch_key{"e", 30, 0, fingerprint{1}}, batch_key{"d", 31, 0, fingerprint{1}},
                            batch_key{"d", 30, 0, fingerprint{2}}})
    CAF_CHECK(!layouts.of(other).is_known());
}

CAF_TEST(what is forgotten or doubted is learnt anew) {
  layouts.learn(first, described, 480);
  CAF_CHECK(layouts.doubt(batch_key{"d", 30, 9, fingerprint{1}}));
  CAF_CHECK(!layouts.doubt(batch_key{"d", 30, 9, fingerprint{1}}));
  CAF_CHECK(layouts.learn(first, {"d", 990, {16}, "uint8"}, 480));
  CAF_CHECK(layouts.of(first).batches() == 33);
  layouts.forget("e");
  CAF_CHECK(layouts.of(first).is_known());
  layouts.forget("d");
  CAF_CHECK(!layouts.of(first).is_known());
}

CAF_TEST_FIXTURE_SCOPE_END()
