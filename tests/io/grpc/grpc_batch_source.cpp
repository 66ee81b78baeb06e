#define CAF_SUITE grpc_batch_source

#include "io/grpc/grpc_batch_source.hpp"

#include <caf/test/dsl.hpp>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dataset/dataset_server.hpp"
#include "dataset/synthetic.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

constexpr auto timeout = 30s;

/// Passes results on to the test.
batch_sink::behavior_type forward(batch_sink::pointer, caf::actor test) {
  return {
    [test](batch_result& result) { caf::anon_send(test, std::move(result)); },
    [test](description_result& result) { caf::anon_send(test, std::move(result)); },
    [test](health_result& result) { caf::anon_send(test, std::move(result)); },
  };
}

/// Says OK to everything, and nothing else.
class wordless_service : public grpc::CallbackGenericService {
  class reactor : public grpc::ServerGenericBidiReactor {
  public:
    reactor() { Finish(grpc::Status::OK); }
    void OnDone() override { delete this; }
  };

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override { return new reactor; }
};

struct fixture {
  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  batch_sink sink = sys.spawn(forward, caf::actor{self});
  std::unique_ptr<dataset::dataset_server> server;
  std::unique_ptr<batch_source> source;
  std::string samples;

  void start(dataset::fault_plan faults = {}, bool serving = true, io::grpc_options options = {}) {
    auto catalog = dataset::load_catalog({dataset::parse_data_argument("d=synthetic:100x16:float32")},
                                         dataset::bundled_data::leave_out);
    const auto array = catalog.find("d");
    samples = array->data().batch(100, 0);
    server = std::make_unique<dataset::dataset_server>("127.0.0.1:0", catalog, faults, serving);
    connect(server->port(), options);
  }

  /// Another server on the port of the first one, with the same data.
  void restart_server() {
    const auto address = "127.0.0.1:" + std::to_string(server->port());
    server.reset();
    server = std::make_unique<dataset::dataset_server>(
      address, dataset::load_catalog({dataset::parse_data_argument("d=synthetic:100x16:float32")},
                                     dataset::bundled_data::leave_out));
  }

  void connect(int port, io::grpc_options options = {}) {
    source = io::make_grpc_batch_sources(options)("127.0.0.1:" + std::to_string(port));
  }

  /// gRPC hears of a lost connection a moment after the kernel.
  void expect_loss() {
    const auto limit = std::chrono::steady_clock::now() + timeout;
    while (source->connected())
      if (std::chrono::steady_clock::now() > limit)
        CAF_FAIL("the connection is not seen to be lost");
      else
        std::this_thread::yield();
  }

  std::unique_ptr<batch_reader> open_stream(std::int32_t batch_size = 30) {
    return source->open_stream("d", batch_size, caf::actor_cast<batch_result_sink>(sink));
  }

  /// What a read comes to.
  batch_result read(batch_reader& reader, call_id id) {
    reader.read(id);
    auto result = receive<batch_result>();
    CAF_CHECK_EQUAL(result.id, id);
    return result;
  }

  /// That no result comes which was not received.
  void expect_silence() {
    self->receive([](batch_result& result) { CAF_ERROR("a result of read " << result.id); }, caf::after(50ms) >> [] {});
  }

  template <class Result>
  Result receive() {
    Result result;
    self->receive([&](Result& arrived) { result = std::move(arrived); },
                  caf::after(timeout) >> [] { CAF_FAIL("no result"); });
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(grpc_batch_source_tests, fixture)

CAF_TEST(batches arrive with their samples) {
  start();
  source->get_batch(7, {"d", 30, 1}, timeout, sink);
  auto middle = receive<batch_result>();
  CAF_CHECK_EQUAL(middle.id, 7u);
  CAF_CHECK(middle.code == status_code::ok);
  CAF_CHECK_EQUAL(middle.batch.index, 1);
  CAF_CHECK(!middle.batch.marked_last);
  CAF_CHECK(test::data_of(middle.batch) == samples.substr(30 * 64, 30 * 64));
  source->get_batch(8, {"d", 30, 3}, timeout, sink);
  auto last = receive<batch_result>();
  CAF_CHECK(last.batch.marked_last);
  CAF_CHECK(test::data_of(last.batch) == samples.substr(90 * 64));
}

CAF_TEST(a description says what the dataset is) {
  start();
  source->describe(1, "d", timeout, sink);
  const auto result = receive<description_result>();
  CAF_CHECK(result.code == status_code::ok);
  CAF_CHECK_EQUAL(result.description.total_samples, 100);
  CAF_CHECK_EQUAL(result.description.sample_shape, (std::vector<std::int32_t>{16}));
  CAF_CHECK_EQUAL(result.description.data_type, "float32");
}

CAF_TEST(errors keep their code and message) {
  start();
  source->get_batch(1, {"other", 30, 0}, timeout, sink);
  const auto result = receive<batch_result>();
  CAF_CHECK(result.code == status_code::not_found);
  CAF_CHECK(result.message.find("other") != std::string::npos);
  source->get_batch(2, {"d", 30, 4}, timeout, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::out_of_range);
  source->get_batch(3, {"d", 0, 0}, timeout, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::invalid_argument);
  source->describe(4, "other", timeout, sink);
  CAF_CHECK(receive<description_result>().code == status_code::not_found);
}

CAF_TEST(an OK without a message is no answer) {
  wordless_service service;
  auto port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  const auto wordless = builder.BuildAndStart();
  connect(port);
  source->describe(1, "d", timeout, sink);
  CAF_CHECK(receive<description_result>().code == status_code::unavailable);
  source->get_batch(2, {"d", 30, 0}, timeout, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::unavailable);
}

CAF_TEST(health is what the service says) {
  start();
  source->check_health(1, timeout, sink);
  const auto well = receive<health_result>();
  CAF_CHECK(well.code == status_code::ok);
  CAF_CHECK_EQUAL(well.peer, "127.0.0.1:" + std::to_string(server->port()));
  server->set_serving(false);
  source->check_health(2, timeout, sink);
  const auto result = receive<health_result>();
  CAF_CHECK(result.code == status_code::unavailable);
  CAF_CHECK(result.message.find("NOT_SERVING") != std::string::npos);
}

CAF_TEST(nobody there is UNAVAILABLE) {
  connect(test::unused_port());
  source->check_health(1, timeout, sink);
  CAF_CHECK(receive<health_result>().code == status_code::unavailable);
}

CAF_TEST(a call that hangs ends at its deadline) {
  dataset::fault_plan faults;
  faults.hang_every = 1;
  start(faults);
  source->get_batch(1, {"d", 30, 0}, 50ms, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::deadline_exceeded);
}

CAF_TEST(a source ends its calls when it goes) {
  dataset::fault_plan faults;
  faults.hang_every = 1;
  start(faults);
  for (call_id id = 0; id < 20; ++id)
    source->get_batch(id, {"d", 30, 0}, timeout, sink);
  source.reset();
  for (auto i = 0; i < 20; ++i)
    CAF_CHECK(receive<batch_result>().code == status_code::cancelled);
}

CAF_TEST(sources come and go without end) {
  start();
  for (auto i = 0; i < 50; ++i) {
    connect(server->port());
    source->get_batch(0, {"d", 30, 0}, timeout, sink);
    if (i % 2 == 0)
      CAF_CHECK(receive<batch_result>().code == status_code::ok);
    else
      source.reset();
    if (i % 2 != 0)
      receive<batch_result>();
  }
}

CAF_TEST(a message over the limit is the requests fault and says what the limit is) {
  io::grpc_options options;
  options.max_message_bytes = 1000;
  start({}, true, options);
  source->get_batch(1, {"d", 30, 0}, timeout, sink);
  const auto refused = receive<batch_result>();
  CAF_CHECK(refused.code == status_code::failed_precondition);
  CAF_CHECK(refused.message.find("1000") != std::string::npos);
  source->get_batch(2, {"d", 10, 0}, timeout, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::ok);
}

// -- one connection
// -----------------------------------------------------------------------------------------------------

CAF_TEST(whoever comes to the port of a server that was lost is not taken for it) {
  for (auto round = 0; round < 20; ++round) {
    start();
    source->get_batch(1, {"d", 30, 0}, timeout, sink);
    CAF_REQUIRE(receive<batch_result>().code == status_code::ok);
    CAF_CHECK(source->connected());
    restart_server();
    expect_loss();
    source->get_batch(2, {"d", 30, 0}, timeout, sink);
    CAF_CHECK(receive<batch_result>().code == status_code::unavailable);
    source->describe(3, "d", timeout, sink);
    CAF_CHECK(receive<description_result>().code == status_code::unavailable);
    const auto stream = open_stream();
    CAF_CHECK(read(*stream, 4).code == status_code::unavailable);
    CAF_CHECK(!source->connected());
    connect(server->port());
    source->get_batch(5, {"d", 30, 0}, timeout, sink);
    CAF_CHECK(receive<batch_result>().code == status_code::ok);
  }
}

CAF_TEST(a source is not connected before it was answered) {
  start();
  CAF_CHECK(!source->connected());
  source->get_batch(1, {"other", 30, 0}, timeout, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::not_found);
  source->check_health(2, timeout, sink);
  CAF_CHECK(receive<health_result>().code == status_code::ok);
  CAF_CHECK(source->connected());
}

// -- streams ----------------------------------------------------------------------------------------------------------

CAF_TEST(a stream brings all batches in order and then says that it is over) {
  start();
  const auto reader = open_stream();
  for (std::int32_t index = 0; index < 4; ++index) {
    const auto result = read(*reader, 100 + static_cast<call_id>(index));
    CAF_REQUIRE(result.code == status_code::ok);
    CAF_CHECK_EQUAL(result.batch.index, index);
    CAF_CHECK_EQUAL(result.batch.marked_last, index == 3);
    CAF_CHECK(test::data_of(result.batch) == samples.substr(static_cast<std::size_t>(index) * 30 * 64, 30 * 64));
  }
  CAF_CHECK(read(*reader, 7).code == status_code::out_of_range);
  expect_silence();
}

CAF_TEST(a read after the end is answered again) {
  start();
  const auto reader = open_stream(100);
  CAF_CHECK(read(*reader, 0).code == status_code::ok);
  for (call_id id = 1; id < 5; ++id)
    CAF_CHECK(read(*reader, id).code == status_code::out_of_range);
  const auto refused = source->open_stream("other", 30, caf::actor_cast<batch_result_sink>(sink));
  for (call_id id = 5; id < 9; ++id)
    CAF_CHECK(read(*refused, id).code == status_code::not_found);
  expect_silence();
}

CAF_TEST(a stream that is refused says why) {
  start();
  const auto unknown = source->open_stream("other", 30, caf::actor_cast<batch_result_sink>(sink));
  const auto result = read(*unknown, 1);
  CAF_CHECK(result.code == status_code::not_found);
  CAF_CHECK(result.message.find("other") != std::string::npos);
  const auto invalid = open_stream(0);
  CAF_CHECK(read(*invalid, 2).code == status_code::invalid_argument);
}

CAF_TEST(a stream from nobody is UNAVAILABLE) {
  connect(test::unused_port());
  const auto reader = open_stream();
  CAF_CHECK(read(*reader, 1).code == status_code::unavailable);
}

CAF_TEST(a read brings one batch) {
  start();
  const auto reader = open_stream(10);
  expect_silence();
  for (call_id id = 0; id < 3; ++id) {
    CAF_CHECK(read(*reader, id).code == status_code::ok);
    expect_silence();
  }
}

CAF_TEST(an upstream is not made to send far more than was read) {
  constexpr auto failing = 60;
  dataset::fault_plan faults;
  faults.failures.every = failing;
  // Batches of 1 MiB: what gRPC takes in ahead of the reads are a few of them.
  server = std::make_unique<dataset::dataset_server>(
    "127.0.0.1:0",
    dataset::load_catalog({dataset::parse_data_argument("d=synthetic:80x262144:float32")},
                          dataset::bundled_data::leave_out),
    faults);
  connect(server->port());
  const auto reader = open_stream(1);
  for (call_id id = 0; id < 3; ++id)
    CAF_REQUIRE(read(*reader, id).code == status_code::ok);
  expect_silence();
  // The server numbers the batches of all calls, so these count what the stream has left of the numbers.
  auto left = 0;
  for (auto code = status_code::ok; code == status_code::ok && left <= failing; ++left) {
    source->get_batch(9, {"d", 1, 0}, timeout, sink);
    code = receive<batch_result>().code;
  }
  CAF_MESSAGE(failing - left << " batches were sent for three reads");
  CAF_CHECK_GREATER(left, failing / 2);
}

CAF_TEST(a reader that goes ends its read under way) {
  dataset::fault_plan faults;
  faults.hang_every = 3;
  start(faults);
  for (auto round = 0; round < 2; ++round) {
    auto reader = open_stream();
    for (call_id id = 0; id < 2; ++id)
      CAF_CHECK(read(*reader, id).code == status_code::ok);
    reader->read(2);
    reader.reset();
    const auto result = receive<batch_result>();
    CAF_CHECK_EQUAL(result.id, 2u);
    CAF_CHECK(result.code == status_code::cancelled);
  }
  expect_silence();
}

CAF_TEST(a reader that goes without a read under way leaves nothing behind) {
  start();
  for (const auto reads : {0, 1, 3, 5}) {
    auto reader = open_stream();
    for (auto i = 0; i < reads; ++i)
      read(*reader, static_cast<call_id>(i));
    reader.reset();
  }
  expect_silence();
  source->get_batch(1, {"d", 30, 0}, timeout, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::ok);
}

CAF_TEST(a server that goes in the middle of a stream ends it) {
  dataset::fault_plan faults;
  faults.hang_every = 3;
  for (const auto is_gentle : {false, true})
    for (const auto is_reading : {false, true}) {
      start(faults);
      const auto reader = open_stream();
      for (call_id id = 0; id < 2; ++id)
        CAF_REQUIRE(read(*reader, id).code == status_code::ok);
      if (is_reading)
        reader->read(2);
      if (is_gentle)
        server->shutdown(10s);
      server.reset();
      if (!is_reading)
        reader->read(2);
      const auto result = receive<batch_result>();
      CAF_CHECK_EQUAL(result.id, 2u);
      CAF_CHECK(result.code == status_code::unavailable || (!is_gentle && result.code == status_code::cancelled));
      CAF_CHECK(read(*reader, 3).code == result.code);
    }
  expect_silence();
}

CAF_TEST(a failure in the middle of a stream comes after what was sent before it) {
  dataset::fault_plan faults;
  faults.failures = {3, grpc::StatusCode::DATA_LOSS};
  start(faults);
  const auto reader = open_stream();
  for (call_id id = 0; id < 2; ++id)
    CAF_CHECK(read(*reader, id).code == status_code::ok);
  CAF_CHECK(read(*reader, 2).code == status_code::data_loss);
}

CAF_TEST(a batch of a stream over the limit is RESOURCE_EXHAUSTED) {
  io::grpc_options options;
  options.max_message_bytes = 1000;
  start({}, true, options);
  const auto large = open_stream(30);
  CAF_CHECK(read(*large, 1).code == status_code::resource_exhausted);
  const auto small = open_stream(10);
  CAF_CHECK(read(*small, 2).code == status_code::ok);
}

CAF_TEST(columns arrive in batches and descriptions) {
  const auto argument = dataset::parse_data_argument("d=synthetic:100x16:float32,label=synthetic:100:int64");
  server = std::make_unique<dataset::dataset_server>(
    "127.0.0.1:0", dataset::load_catalog({argument}, dataset::bundled_data::leave_out));
  connect(server->port());
  source->describe(1, "d", timeout, caf::actor_cast<description_sink>(sink));
  const auto described = receive<description_result>().description;
  CAF_CHECK((described.columns == std::vector<column_description>{{"label", {}, "int64"}}));
  source->get_batch(2, {"d", 30, 3}, timeout, sink);
  const auto called = receive<batch_result>().batch;
  const auto reader = open_stream();
  const auto streamed = read(*reader, 0).batch;
  for (const auto& [batch, samples] : {std::pair{called, 10u}, std::pair{streamed, 30u}}) {
    CAF_CHECK_EQUAL(batch.data_bytes(), 64 * samples);
    CAF_REQUIRE_EQUAL(batch.columns.size(), 2u);
    CAF_CHECK_EQUAL(batch.columns[1].name, "label");
    CAF_CHECK_EQUAL(batch.columns[1].bytes.size(), 8 * samples);
  }
}

CAF_TEST(streams of one source do not disturb each other) {
  start();
  const auto first = open_stream(10);
  auto second = open_stream(30);
  for (call_id id = 0; id < 4; ++id) {
    CAF_CHECK_EQUAL(test::data_of(read(*first, id).batch).size(), 640u);
    CAF_CHECK_EQUAL(read(*second, id).batch.index, static_cast<std::int32_t>(id));
  }
  second.reset();
  CAF_CHECK_EQUAL(read(*first, 4).batch.index, 4);
}

CAF_TEST(streams end at any moment and every read has one result) {
  constexpr std::uint64_t seed = 44;
  std::mt19937_64 random{seed};
  start();
  for (auto round = 0; round < 300; ++round) {
    auto reader = open_stream();
    call_id id = 0;
    for (auto reads = random() % 7; reads > 0; --reads)
      read(*reader, id++);
    const auto is_under_way = random() % 2 == 0;
    if (is_under_way)
      reader->read(id);
    if (random() % 4 == 0)
      std::this_thread::sleep_for(std::chrono::microseconds{random() % 500});
    reader.reset();
    // The source must not hang with a call that is about to end.
    if (random() % 2 == 0)
      connect(server->port());
    if (is_under_way && receive<batch_result>().id != id)
      CAF_FAIL("seed " << seed << ", round " << round << ": a result of another read");
  }
  source.reset();
  expect_silence();
}

CAF_TEST_FIXTURE_SCOPE_END()
