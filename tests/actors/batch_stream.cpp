#define CAF_SUITE batch_stream

#include "actors/batch_stream.hpp"

#include <caf/default_attachable.hpp>

#include <optional>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/fake_batch_source.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

struct fixture : test::actor_fixture<> {
  test::fake_upstreams upstreams;
  caf::actor owner;
  batch_stream_actor stream;

  fixture() {
    owner = sys.spawn([](caf::event_based_actor*) -> caf::behavior { return {[](std::int32_t) {}}; });
    stream = sys.spawn<batch_stream_impl>(upstreams.factory()("a:1"), open_stream{"mnist", 30},
                                          caf::actor_cast<caf::strong_actor_ptr>(owner), nullptr);
    self->monitor(stream);
    sched.run();
  }

  ~fixture() override {
    anon_send_exit(stream, caf::exit_reason::kill);
    anon_send_exit(owner, caf::exit_reason::kill);
    sched.run();
  }

  auto next() { return send_request(stream, next_batch{}); }

  void bring(const std::string& data, bool is_last = false, std::optional<std::int32_t> index = std::nullopt) {
    upstreams.stream(data, is_last, index);
    sched.run();
  }

  void end(status_code code) {
    upstreams.end_stream(code);
    sched.run();
  }

  /// Why the stream has quit; nothing while it runs.
  std::optional<caf::error> ended() {
    sched.run();
    std::optional<caf::error> result;
    self->receive([&](const caf::down_msg& msg) { result = msg.reason; }, caf::after(0s) >> [] {});
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(batch_stream_tests, fixture)

CAF_TEST(a stream is not read before somebody asks) {
  CAF_CHECK_EQUAL(upstreams.streams_opened, 1);
  CAF_CHECK(upstreams.reads.empty());
  auto first = next();
  CAF_REQUIRE_EQUAL(upstreams.reads.size(), 1u);
  CAF_CHECK(upstreams.reads[0].key == (batch_key{"mnist", 30, 0}));
  bring("a");
  CAF_CHECK(upstreams.reads.empty());
  answer_to(first);
}

CAF_TEST(several requests are read for at once and answered in their order) {
  auto first = next();
  auto second = next();
  auto third = next();
  CAF_CHECK_EQUAL(upstreams.reads.size(), 3u);
  bring("a");
  CAF_CHECK_EQUAL(upstreams.reads.size(), 2u);
  bring("b");
  bring("c", true);
  CAF_CHECK(upstreams.reads.empty());
  CAF_CHECK_EQUAL(answer_to(first)->classic_text().view(), test::make_batch(0, false, "a")->classic_text().view());
  CAF_CHECK_EQUAL(answer_to(second)->classic_text().view(), test::make_batch(1, false, "b")->classic_text().view());
  const auto last = answer_to(third);
  CAF_CHECK_EQUAL(last->index(), 2);
  CAF_CHECK(last->marked_last());
  CAF_CHECK(!ended());
}

CAF_TEST(a batch out of order is a failure of the upstream) {
  auto first = next();
  auto second = next();
  auto third = next();
  bring("a");
  bring("c", false, 2);
  answer_to(first);
  const auto reason = failure_of(second);
  CAF_CHECK(reason.code == status_code::internal);
  CAF_CHECK(reason.message.find("batch 2") != std::string::npos);
  CAF_CHECK(reason.message.find("batch 1") != std::string::npos);
  CAF_CHECK(failure_of(third).code == status_code::internal);
  const auto why = ended();
  CAF_REQUIRE(why);
  CAF_CHECK(to_failure(*why).code == status_code::internal);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
}

CAF_TEST(behind the last batch a stream ends normally) {
  auto first = next();
  bring("a", true);
  answer_to(first);
  auto second = next();
  end(status_code::out_of_range);
  CAF_CHECK(failure_of(second).code == status_code::out_of_range);
  const auto why = ended();
  CAF_REQUIRE(why);
  CAF_CHECK(!*why);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(upstreams.destroyed, 1);
}

CAF_TEST(a failure is for all who wait) {
  auto first = next();
  auto second = next();
  end(status_code::unavailable);
  for (auto* response : {&first, &second}) {
    const auto reason = failure_of(*response);
    CAF_CHECK(reason.code == status_code::unavailable);
    CAF_CHECK_EQUAL(reason.message, "for the test");
  }
  const auto why = ended();
  CAF_REQUIRE(why);
  CAF_CHECK(to_failure(*why).code == status_code::unavailable);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
}

CAF_TEST(a stream ends with its owner) {
  auto first = next();
  anon_send_exit(owner, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK(ended());
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(upstreams.destroyed, 1);
  // A broken promise.
  CAF_CHECK(failure_of(first).code == status_code::internal);
  // What the read brings is late.
  bring("a");
}

CAF_TEST(a stream that has ended leaves nothing with its owner) {
  const caf::default_attachable::observe_token watch{stream.address(), caf::default_attachable::monitor};
  anon_send_exit(stream, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK(ended());
  CAF_CHECK_EQUAL(caf::actor_cast<caf::abstract_actor*>(owner)->detach(watch), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
