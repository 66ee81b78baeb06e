#define CAF_SUITE expected_dataset

#include "actors/expected_dataset.hpp"

#include "tests/actors/batch_cache_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::batch_cache_fixture;

CAF_TEST_FIXTURE_SCOPE(expected_dataset_tests, fixture)

CAF_TEST(a dataset that no upstream knows is found out before a consumer comes) {
  options.dataset = "mnist";
  options.upstreams = {"a:1"};
  start();
  CAF_CHECK(asked->descriptions.empty());
  connect();
  connect();
  CAF_CHECK_EQUAL(asked->descriptions.size(), 1u);
  fail_description(status_code::not_found);
  CAF_CHECK_EQUAL(stats().unknown_dataset, "dataset 'mnist' is not known at a:1: a test");
  const auto said = log->named("dataset_unknown");
  CAF_REQUIRE_EQUAL(said.size(), 1u);
  CAF_CHECK(said[0].level == severity::warning);
  CAF_CHECK_EQUAL(said[0].fields.at("upstream"), "a:1");
  CAF_CHECK_EQUAL(said[0].fields.at("message"), "a test");
  pass(policy::dataset_question::interval - 500ms);
  CAF_CHECK(asked->descriptions.empty());
  pass(1s);
  CAF_CHECK_EQUAL(asked->descriptions.size(), 1u);
  fail_description(status_code::not_found);
  CAF_CHECK_EQUAL(log->named("dataset_unknown").size(), 1u);
  connect();
  pass(2s);
  describe(300);
  CAF_CHECK_EQUAL(stats().unknown_dataset, "");
  CAF_CHECK_EQUAL(log->named("dataset_found").size(), 1u);
  pass(30s);
  connect();
  pass(30s);
  CAF_CHECK(asked->descriptions.empty());
}

CAF_TEST(a service that describes nothing is not asked again) {
  options.dataset = "mnist";
  start();
  connect();
  fail_description(status_code::unimplemented);
  CAF_CHECK_EQUAL(stats().unknown_dataset, "");
  connect();
  pass(30s);
  CAF_CHECK(asked->descriptions.empty());
  CAF_CHECK(log->named("dataset_unknown").empty());
}

CAF_TEST(what consumers are told of a dataset counts as well) {
  options.dataset = "mnist";
  options.upstreams = {"a:1", "b:1"};
  start();
  ask_description(a);
  fail_description(status_code::not_found);
  CAF_CHECK_EQUAL(stats().unknown_dataset, "dataset 'mnist' is not known: a test");
  // It may be served although it is not described.
  ask(a, 0);
  answer(0);
  CAF_CHECK_EQUAL(stats().unknown_dataset, "");
}

CAF_TEST_FIXTURE_SCOPE_END()
