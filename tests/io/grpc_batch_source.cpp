#define CAF_SUITE grpc_batch_source

#include "io/grpc_batch_source.hpp"

#include <caf/test/dsl.hpp>

#include <chrono>

#include "io/dataset/dataset_server.hpp"
#include "io/dataset/synthetic.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s;

/// Passes results on to the test.
batch_sink::behavior_type forward(batch_sink::pointer, caf::actor test) {
  return {
    [test](batch_result& result) { caf::anon_send(test, std::move(result)); },
    [test](description_result& result) { caf::anon_send(test, std::move(result)); },
    [test](health_result& result) { caf::anon_send(test, std::move(result)); },
  };
}

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
    samples = array->batch(100, 0);
    server = std::make_unique<dataset::dataset_server>("127.0.0.1:0", catalog, faults, serving);
    connect(server->port(), options);
  }

  void connect(int port, io::grpc_options options = {}) {
    source = io::make_grpc_batch_sources(options)("127.0.0.1:" + std::to_string(port));
  }

  template <class Result>
  Result receive() {
    Result result;
    self->receive([&](Result& arrived) { result = std::move(arrived); },
                  caf::after(patience) >> [] { CAF_FAIL("no result"); });
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(grpc_batch_source_tests, fixture)

CAF_TEST(batches arrive with their samples) {
  start();
  source->get_batch(7, {"d", 30, 1}, patience, sink);
  auto middle = receive<batch_result>();
  CAF_CHECK_EQUAL(middle.id, 7u);
  CAF_CHECK(middle.code == status_code::ok);
  CAF_CHECK_EQUAL(middle.batch_index, 1);
  CAF_CHECK(!middle.is_last);
  CAF_CHECK(middle.data.str() == samples.substr(30 * 64, 30 * 64));
  source->get_batch(8, {"d", 30, 3}, patience, sink);
  auto last = receive<batch_result>();
  CAF_CHECK(last.is_last);
  CAF_CHECK(last.data.str() == samples.substr(90 * 64));
}

CAF_TEST(a description says what the dataset is) {
  start();
  source->describe(1, "d", patience, sink);
  const auto result = receive<description_result>();
  CAF_CHECK(result.code == status_code::ok);
  CAF_CHECK_EQUAL(result.description.total_samples, 100);
  CAF_CHECK_EQUAL(result.description.sample_shape, (std::vector<std::int32_t>{16}));
  CAF_CHECK_EQUAL(result.description.data_type, "float32");
}

CAF_TEST(errors keep their code and message) {
  start();
  source->get_batch(1, {"other", 30, 0}, patience, sink);
  const auto result = receive<batch_result>();
  CAF_CHECK(result.code == status_code::not_found);
  CAF_CHECK(result.message.find("other") != std::string::npos);
  source->get_batch(2, {"d", 30, 4}, patience, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::out_of_range);
  source->get_batch(3, {"d", 0, 0}, patience, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::invalid_argument);
  source->describe(4, "other", patience, sink);
  CAF_CHECK(receive<description_result>().code == status_code::not_found);
}

CAF_TEST(health is what the service says) {
  start();
  source->check_health(1, patience, sink);
  CAF_CHECK(receive<health_result>().code == status_code::ok);
  server->set_serving(false);
  source->check_health(2, patience, sink);
  const auto result = receive<health_result>();
  CAF_CHECK(result.code == status_code::unavailable);
  CAF_CHECK(result.message.find("NOT_SERVING") != std::string::npos);
}

CAF_TEST(nobody there is UNAVAILABLE) {
  connect(test::unused_port());
  source->check_health(1, patience, sink);
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
    source->get_batch(id, {"d", 30, 0}, patience, sink);
  source.reset();
  for (auto i = 0; i < 20; ++i)
    CAF_CHECK(receive<batch_result>().code == status_code::cancelled);
}

CAF_TEST(sources come and go without end) {
  start();
  for (auto i = 0; i < 50; ++i) {
    connect(server->port());
    source->get_batch(0, {"d", 30, 0}, patience, sink);
    if (i % 2 == 0)
      CAF_CHECK(receive<batch_result>().code == status_code::ok);
    else
      source.reset();
    if (i % 2 != 0)
      receive<batch_result>();
  }
}

CAF_TEST(a message over the limit is RESOURCE_EXHAUSTED) {
  io::grpc_options options;
  options.max_message_bytes = 1000;
  start({}, true, options);
  source->get_batch(1, {"d", 30, 0}, patience, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::resource_exhausted);
  source->get_batch(2, {"d", 10, 0}, patience, sink);
  CAF_CHECK(receive<batch_result>().code == status_code::ok);
}

CAF_TEST_FIXTURE_SCOPE_END()
