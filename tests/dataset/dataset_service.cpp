#define CAF_SUITE dataset_service

#include "dataset/dataset_service.hpp"

#include "dataset/byte_file.hpp"
#include "tests/dataset/data_files.hpp"
#include "tests/dataset/served.hpp"

#include <grpc/grpc.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

namespace dispatch::dataset {

namespace {

namespace wire = ::dataset_service;

using namespace std::chrono_literals;

constexpr int million = 1 << 20;

std::string joined(const std::vector<wire::DataBatch>& batches) {
  std::string bytes;
  for (auto& batch : batches)
    bytes += batch.data();
  return bytes;
}

std::vector<std::uint64_t> sorted(std::vector<std::uint64_t> values) {
  std::sort(values.begin(), values.end());
  return values;
}

/// Checks indexes from 0 and the mark on the last batch and on no other.
void check_numbering(const std::vector<wire::DataBatch>& batches) {
  for (std::size_t i = 0; i < batches.size(); ++i) {
    CAF_CHECK_EQUAL(batches[i].batch_index(), static_cast<std::int32_t>(i));
    CAF_CHECK_EQUAL(batches[i].is_last_batch(), i + 1 == batches.size());
  }
}

CAF_TEST(the info describes the dataset) {
  served it{load_catalog({{"rows", "synthetic:7x2x3:int16"}})};
  wire::DatasetInfo info;
  CAF_CHECK(it.info("mnist", info).ok());
  CAF_CHECK_EQUAL(info.dataset_name(), "mnist");
  CAF_CHECK_EQUAL(info.total_samples(), 10000);
  CAF_CHECK_EQUAL((sample_shape{info.sample_shape().begin(), info.sample_shape().end()}), (sample_shape{1, 28, 28}));
  CAF_CHECK_EQUAL(info.data_type(), "float32");
  CAF_CHECK(info.is_available());
  CAF_CHECK(it.info("mnist-labels", info).ok());
  CAF_CHECK_EQUAL(info.sample_shape_size(), 0);
  CAF_CHECK_EQUAL(info.data_type(), "uint8");
  CAF_CHECK(it.info("rows", info).ok());
  CAF_CHECK_EQUAL(info.total_samples(), 7);
  CAF_CHECK_EQUAL((sample_shape{info.sample_shape().begin(), info.sample_shape().end()}), (sample_shape{2, 3}));
  CAF_CHECK_EQUAL(info.data_type(), "int16");
}

CAF_TEST(MNIST comes in 334 batches with the values of its file) {
  served it{load_catalog({})};
  auto file = read_byte_file(data_directory() + "/mnist-images.idx3-ubyte.gz");
  auto pixels = file.substr(16);
  CAF_REQUIRE_EQUAL(pixels.size(), 10000u * 784u);
  std::string expected;
  for (auto pixel : pixels)
    expected += native((static_cast<float>(static_cast<unsigned char>(pixel)) / 255.0f - 0.5f) / 0.5f);
  std::vector<wire::DataBatch> batches;
  for (std::int32_t index = 0; index < 334; ++index) {
    auto answer = it.get("mnist", 30, index);
    CAF_REQUIRE(answer.status.ok());
    batches.push_back(answer.batch);
  }
  CAF_CHECK_EQUAL(batches.front().data().size(), 30u * 3136u);
  CAF_CHECK_EQUAL(batches.back().data().size(), 10u * 3136u);
  check_numbering(batches);
  CAF_CHECK(joined(batches) == expected);
  CAF_CHECK(it.get("mnist", 30, 334).status.error_code() == grpc::StatusCode::OUT_OF_RANGE);
  auto streamed = it.stream("mnist", 30);
  CAF_CHECK(streamed.status.ok());
  CAF_CHECK_EQUAL(streamed.batches.size(), 334u);
  check_numbering(streamed.batches);
  CAF_CHECK(joined(streamed.batches) == expected);
  auto labels = it.get("mnist-labels", 10000, 0).batch.data();
  CAF_CHECK_EQUAL(labels.size(), 10000u);
  CAF_CHECK(std::all_of(labels.begin(), labels.end(), [](char label) { return label >= 0 && label <= 9; }));
}

CAF_TEST(an unknown dataset is not found and the message names those that exist) {
  served it{load_catalog({{"big", "synthetic:1:uint8"}})};
  wire::DatasetInfo info;
  for (auto& status : {it.get("nope", 30, 0).status, it.stream("nope", 30).status, it.info("nope", info)}) {
    CAF_CHECK(status.error_code() == grpc::StatusCode::NOT_FOUND);
    CAF_CHECK_EQUAL(status.error_message(), "no dataset 'nope'; there are: big, mnist, mnist-labels, mnist-test, mnist-train");
  }
  auto status = it.get(std::string(100000, 'x'), 30, 0).status;
  CAF_CHECK(status.error_code() == grpc::StatusCode::NOT_FOUND);
  CAF_CHECK(contains(status.error_message(), "a name of 100000 bytes"));
  served empty{dataset_catalog{}};
  CAF_CHECK_EQUAL(empty.get("", 1, 0).status.error_message(), "no dataset ''; there are none");
}

CAF_TEST(a batch size below 1 is an invalid argument) {
  served it{catalog_of("rows", "synthetic:10:uint8")};
  for (std::int32_t size : {0, -1, INT32_MIN})
    for (auto& status : {it.get("rows", size, 0).status, it.stream("rows", size).status}) {
      CAF_CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
      CAF_CHECK(contains(status.error_message(), "batch_size is " + std::to_string(size)));
    }
  auto status = it.stream("rows", 3, false, -1).status;
  CAF_CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CAF_CHECK(contains(status.error_message(), "max_batches is -1"));
}

CAF_TEST(a batch index outside is out of range) {
  served it{catalog_of("rows", "synthetic:10:uint8")};
  for (std::int32_t index : {-1, 4, INT32_MIN, INT32_MAX}) {
    auto status = it.get("rows", 3, index).status;
    CAF_CHECK(status.error_code() == grpc::StatusCode::OUT_OF_RANGE);
    CAF_CHECK_EQUAL(status.error_message(), "batch_index is " + std::to_string(index)
                                              + ", but 'rows' has 10 samples, in batches of 3 indexes from 0 to 3");
  }
  CAF_CHECK(it.get("rows", INT32_MAX, 0).status.ok());
  CAF_CHECK(it.get("rows", INT32_MAX, 1).status.error_code() == grpc::StatusCode::OUT_OF_RANGE);
}

CAF_TEST(a stream ends after max_batches and marks its last batch) {
  served it{catalog_of("rows", "synthetic:10x4:float32")};
  auto all = it.stream("rows", 3);
  CAF_CHECK(all.status.ok());
  CAF_CHECK_EQUAL(all.batches.size(), 4u);
  check_numbering(all.batches);
  for (std::int32_t max_batches : {1, 2, 4, 5, INT32_MAX}) {
    auto some = it.stream("rows", 3, false, max_batches);
    CAF_CHECK(some.status.ok());
    CAF_CHECK_EQUAL(some.batches.size(), static_cast<std::size_t>(std::min(max_batches, 4)));
    check_numbering(some.batches);
    auto bytes = joined(some.batches);
    CAF_CHECK(bytes == joined(all.batches).substr(0, bytes.size()));
  }
}

CAF_TEST(a shuffled stream holds every sample once) {
  auto catalog = catalog_of("rows", "synthetic:1000:uint64");
  auto original = elements<std::uint64_t>(all_bytes(catalog.find("rows")->data()));
  served it{catalog};
  auto streamed = [](served& from) {
    auto answer = from.stream("rows", 30, true);
    CAF_CHECK(answer.status.ok());
    CAF_CHECK_EQUAL(answer.batches.size(), 34u);
    check_numbering(answer.batches);
    return elements<std::uint64_t>(joined(answer.batches));
  };
  auto first = streamed(it);
  auto second = streamed(it);
  CAF_CHECK_EQUAL(sorted(first), sorted(original));
  CAF_CHECK_EQUAL(sorted(second), sorted(original));
  CAF_CHECK_NOT_EQUAL(first, original);
  CAF_CHECK_NOT_EQUAL(first, second);
  served again{catalog};
  CAF_CHECK_EQUAL(streamed(again), first);
  // Shuffling a stream leaves the others alone.
  CAF_CHECK_EQUAL(elements<std::uint64_t>(it.get("rows", 1000, 0).batch.data()), original);
}

CAF_TEST(a batch of 100 MiB passes) {
  auto catalog = catalog_of("big", "synthetic:100x131072:uint64");
  auto expected = catalog.find("big")->data().batch(100, 0);
  served it{catalog};
  auto answer = it.get("big", 100, 0);
  CAF_CHECK_EQUAL(answer.status.error_message(), "");
  CAF_CHECK_EQUAL(answer.batch.data().size(), 100u * million);
  CAF_CHECK(answer.batch.data() == expected);
  auto streamed = it.stream("big", 100);
  CAF_CHECK_EQUAL(streamed.status.error_message(), "");
  CAF_CHECK_EQUAL(streamed.batches.size(), 1u);
  CAF_CHECK(joined(streamed.batches) == expected);
}

CAF_TEST(the health check says what it was told) {
  served it{catalog_of("rows", "synthetic:10:uint8")};
  CAF_CHECK_EQUAL(it.health().status(), "SERVING");
  CAF_CHECK_EQUAL(it.health().message(), "1 dataset: rows");
  it.server.set_serving(false);
  CAF_CHECK_EQUAL(it.health().status(), "NOT_SERVING");
  CAF_CHECK(it.get("rows", 1, 0).status.ok());
  served other{catalog_of("rows", "synthetic:10:uint8"), {}, false};
  CAF_CHECK_EQUAL(other.health().status(), "NOT_SERVING");
}

CAF_TEST(calls are counted by method) {
  served it{catalog_of("rows", "synthetic:10:uint8")};
  wire::DatasetInfo info;
  for (int i = 0; i < 4; ++i)
    it.get("rows", 1, i == 3 ? -1 : i);
  for (int i = 0; i < 3; ++i)
    it.stream("rows", 5);
  for (int i = 0; i < 2; ++i)
    it.info("rows", info);
  it.health();
  auto calls = it.server.calls();
  CAF_CHECK_EQUAL(calls.get_batch, 4u);
  CAF_CHECK_EQUAL(calls.stream_batches, 3u);
  CAF_CHECK_EQUAL(calls.get_dataset_info, 2u);
  CAF_CHECK_EQUAL(calls.health_check, 1u);
}

CAF_TEST(every nth batch fails over all calls) {
  fault_plan plan;
  plan.failures = parse_failure_rule("5:RESOURCE_EXHAUSTED");
  served it{catalog_of("rows", "synthetic:10:uint8"), plan};
  auto streamed = it.stream("rows", 1);
  CAF_CHECK(streamed.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CAF_CHECK_EQUAL(streamed.status.error_message(), "made to fail: batch number 5");
  CAF_CHECK_EQUAL(streamed.batches.size(), 4u);
  for (int number = 6; number <= 20; ++number) {
    // Refused calls do not count.
    CAF_CHECK(it.get("rows", 0, 0).status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    auto code = it.get("rows", 1, 0).status.error_code();
    CAF_CHECK(code == (number % 5 == 0 ? grpc::StatusCode::RESOURCE_EXHAUSTED : grpc::StatusCode::OK));
  }
}

CAF_TEST(latency comes before each batch) {
  fault_plan plan;
  plan.latency = 20ms;
  served it{catalog_of("rows", "synthetic:10:uint8"), plan};
  auto start = std::chrono::steady_clock::now();
  CAF_CHECK(it.get("rows", 1, 0).status.ok());
  CAF_CHECK(std::chrono::steady_clock::now() - start >= 20ms);
  start = std::chrono::steady_clock::now();
  auto streamed = it.stream("rows", 2);
  CAF_CHECK(std::chrono::steady_clock::now() - start >= 5 * 20ms);
  CAF_CHECK(streamed.status.ok());
  CAF_CHECK_EQUAL(streamed.batches.size(), 5u);
}

CAF_TEST(a call that hangs ends at its deadline) {
  fault_plan plan;
  plan.hang_every = 2;
  served it{catalog_of("rows", "synthetic:10:uint8"), plan};
  CAF_CHECK(it.get("rows", 1, 0).status.ok());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 100ms);
  CAF_CHECK(it.get(context, "rows", 1, 1).status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  CAF_CHECK(it.get("rows", 1, 2).status.ok());
}

CAF_TEST(a call that hangs ends when the client cancels it) {
  fault_plan plan;
  plan.hang_every = 1;
  served it{catalog_of("rows", "synthetic:10:uint8"), plan};
  grpc::ClientContext context;
  auto call = std::async(std::launch::async, [&] { return it.get(context, "rows", 1, 0).status; });
  it.await_get_batch_calls(1);
  context.TryCancel();
  CAF_CHECK(call.get().error_code() == grpc::StatusCode::CANCELLED);
}

CAF_TEST(calls that wait hold no thread) {
  fault_plan plan;
  plan.hang_every = 1;
  served it{catalog_of("rows", "synthetic:10:uint8"), plan};
  constexpr std::uint64_t calls = 50;
  std::vector<std::future<grpc::Status>> answers;
  for (std::uint64_t i = 0; i < calls; ++i)
    answers.push_back(std::async(std::launch::async, [&it] { return it.get("rows", 1, 0).status; }));
  it.await_get_batch_calls(calls);
  CAF_CHECK_EQUAL(it.health().status(), "SERVING");
  it.server.shutdown(timeout);
  for (auto& answer : answers)
    CAF_CHECK(answer.get().error_code() == grpc::StatusCode::UNAVAILABLE);
}

CAF_TEST(a shutdown does not wait for a stream that hangs) {
  fault_plan plan;
  plan.hang_every = 3;
  served it{catalog_of("rows", "synthetic:10:uint8"), plan};
  grpc::ClientContext context;
  wire::StreamBatchesRequest request;
  request.set_dataset_name("rows");
  request.set_batch_size(1);
  auto reader = it.stub->StreamBatches(&context, request);
  wire::DataBatch batch;
  CAF_CHECK(reader->Read(&batch));
  CAF_CHECK(reader->Read(&batch));
  it.server.shutdown(timeout);
  CAF_CHECK(!reader->Read(&batch));
  CAF_CHECK(reader->Finish().error_code() == grpc::StatusCode::UNAVAILABLE);
}

CAF_TEST(a shutdown lets calls finish that only take their time) {
  fault_plan plan;
  plan.latency = 200ms;
  served it{catalog_of("rows", "synthetic:10:uint8"), plan};
  auto call = std::async(std::launch::async, [&it] { return it.get("rows", 1, 0).status; });
  it.await_get_batch_calls(1);
  it.server.shutdown(timeout);
  CAF_CHECK(call.get().ok());
}

CAF_TEST(a shutdown cancels what is left after its grace) {
  fault_plan plan;
  plan.latency = std::chrono::hours{1};
  served it{catalog_of("rows", "synthetic:10:uint8"), plan};
  auto call = std::async(std::launch::async, [&it] { return it.get("rows", 1, 0).status; });
  it.await_get_batch_calls(1);
  it.server.shutdown(10ms);
  CAF_CHECK(!call.get().ok());
}

CAF_TEST(a shutdown cancels a stream whose client does not read) {
  served it{catalog_of("big", "synthetic:64x131072:uint64")};
  grpc::ClientContext context;
  wire::StreamBatchesRequest request;
  request.set_dataset_name("big");
  request.set_batch_size(1);
  auto reader = it.stub->StreamBatches(&context, request);
  wire::DataBatch batch;
  CAF_CHECK(reader->Read(&batch));
  it.server.shutdown(10ms);
  while (reader->Read(&batch)) {
  }
  CAF_CHECK(!reader->Finish().ok());
}

CAF_TEST(a port in use is an error and a stopped server frees its port) {
  auto catalog = catalog_of("rows", "synthetic:10:uint8");
  auto first = std::make_unique<dataset_server>("127.0.0.1:0", catalog);
  auto address = "127.0.0.1:" + std::to_string(first->port());
  CAF_CHECK(first->port() > 0);
  CAF_CHECK_THROWS_AS(dataset_server(address, catalog), listen_error);
  first->shutdown(0ms);
  first->shutdown(0ms);
  first.reset();
  dataset_server second{address, catalog};
  CAF_CHECK_EQUAL("127.0.0.1:" + std::to_string(second.port()), address);
  CAF_CHECK_THROWS_AS(dataset_server("no address", catalog), listen_error);
}

CAF_TEST(gRPC keeps running when the last server is gone) {
  // Else its shutdown waits up to 10 s after a large message that did not go out at once.
  { dataset_server server{"127.0.0.1:0", catalog_of("rows", "synthetic:10:uint8")}; }
  CAF_CHECK_EQUAL(grpc_is_initialized(), 1);
}

} // namespace

} // namespace dispatch::dataset
