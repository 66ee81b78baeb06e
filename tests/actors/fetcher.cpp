#define CAF_SUITE fetcher

#include "actors/fetcher.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/policy/slow_description.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/fake_batch_source.hpp"
#include "wire/fingerprint.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

struct fixture : test::actor_fixture<> {
  test::fake_upstreams upstreams;
  fetcher_options options;
  fetcher_actor fetcher;

  void start() {
    options.call_timeout = 7s;
    fetcher = sys.spawn<fetcher_impl>(upstreams.factory()("a:1"), options);
    self->monitor(fetcher);
    sched.run();
  }

  auto fetch_of(dispatch::fingerprint fingerprint, std::int32_t index) {
    return send_request(fetcher, fetch_batch{{"mnist", 30, index, fingerprint}});
  }

  auto fetch(std::int32_t index) { return fetch_of({}, index); }

  /// How many samples the fetcher says there are; the upstream says `samples`, or is not asked.
  std::int32_t described(std::optional<std::int32_t> samples = std::nullopt) {
    auto response = send_request(fetcher, describe_dataset{"mnist"});
    CAF_CHECK_EQUAL(upstreams.calls.size(), samples ? 1u : 0u);
    if (samples)
      upstreams.describe(*samples);
    return answer_to(response).total_samples;
  }

  std::optional<failure> ended() {
    sched.run();
    std::optional<failure> result;
    self->receive([&](const caf::down_msg& msg) { result = to_failure(msg.reason); }, caf::after(0s) >> [] {});
    return result;
  }

  bool is_gone() {
    sched.run();
    auto result = false;
    self->receive([&](const caf::down_msg& msg) { result = !msg.reason; }, caf::after(0s) >> [] {});
    return result;
  }

  auto await_end() { return send_request(fetcher, await_connection_end{}); }

  /// Until the fetcher has looked whether its connection is there.
  void pass_a_look() { pass(options.check_interval); }

  ~fixture() override {
    anon_send_exit(fetcher, caf::exit_reason::kill);
    sched.run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(fetcher_tests, fixture)

CAF_TEST(a batch of another size than is due is a failure of the upstream) {
  start();
  // Samples of one byte, in batches of 30.
  const batch_layout layout{{"mnist", 100, {1}, "uint8"}, 30, 30};
  auto response = send_request(fetcher, fetch_batch{{"mnist", 30, 2}, {}, layout});
  upstreams.answer(2, std::string(29, 'x'));
  const auto reason = failure_of(response);
  CAF_CHECK_EQUAL(reason.code, status_code::internal);
  CAF_CHECK(reason.message.find("batch 2 has 29 samples where 30 samples") == 0);
}

CAF_TEST(a batch whose columns do not fit is a failure of the upstream) {
  start();
  const dataset_description described{"mnist", 100, {1}, "uint8", {}, {{"label", {}, "int64"}}};
  // Also the first batch, which nothing is known of before it comes.
  for (const auto& [index, layout] :
       {std::pair{0, batch_layout{described, 30}}, std::pair{2, batch_layout{described, 30, 30}}}) {
    const auto samples = test::receive(index, false, std::string(30, 'x'));
    const auto number = std::to_string(index);
    auto lacking = send_request(fetcher, fetch_batch{{"mnist", 30, index}, {}, layout});
    upstreams.answer(index, samples);
    CAF_CHECK_EQUAL(failure_of(lacking).code, status_code::internal);
    auto wrong = send_request(fetcher, fetch_batch{{"mnist", 30, index}, {}, layout});
    upstreams.answer(index, test::with_column(samples, "label", std::string(40, 'x')));
    CAF_CHECK_EQUAL(failure_of(wrong).message,
                    "column 'label' of batch " + number + " has 40 bytes where 30 samples of 8 bytes are due");
    auto right = send_request(fetcher, fetch_batch{{"mnist", 30, index}, {}, layout});
    upstreams.answer(index, test::with_column(samples, "label", std::string(240, 'x')));
    CAF_CHECK_EQUAL(answer_to(right)->received()->columns.size(), 2u);
  }
}

CAF_TEST(a call carries the key and the deadline) {
  start();
  auto response = fetch(4);
  CAF_REQUIRE_EQUAL(upstreams.calls.size(), 1u);
  CAF_CHECK(upstreams.calls[0].key == (batch_key{"mnist", 30, 4}));
  CAF_CHECK(upstreams.calls[0].deadline == 7s);
}

CAF_TEST(answers in any order reach those who asked) {
  start();
  auto first = fetch(0);
  auto second = fetch(1);
  upstreams.answer(1, "b", true);
  upstreams.answer(0, "a");
  const auto frame = answer_to(first);
  CAF_CHECK_EQUAL(frame->classic_text().view(), test::make_batch(0, false, "a")->classic_text().view());
  const auto last = answer_to(second);
  CAF_CHECK_EQUAL(last->index(), 1);
  CAF_CHECK(last->marked_last());
  CAF_CHECK(!ended());
}

CAF_TEST(an upstream that is gone ends the fetcher with its reason) {
  start();
  auto response = fetch(0);
  upstreams.fail(0, status_code::unavailable);
  CAF_CHECK(failure_of(response).code == status_code::unavailable);
  const auto reason = ended();
  CAF_REQUIRE(reason);
  CAF_CHECK(reason->code == status_code::unavailable);
  CAF_CHECK_EQUAL(reason->message, "for the test");
  CAF_CHECK_EQUAL(upstreams.destroyed, 1);
}

CAF_TEST(a fault of the request is answered and leaves the fetcher alone) {
  start();
  for (const auto code :
       {status_code::not_found, status_code::invalid_argument, status_code::out_of_range,
        status_code::failed_precondition, status_code::permission_denied, status_code::unauthenticated}) {
    for (auto i = 0; i < 3; ++i) {
      auto response = fetch(i);
      upstreams.fail(i, code);
      CAF_CHECK(failure_of(response).code == code);
    }
  }
  CAF_CHECK(!ended());
}

CAF_TEST(three different batches failing in a row end the fetcher) {
  start();
  for (auto i = 0; i < 3; ++i) {
    CAF_CHECK(!ended());
    auto response = fetch(i);
    upstreams.fail(i, status_code::internal);
    failure_of(response);
  }
  CAF_CHECK(ended());
}

CAF_TEST(one batch failing again and again does not end the fetcher) {
  start();
  for (auto i = 0; i < 10; ++i) {
    auto response = fetch(5);
    upstreams.fail(5, status_code::internal);
    failure_of(response);
  }
  CAF_CHECK(!ended());
}

CAF_TEST(a success in between starts the count again) {
  start();
  for (const auto index : {0, 1, 10, 2, 3}) {
    auto response = fetch(index);
    if (index == 10) {
      upstreams.answer(10, "fine");
      answer_to(response);
    } else {
      upstreams.fail(index, status_code::unknown);
      failure_of(response);
    }
  }
  CAF_CHECK(!ended());
}

CAF_TEST(a reply for another batch is a failure of the upstream) {
  start();
  auto response = fetch(3);
  const auto call = upstreams.take(3);
  caf::anon_send(call.sink, batch_result{call.id, status_code::ok, {}, test::receive(4, false, "x")});
  const auto reason = failure_of(response);
  CAF_CHECK(reason.code == status_code::internal);
  CAF_CHECK(reason.message.find("batch 4") != std::string::npos);
}

CAF_TEST(a result that nobody waits for is dropped) {
  start();
  auto response = fetch(0);
  const auto call = upstreams.take(0);
  upstreams.answer(call, "a");
  upstreams.answer(call, "a");
  CAF_CHECK(answer_to(response) != nullptr);
  // There is no second one.
  CAF_CHECK(self->mailbox().empty());
  CAF_CHECK(!ended());
}

CAF_TEST(calls under way when the fetcher ends are answered by a broken promise) {
  start();
  auto lost = fetch(0);
  auto response = fetch(1);
  upstreams.fail(1, status_code::unavailable);
  failure_of(response);
  CAF_CHECK(ended());
  CAF_CHECK(failure_of(lost).code == status_code::internal);
}

CAF_TEST(a service without a health check is healthy) {
  upstreams.health = status_code::unimplemented;
  start();
  answer_from(fetcher, check_health{});
}

CAF_TEST(an upstream that answers that it is not available is left after three times in a row) {
  upstreams.connected = true;
  start();
  for (auto i = 0; i < 3; ++i) {
    CAF_CHECK(!ended());
    auto response = fetch(0);
    upstreams.fail(0, status_code::unavailable);
    CAF_CHECK(failure_of(response).code == status_code::unavailable);
  }
  const auto reason = ended();
  CAF_REQUIRE(reason);
  CAF_CHECK(reason->code == status_code::unavailable);
}

CAF_TEST(what has no GetBatch ends the fetcher and is called no dataset service) {
  upstreams.connected = true;
  start();
  auto response = fetch(0);
  upstreams.fail(0, status_code::unimplemented);
  const auto said = failure_of(response);
  CAF_CHECK(said.code == status_code::unimplemented);
  CAF_CHECK(said.message.find("no dataset service") != std::string::npos);
  CAF_CHECK(ended());
}

CAF_TEST(what had no GetBatch before is healthy when there is one whatever that says) {
  upstreams.health = status_code::unimplemented;
  start();
  for (const auto code : {status_code::unimplemented, status_code::unavailable, status_code::not_found}) {
    auto response = send_request(fetcher, check_health{batch_key{"mnist", 30, 7}});
    upstreams.fail(7, code);
    if (code == status_code::not_found)
      answer_to(response);
    else
      failure_of(response);
  }
}

CAF_TEST(a batch of a fingerprint is asked for when the upstream has it) {
  start();
  auto first = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 0);
  auto second = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 1);
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{-1}));
  upstreams.describe(90);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0, 1}));
  // From then on it is known.
  auto third = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 2);
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0, 1, 2}));
}

CAF_TEST(a batch of a fingerprint that the upstream does not have is not asked for) {
  start();
  auto first = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 0);
  upstreams.describe(60);
  CAF_CHECK(answer_to(first) == nullptr);
  // It may have changed since, so it is asked once more; and it is no fault that ends a fetcher.
  for (auto i = 1; i < 6; ++i) {
    auto next = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), i);
    upstreams.describe(60);
    CAF_CHECK(answer_to(next) == nullptr);
  }
  CAF_CHECK(!ended());
  auto back = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 9);
  upstreams.describe(90);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{9}));
}

CAF_TEST(a dataset has the name that it is asked for by) {
  start();
  for (const auto* said : {"", "MNIST 10k"}) {
    auto response = send_request(fetcher, describe_dataset{"mnist"});
    upstreams.describe(upstreams.take(-1), {said, 90, {}, "uint8"});
    CAF_CHECK_EQUAL(answer_to(response).dataset, "mnist");
  }
}

CAF_TEST(an upstream that does not describe its datasets gives batches of any fingerprint) {
  start();
  auto response = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 0);
  upstreams.fail(upstreams.take(-1), status_code::unimplemented);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{0}));
}

CAF_TEST(a batch does not wait for a description that takes long) {
  start();
  auto first = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 0);
  pass(policy::slow_description);
  CAF_CHECK(failure_of(first).code == status_code::unavailable);
  auto second = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 1);
  CAF_CHECK(failure_of(second).code == status_code::unavailable);
  CAF_CHECK(!ended());
  upstreams.describe(90);
  sched.run();
  auto third = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 2);
  CAF_CHECK_EQUAL(upstreams.indices(), (std::vector<std::int32_t>{2}));
}

CAF_TEST(a description that took long is believed for longer) {
  upstreams.connected = true;
  start();
  auto response = send_request(fetcher, describe_dataset{"mnist"});
  constexpr auto took = 5s;
  pass(took);
  upstreams.describe(90);
  answer_to(response);
  const auto good_for = policy::description_good_for<milliseconds>(took, options.believed_for);
  CAF_REQUIRE(good_for > options.believed_for);
  pass(good_for - step);
  CAF_CHECK_EQUAL(described(), 90);
  pass(step);
  CAF_CHECK_EQUAL(described(60), 60);
}

CAF_TEST(an upstream that refuses to describe a dataset is not asked for batches of a fingerprint) {
  start();
  for (auto i = 0; i < 2; ++i) {
    auto response = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 0);
    upstreams.fail(upstreams.take(-1), status_code::failed_precondition);
    CAF_CHECK(failure_of(response).code == status_code::failed_precondition);
  }
  CAF_CHECK(!ended());
}

CAF_TEST(a description that fails for the upstreams reason fails the batch) {
  start();
  auto response = fetch_of(fingerprint_of({"mnist", 90, {}, "uint8"}), 0);
  upstreams.fail(upstreams.take(-1), status_code::internal);
  CAF_CHECK(failure_of(response).code == status_code::internal);
}

CAF_TEST(a description is believed for a while over a connection that is there) {
  upstreams.connected = true;
  start();
  CAF_CHECK_EQUAL(described(90), 90);
  // Answered from memory.
  CAF_CHECK_EQUAL(described(), 90);
  upstreams.connected = false;
  CAF_CHECK_EQUAL(described(60), 60);
  upstreams.connected = true;
  CAF_CHECK_EQUAL(described(), 60);
  pass(options.believed_for);
  CAF_CHECK_EQUAL(described(30), 30);
}

CAF_TEST(a connection that ends while nothing is under way is no failure) {
  upstreams.connected = true;
  start();
  auto end = await_end();
  pass_a_look();
  CAF_CHECK(!is_gone());
  upstreams.connected = false;
  pass_a_look();
  expect_done(end);
  CAF_CHECK(is_gone());
  CAF_CHECK_EQUAL(upstreams.destroyed, 1);
}

CAF_TEST(a connection that ends between its first answer and the next look is noticed) {
  start();
  upstreams.connected = true;
  self->send(fetcher, check_health{});
  sched.run();
  auto end = await_end();
  upstreams.connected = false;
  pass_a_look();
  expect_done(end);
  CAF_CHECK(is_gone());
}

CAF_TEST(calls under way outlive the end of their connection for others) {
  upstreams.connected = true;
  start();
  auto end = await_end();
  auto first = fetch(0);
  auto second = fetch(1);
  pass_a_look();
  upstreams.connected = false;
  pass_a_look();
  expect_done(end);
  upstreams.answer(0, "samples");
  CAF_CHECK_EQUAL(answer_to(first)->index(), 0);
  CAF_CHECK(!is_gone());
  upstreams.fail(1, status_code::unavailable);
  CAF_CHECK(failure_of(second).code == status_code::unavailable);
  CAF_CHECK(is_gone());
}

CAF_TEST(a call that was not made says that the connection has ended before it ends) {
  upstreams.connected = true;
  start();
  auto end = await_end();
  auto response = fetch(0);
  auto other = fetch(1);
  upstreams.turn_back(upstreams.take(0));
  CAF_CHECK(failure_of(response).code == status_code::unavailable);
  expect_done(end);
  CAF_CHECK(!is_gone());
  upstreams.answer(1, "samples");
  answer_to(other);
  CAF_CHECK(is_gone());
}

CAF_TEST(who asks for the end of a connection that has ended is answered at once) {
  upstreams.connected = true;
  start();
  auto response = fetch(0);
  upstreams.connected = false;
  pass_a_look();
  auto end = await_end();
  expect_done(end);
  upstreams.fail(0, status_code::unavailable);
  failure_of(response);
}

CAF_TEST(a connection that fails a call is a failure) {
  upstreams.connected = true;
  start();
  auto response = fetch(0);
  pass_a_look();
  upstreams.connected = false;
  upstreams.fail(0, status_code::unavailable);
  CAF_CHECK(failure_of(response).code == status_code::unavailable);
  const auto reason = ended();
  CAF_REQUIRE(reason);
  CAF_CHECK(reason->code == status_code::unavailable);
}

CAF_TEST(a connection that is seen to be lost only after it has failed a call is a failure) {
  upstreams.connected = true;
  start();
  auto end = await_end();
  auto response = fetch(0);
  pass_a_look();
  upstreams.fail(0, status_code::unavailable);
  CAF_CHECK(failure_of(response).code == status_code::unavailable);
  upstreams.connected = false;
  pass_a_look();
  const auto reason = ended();
  CAF_REQUIRE(reason);
  CAF_CHECK(reason->code == status_code::unavailable);
}

CAF_TEST(a probe that finds the connection lost ends the fetcher) {
  upstreams.connected = true;
  start();
  pass_a_look();
  self->send(fetcher, probe_connection{});
  sched.run();
  CAF_CHECK(!ended());
  upstreams.health = status_code::unavailable;
  self->send(fetcher, probe_connection{});
  sched.run();
  CAF_CHECK(!ended());
  upstreams.connected = false;
  self->send(fetcher, probe_connection{});
  const auto reason = ended();
  CAF_REQUIRE(reason);
  CAF_CHECK(reason->code == status_code::unavailable);
}

CAF_TEST(a connection that never was is not missed) {
  start();
  pass_a_look();
  CAF_CHECK(!ended());
}

CAF_TEST(a fetcher says whether it works) {
  start();
  const auto state = [this] { return answer_from(fetcher, get_actor_report{}).state; };
  CAF_CHECK_EQUAL(state(), "idle");
  auto response = fetch(0);
  CAF_CHECK_EQUAL(state(), "fetching");
  upstreams.answer(0, "data");
  answer_to(response);
  CAF_CHECK_EQUAL(state(), "idle");
}

CAF_TEST_FIXTURE_SCOPE_END()
