#pragma once

#include "dataset/dataset_server.hpp"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <caf/test/dsl.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dispatch::dataset {

/// Far more than any call here takes: a test that meets it has failed.
inline constexpr std::chrono::seconds timeout{60};

struct batch_answer {
  grpc::Status status;
  ::dataset_service::DataBatch batch;
};

struct stream_answer {
  grpc::Status status;
  std::vector<::dataset_service::DataBatch> batches;
};

/// A server on a port of the kernel's choice, and a client with a connection of its own.
class served {
public:
  explicit served(dataset_catalog catalog, const fault_plan& faults = {}, bool serving = true)
    : server("127.0.0.1:0", std::move(catalog), faults, serving) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub = ::dataset_service::DatasetService::NewStub(grpc::CreateCustomChannel(
      "127.0.0.1:" + std::to_string(server.port()), grpc::InsecureChannelCredentials(), arguments));
  }

  batch_answer get(const std::string& name, std::int32_t batch_size, std::int32_t index) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    return get(context, name, batch_size, index);
  }

  batch_answer get(grpc::ClientContext& context, const std::string& name, std::int32_t batch_size, std::int32_t index) {
    ::dataset_service::GetBatchRequest request;
    request.set_dataset_name(name);
    request.set_batch_size(batch_size);
    request.set_batch_index(index);
    batch_answer answer;
    answer.status = stub->GetBatch(&context, request, &answer.batch);
    return answer;
  }

  stream_answer stream(const std::string& name, std::int32_t batch_size, bool shuffle = false,
                       std::int32_t max_batches = 0) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    ::dataset_service::StreamBatchesRequest request;
    request.set_dataset_name(name);
    request.set_batch_size(batch_size);
    request.set_shuffle(shuffle);
    request.set_max_batches(max_batches);
    stream_answer answer;
    auto reader = stub->StreamBatches(&context, request);
    ::dataset_service::DataBatch batch;
    while (reader->Read(&batch))
      answer.batches.push_back(batch);
    answer.status = reader->Finish();
    return answer;
  }

  grpc::Status info(const std::string& name, ::dataset_service::DatasetInfo& reply) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    ::dataset_service::GetDatasetInfoRequest request;
    request.set_dataset_name(name);
    return stub->GetDatasetInfo(&context, request, &reply);
  }

  ::dataset_service::HealthCheckResponse health() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    ::dataset_service::HealthCheckResponse reply;
    auto status = stub->HealthCheck(&context, {}, &reply);
    CAF_CHECK_EQUAL(status.error_message(), "");
    return reply;
  }

  /// Returns once the server has begun to handle that many GetBatch calls.
  void await_get_batch_calls(std::uint64_t count) {
    while (server.calls().get_batch < count)
      std::this_thread::yield();
  }

  dataset_server server;
  std::unique_ptr<::dataset_service::DatasetService::Stub> stub;
};

/// A catalog of this dataset alone.
/// @param source as `--data` takes it
inline dataset_catalog catalog_of(const std::string& name, const std::string& source) {
  return load_catalog({parse_data_argument(name + "=" + source)}, bundled_data::leave_out);
}

} // namespace dispatch::dataset
