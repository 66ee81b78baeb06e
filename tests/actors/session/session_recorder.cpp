#define CAF_SUITE session_recorder

#include "actors/session/session_recorder.hpp"

#include <cmath>
#include <string>

#include "tests/support/actor_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

/// Tells a recorder what its test tells it, as a session would.
caf::behavior fake_session(caf::event_based_actor* self, session_recorder_actor recorder) {
  return {
    [self, recorder](const session_heard& news) { self->send(recorder, news); },
    [self, recorder](const session_over& news) { self->send(recorder, news); },
  };
}

struct fixture : test::actor_fixture<> {
  session_recorder_actor subject = sys.spawn<session_recorder_impl>();

  static client_report report(const caf::actor& session, std::string name, std::uint64_t batches) {
    client_report result;
    result.actor.id = session.id();
    result.dataset = "mnist";
    result.batch_size = 10;
    result.batches = batches;
    result.connected_at = caf::make_timestamp() - 10s;
    result.session = session_report{std::move(name), 7, 1, 5, static_cast<std::int64_t>(batches) * 10, 1000, 0, 2};
    return result;
  }

  template <class News>
  void tell(const caf::actor& session, News news) {
    anon_send(session, std::move(news));
    sched.run();
  }

  session_row_report only_row() {
    const auto known = answer_from(subject, get_session_history{60s});
    CAF_REQUIRE_EQUAL(known.rows.size(), 1u);
    return known.rows[0];
  }

  ~fixture() override {
    anon_send_exit(subject, caf::exit_reason::kill);
    sched.run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(session_recorder_tests, fixture)

CAF_TEST(a session is told of while it is there and after its end) {
  const auto session = sys.spawn(fake_session, subject);
  tell(session, session_heard{report(session, "resnet", 20)});
  auto row = only_row();
  CAF_CHECK_EQUAL(row.place.name, "resnet");
  CAF_CHECK_EQUAL(row.place.epoch, 1u);
  CAF_CHECK_EQUAL(row.place.shard_count, 2);
  CAF_CHECK_EQUAL(row.step, 10);
  CAF_CHECK_EQUAL(row.steps.value_or(0), 50);
  CAF_CHECK(!row.gone_at);
  CAF_REQUIRE_EQUAL(row.batches_per_second.size(), 60u);
  CAF_CHECK(std::isnan(row.batches_per_second[0]));
  tell(session, session_over{report(session, "resnet", 30), "complete"});
  row = only_row();
  CAF_CHECK_EQUAL(row.step, 15);
  CAF_CHECK(row.gone_at.has_value());
  CAF_CHECK_EQUAL(row.outcome, "complete");
  anon_send_exit(session, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(only_row().outcome, "complete");
}

CAF_TEST(a session that comes again goes on in its row) {
  const auto first = sys.spawn(fake_session, subject);
  tell(first, session_over{report(first, "resnet", 20), "lost"});
  const auto second = sys.spawn(fake_session, subject);
  tell(second, session_heard{report(second, "resnet", 5)});
  const auto row = only_row();
  CAF_CHECK_EQUAL(row.times, 2u);
  CAF_CHECK(!row.gone_at);
  CAF_CHECK_EQUAL(row.outcome, "lost");
  anon_send_exit(first, caf::exit_reason::kill);
  anon_send_exit(second, caf::exit_reason::kill);
  sched.run();
}

CAF_TEST(a session whose actor fails is lost) {
  const auto session = sys.spawn(fake_session, subject);
  tell(session, session_heard{report(session, "resnet", 20)});
  anon_send_exit(session, caf::exit_reason::kill);
  sched.run();
  const auto row = only_row();
  CAF_CHECK(row.gone_at.has_value());
  CAF_CHECK_EQUAL(row.outcome, "lost");
}

CAF_TEST(an hour is told at least and a day at most) {
  const auto session = sys.spawn(fake_session, subject);
  tell(session, session_over{report(session, "resnet", 20), "left"});
  CAF_CHECK_EQUAL(only_row().epochs.size(), 60u);
  const auto known = answer_from(subject, get_session_history{std::chrono::hours{24 * 7}});
  CAF_CHECK_EQUAL(known.rows.at(0).epochs.size(), 1440u);
  anon_send_exit(session, caf::exit_reason::kill);
  sched.run();
}

CAF_TEST_FIXTURE_SCOPE_END()
