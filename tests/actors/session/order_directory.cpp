#define CAF_SUITE order_directory

#include "actors/session/order_directory.hpp"

#include <set>

#include "tests/actors/session/assembler_fixture.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/metrics_text.hpp"

using namespace dispatch;

namespace {

struct fixture : test::assembler_fixture {
  std::shared_ptr<test::event_recorder> log = std::make_shared<test::event_recorder>();
  order_directory_options directory_options{{}, std::size_t{1} << 20};
  order_directory_actor directory;

  void start() {
    directory = sys.spawn<order_directory_impl>(directory_options, source, log);
    sched.run();
  }

  assembler_actor open(const test::test_taker& who, const order_key& what) {
    return answer_from(directory, open_order{what, blocks->dataset.columns(), who.actor}).assembler;
  }

  std::size_t orders() { return answer_from(directory, get_orders_report{}).orders.size(); }

  std::int64_t orders_counted() { return test::counted(sys.metrics(), "dispatcher_orders"); }

  ~fixture() override {
    anon_send_exit(directory, caf::exit_reason::kill);
    sched.run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(order_directory_tests, fixture)

CAF_TEST(an order has one assembler) {
  start();
  const auto first = open(a, key());
  CAF_CHECK(first == open(b, key()));
  CAF_CHECK(first == open(a, key()));
  CAF_CHECK_EQUAL(orders(), 1u);
  CAF_CHECK_EQUAL(orders_counted(), 1);
}

CAF_TEST(orders that differ in anything have assemblers of their own) {
  start();
  std::vector<order_key> keys(9, key());
  keys[1].dataset = "others";
  keys[2].fingerprint = fingerprint{77};
  keys[3].asked_block = 11;
  keys[4].order.samples = 61;
  keys[5].order.block = 11;
  keys[6].order.shuffle->seed = 8;
  keys[7].order.shuffle->window = 3;
  keys[8].order.shuffle.reset();
  std::set<assembler_actor> found;
  for (const auto& each : keys)
    found.insert(open(a, each));
  CAF_CHECK_EQUAL(found.size(), keys.size());
  CAF_CHECK_EQUAL(orders(), keys.size());
}

CAF_TEST(the assembler puts batches together for those that opened the order) {
  blocks->has_all = true;
  start();
  assembler = open(a, key());
  ask(a, 0, 0, 4);
  CAF_CHECK_EQUAL(rows_of(a, 0), due(0, 4));
}

CAF_TEST(an assembler is gone when all that opened its order are) {
  start();
  const auto first = open(a, key());
  open(b, key());
  leave(a);
  CAF_CHECK_EQUAL(orders(), 1u);
  CAF_CHECK(first == open(c, key()));
  leave(b);
  leave(c);
  CAF_CHECK_EQUAL(orders(), 0u);
  CAF_CHECK_EQUAL(orders_counted(), 0);
  // It has ended as it was meant to.
  CAF_CHECK(log->named("assembler_failed").empty());
}

CAF_TEST(an order that is opened again has a new assembler) {
  start();
  const auto first = open(a, key());
  leave(a);
  CAF_CHECK(first != open(b, key()));
  CAF_CHECK_EQUAL(orders(), 1u);
}

CAF_TEST(an assembler that fails is an event and the others are not touched) {
  start();
  auto other = key();
  other.order.shuffle->seed = 8;
  const auto kept = open(a, other);
  const auto failing = open(a, key());
  self->send_exit(failing, caf::make_error(caf::sec::runtime_error, "for the test"));
  sched.run();
  const auto failures = log->named("assembler_failed");
  CAF_REQUIRE_EQUAL(failures.size(), 1u);
  CAF_CHECK(failures[0].level == severity::error);
  CAF_CHECK_EQUAL(failures[0].fields.at("dataset"), "numbers");
  CAF_CHECK(test::contains(failures[0].fields.at("message"), "for the test"));
  CAF_CHECK_EQUAL(orders(), 1u);
  CAF_CHECK(open(b, key()) != failing);
  CAF_CHECK(open(b, other) == kept);
}

CAF_TEST(the report names the dataset and the seed of each order) {
  start();
  auto plain = key();
  plain.order.shuffle.reset();
  const auto in_order = open(a, plain);
  const auto shuffled = open(a, key());
  const auto report = answer_from(directory, get_orders_report{});
  CAF_CHECK_EQUAL(report.actor.state, "serving");
  CAF_REQUIRE_EQUAL(report.orders.size(), 2u);
  for (const auto& each : report.orders)
    CAF_CHECK_EQUAL(each.label, each.assembler == shuffled ? "numbers seed 7" : "numbers");
  CAF_CHECK(report.orders[0].assembler == in_order || report.orders[1].assembler == in_order);
}

CAF_TEST(a shuffle of more than the cache holds is said once with the figures) {
  directory_options.cache_bytes = std::size_t{3} << 20;
  start();
  auto large = key();
  large.order.samples = 2 << 20; // of three bytes
  large.order.block = 1 << 16;
  large.order.shuffle->window = 4;
  open(a, large);
  open(b, large);
  const auto said = log->named("order_exceeds_cache");
  CAF_REQUIRE_EQUAL(said.size(), 1u);
  CAF_CHECK(said[0].level == severity::warning);
  CAF_CHECK_EQUAL(said[0].fields.at("dataset"), "numbers");
  CAF_CHECK_EQUAL(said[0].fields.at("seed"), "7");
  CAF_CHECK_EQUAL(said[0].fields.at("dataset_mb"), "6");
  CAF_CHECK_EQUAL(said[0].fields.at("cache_mb"), "3");
  CAF_CHECK_EQUAL(said[0].fields.at("window_mb"), "1");
}

CAF_TEST(nothing is said of what the cache holds or of what is read in order) {
  directory_options.cache_bytes = 180;
  start();
  open(a, key());
  auto plain = key();
  plain.order.samples = 2 << 20;
  plain.order.shuffle.reset();
  open(a, plain);
  CAF_CHECK(log->named("order_exceeds_cache").empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
