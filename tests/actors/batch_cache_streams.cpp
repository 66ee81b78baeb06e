#define CAF_SUITE batch_cache_streams

#include "actors/batch_cache.hpp"

#include "tests/actors/batch_cache_fixture.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using fixture = test::batch_cache_fixture;
using test::indices;

CAF_TEST_FIXTURE_SCOPE(batch_cache_streams_tests, fixture)

CAF_TEST(a pass that begins is fed by a stream) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 3);
  CAF_CHECK_EQUAL(asked->streams_asked, 1);
  for (auto i = 0; i < 3; ++i)
    stream();
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1, 2}));
  CAF_CHECK_EQUAL(a.got->batches[2]->classic_text().view(), test::make_batch(2, false, "data")->classic_text().view());
  CAF_CHECK(requested().empty());
  CAF_CHECK_EQUAL(stats().streamed, 3u);
  CAF_CHECK_EQUAL(stats().batches, 3u);
}

CAF_TEST(in the mode get there are no streams) {
  start(policy::fetch_mode::get);
  ask_range(a, 0, 3);
  CAF_CHECK_EQUAL(asked->streams_asked, 0);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1, 2}));
}

CAF_TEST(a pass that does not begin is fed by calls) {
  start(policy::fetch_mode::stream);
  ask(a, 5);
  CAF_CHECK_EQUAL(asked->streams_asked, 0);
  CAF_CHECK_EQUAL(requested(), (indices{5}));
}

CAF_TEST(one stream feeds several clients) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 2);
  ask_range(b, 0, 3);
  stream();
  ask(c, 0);
  stream();
  stream();
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  CAF_CHECK_EQUAL(batches_of(b), (indices{0, 1, 2}));
  CAF_CHECK_EQUAL(batches_of(c), (indices{0}));
  CAF_CHECK_EQUAL(upstreams.streams_opened, 1);
  CAF_CHECK(requested().empty());
}

CAF_TEST(another batch size is not of the stream) {
  start(policy::fetch_mode::stream);
  ask(a, 0);
  ask(b, 0, "mnist", 31);
  ask(b, 1, "mnist", 31);
  CAF_CHECK_EQUAL(asked->streams_asked, 1);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1}));
}

CAF_TEST(a stream is read no further than somebody wants) {
  start(policy::fetch_mode::stream);
  ask(a, 0);
  stream();
  CAF_CHECK(upstreams.reads.empty());
  ask(a, 3);
  // What lies between comes along.
  for (auto i = 0; i < 3; ++i)
    stream();
  CAF_CHECK(upstreams.reads.empty());
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 3}));
  CAF_CHECK_EQUAL(stats().batches, 4u);
  // At most the reads under way are too much when a client leaves.
  ask_range(a, 4, 20);
  leave(a);
  stream();
  stream();
  CAF_CHECK(upstreams.reads.empty());
  CAF_CHECK(asked->withdrawn.empty());
}

CAF_TEST(when a stream fails the pool is asked for what is wanted) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 4);
  stream();
  upstreams.end_stream(status_code::unavailable);
  sched.run();
  CAF_CHECK_EQUAL(requested(), (indices{1, 2, 3}));
  CAF_CHECK_EQUAL(log->named("stream_lost").size(), 1u);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  for (auto i = 1; i < 4; ++i)
    answer(i);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1, 2, 3}));
  CAF_CHECK(a.got->failures.empty());
  // The next pass may try one again.
  ask(a, 0, "other");
  CAF_CHECK_EQUAL(asked->streams_asked, 2);
}

CAF_TEST(a stream that ends well before what is wanted is no warning) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 2);
  stream();
  upstreams.end_stream(status_code::out_of_range);
  sched.run();
  CAF_CHECK(log->named("stream_lost").empty());
  CAF_CHECK_EQUAL(requested(), (indices{1}));
}

CAF_TEST(an upstream without streams is not asked for one at each pass) {
  asked->streams = test::pool_record::stream_answer::unimplemented;
  start(policy::fetch_mode::automatic);
  ask_range(a, 0, 2);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1}));
  ask(b, 0, "other");
  CAF_CHECK_EQUAL(asked->streams_asked, 1);
  CAF_CHECK_EQUAL(requested(), (indices{0, 1, 0}));
}

CAF_TEST(a stream that brings nothing is given up) {
  options.prefetch.call_timeout = 2s;
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 2);
  pass(1500ms);
  stream();
  pass(1500ms);
  CAF_CHECK(requested().empty());
  pass_until([this] { return !requested().empty(); });
  CAF_CHECK_EQUAL(requested(), (indices{1}));
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(log->named("stream_lost").size(), 1u);
  // The pool answers now; the stream is late.
  stream();
  CAF_CHECK_EQUAL(batches_of(a), (indices{0}));
}

CAF_TEST(a stream that stalls is given up soon where calls go elsewhere) {
  options.prefetch.stall_timeout = 500ms;
  start(policy::fetch_mode::stream);
  ask(a, 0);
  stream();
  ask(a, 1);
  CAF_CHECK(options.prefetch.stall_timeout < options.prefetch.call_timeout);
  const auto took = pass_until([this] { return !requested().empty(); });
  CAF_CHECK(took >= options.prefetch.stall_timeout);
  CAF_CHECK(took < options.prefetch.call_timeout);
  CAF_CHECK_EQUAL(requested(), (indices{1}));
  CAF_CHECK_EQUAL(log->named("stream_lost").size(), 1u);
}

CAF_TEST(a batch without samples that a stream brings is asked for) {
  start(policy::fetch_mode::stream);
  ask(a, 0);
  upstreams.stream("");
  sched.run();
  CAF_CHECK(batches_of(a).empty());
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  answer(0);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0}));
}

CAF_TEST(a batch of another size that a stream brings is asked for) {
  start(policy::fetch_mode::stream);
  ask_description(a);
  describe(100);
  ask_of_fingerprint(a, 0, 100);
  stream(false, std::string(30, 'x'));
  ask_of_fingerprint(a, 1, 100);
  stream(false, std::string(29, 'x'));
  CAF_CHECK_EQUAL(batches_of(a), (indices{0}));
  CAF_CHECK_EQUAL(requested(), (indices{1}));
  answer(1, std::string(30, 'x'));
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
}

CAF_TEST(a batch whose columns do not fit that a stream brings is asked for) {
  shape = {1};
  columns = {{"label", {}, "int64"}};
  start(policy::fetch_mode::stream);
  ask_description(a);
  describe(100);
  ask_of_fingerprint(a, 0, 100);
  stream(false, std::string(30, 'x'));
  CAF_CHECK(batches_of(a).empty());
  CAF_CHECK_EQUAL(requested(), (indices{0}));
}

CAF_TEST(a stream that is not opened in time is given up) {
  asked->streams = test::pool_record::stream_answer::hold;
  options.prefetch.call_timeout = 2s;
  start(policy::fetch_mode::stream);
  ask(a, 0);
  CAF_CHECK(pass_until([this] { return !requested().empty(); }) >= options.prefetch.call_timeout);
  CAF_CHECK_EQUAL(requested(), (indices{0}));
  // It comes all the same, and is sent away.
  in_pool([this, promise = asked->streams_held.at(0)]() mutable {
    auto source = upstreams.factory()("a:1");
    promise.deliver(
      stream_opened{sys.spawn<batch_stream_impl>(std::move(source), open_stream{"mnist", 30}, nullptr, nullptr)});
  });
  CAF_CHECK_EQUAL(upstreams.streams_opened, 1);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK(upstreams.reads.empty());
}

CAF_TEST(a stream that nobody reads is ended) {
  options.prefetch.idle_timeout = 3s;
  start(policy::fetch_mode::stream);
  ask(a, 0);
  stream();
  pass(2500ms);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 0);
  ask(a, 1);
  stream();
  CAF_CHECK(pass_until([this] { return upstreams.streams_closed > 0; }) >= options.prefetch.idle_timeout);
  CAF_CHECK(log->named("stream_lost").empty());
  ask(a, 2);
  CAF_CHECK_EQUAL(requested(), (indices{2}));
}

CAF_TEST(a stream that hangs is ended although nobody waits for it) {
  start(policy::fetch_mode::stream);
  ask(a, 0);
  leave(a);
  CAF_CHECK(pass_until([this] { return upstreams.streams_closed > 0; }) >= options.prefetch.call_timeout);
}

CAF_TEST(the last batch ends the stream) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 3);
  stream();
  stream(true);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  CAF_CHECK_EQUAL(requested(), (indices{2}));
}

CAF_TEST(a late answer of an old stream does no harm) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 2);
  leave(a);
  // No client wants anything of the first stream, so another pass may have one; the reads of the first are under way.
  ask(b, 0, "other");
  CAF_CHECK_EQUAL(upstreams.streams_opened, 2);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_REQUIRE_EQUAL(upstreams.reads.size(), 3u);
  stream();
  stream();
  CAF_CHECK(batches_of(b).empty());
  CAF_CHECK_EQUAL(stats().batches, 0u);
  stream();
  CAF_CHECK_EQUAL(batches_of(b), (indices{0}));
}

CAF_TEST(a batch of an old stream that is on its way to the cache is not taken for one of the new) {
  start(policy::fetch_mode::stream);
  ask(a, 0);
  leave(a);
  // The request is in the mailbox of the cache before the batch is.
  ask(b, batch_key{"other", 30, 0}, 1);
  upstreams.stream("old");
  sched.run();
  CAF_CHECK_EQUAL(upstreams.streams_opened, 2);
  CAF_CHECK(batches_of(b).empty());
  upstreams.stream("new");
  sched.run();
  CAF_REQUIRE_EQUAL(batches_of(b), (indices{0}));
  CAF_CHECK_EQUAL(b.got->batches[0]->classic_text().view(), test::make_batch(0, false, "new")->classic_text().view());
}

CAF_TEST(a stream ends with its cache) {
  start(policy::fetch_mode::stream);
  ask_range(a, 0, 2);
  anon_send_exit(cache, caf::exit_reason::user_shutdown);
  sched.run();
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(upstreams.made, upstreams.destroyed);
}

CAF_TEST(a dataset that is another ends its stream and is asked for once) {
  start(policy::fetch_mode::stream);
  ask_description(a);
  describe(1000);
  ask_range(a, 0, 2);
  stream();
  advance_time(1s);
  ask_description(b);
  describe(2000);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(requested(), (indices{1}));
  CAF_CHECK_EQUAL(stats().batches, 0u);
  answer(1);
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  CAF_CHECK(requested().empty());
}

CAF_TEST(a stream goes on while an upstream has its fingerprint) {
  start(policy::fetch_mode::stream);
  ask_description(a);
  describe(1000);
  ask_of_fingerprint(a, 0, 1000);
  ask_of_fingerprint(a, 1, 1000);
  stream();
  advance_time(1s);
  ask_description(b);
  describe(2000, 1000);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 0);
  stream();
  CAF_CHECK_EQUAL(batches_of(a), (indices{0, 1}));
  advance_time(1s);
  ask_of_fingerprint(a, 2, 1000);
  ask_description(b);
  describe(2000);
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  CAF_CHECK_EQUAL(requested(), (indices{2}));
}

// -- the faster of the two --------------------------------------------------------------------------------------------

CAF_TEST(calls that add much to a slow stream replace it) {
  start(policy::fetch_mode::automatic);
  ask_range(a, 0, 40);
  // While the stream opens, one call shows how long one takes.
  CAF_CHECK_EQUAL(requested(), indices{0});
  advance_time(5ms);
  answer(0);
  // Two reads of the stream are under way. Beside them four calls are tried.
  CAF_CHECK_EQUAL(requested(), (indices{2, 3, 4, 5}));
  advance_time(5ms);
  stream();
  for (auto i = 2; i < 6; ++i)
    answer(i);
  CAF_CHECK(requested().empty());
  CAF_CHECK(log->named("fetch_mode_chosen").empty());
  CAF_CHECK_EQUAL(upstreams.streams_closed, 0);
  // Five batches came in 5 ms, and now the stream lets wait, and again.
  advance_time(3ms);
  stream();
  CAF_CHECK(log->named("fetch_mode_chosen").empty());
  pass(3ms);
  const auto chosen = log->named("fetch_mode_chosen");
  CAF_REQUIRE_EQUAL(chosen.size(), 1u);
  CAF_CHECK_EQUAL(chosen[0].fields.at("mode"), "get");
  CAF_CHECK_EQUAL(upstreams.streams_closed, 1);
  // What the stream was still to bring is called: all but what is there.
  CAF_REQUIRE_EQUAL(requested().size(), 34u);
  CAF_CHECK_EQUAL(requested().front(), 6);
  CAF_CHECK_EQUAL(requested().back(), 39);
  ask(b, 0, "other");
  CAF_CHECK_EQUAL(asked->streams_asked, 1);
}

CAF_TEST(a stream that wins a trial feeds all that follows however far its consumer asks ahead) {
  start(policy::fetch_mode::automatic);
  auto next = 128;
  ask_range(a, 0, next);
  advance_time(5ms);
  answer(0);
  stream();
  for (auto i = 2; i < 6; ++i) {
    advance_time(5ms);
    stream();
    answer(i);
    ask(a, next++);
  }
  for (auto i = 0; i < 3; ++i) {
    CAF_CHECK(log->named("fetch_mode_chosen").empty());
    advance_time(1ms);
    stream();
    ask(a, next++);
  }
  const auto chosen = log->named("fetch_mode_chosen");
  CAF_REQUIRE_EQUAL(chosen.size(), 1u);
  CAF_CHECK_EQUAL(chosen[0].fields.at("mode"), "stream");
  for (auto i = 8; i < 400; ++i) {
    stream();
    ask(a, next++);
  }
  CAF_CHECK(requested().empty());
  CAF_CHECK_EQUAL(a.got->batches.count(399), 1u);
}

CAF_TEST(a consumer that wants few batches at a time has no calls beside its stream) {
  start(policy::fetch_mode::automatic);
  ask_range(a, 0, 3);
  answer(0);
  for (auto i = 0; i < 20; ++i) {
    advance_time(5ms);
    stream();
    ask(a, 3 + i);
    CAF_CHECK(requested().empty());
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
