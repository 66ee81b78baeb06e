#include "bench/bare/upstream_reader.hpp"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <stdexcept>
#include <vector>

#include "dataset_service.pb.h"

namespace dispatch::bench {

namespace {

using clock = std::chrono::steady_clock;
namespace proto = ::dataset_service;

constexpr std::chrono::seconds connect_timeout{10};

double seconds_since(clock::time_point began) {
  return std::chrono::duration<double>(clock::now() - began).count();
}

/// As the dispatcher's are.
std::shared_ptr<grpc::Channel> make_channel(const std::string& upstream) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, (1 << 24) - 1);
  return grpc::CreateCustomChannel(upstream, grpc::InsecureChannelCredentials(), arguments);
}

template <class Message>
grpc::ByteBuffer bytes_of(const Message& message) {
  const grpc::Slice slice{message.SerializeAsString()};
  return {&slice, 1};
}

void require(bool is_right, const std::string& otherwise) {
  if (!is_right)
    throw std::runtime_error{otherwise};
}

void require_ok(const grpc::Status& status) {
  require(status.ok(), "the dataset service said: " + status.error_message());
}

void* tag_of(std::size_t number) {
  return reinterpret_cast<void*>(number);
}

/// Waits for the next operation that has ended; returns its tag.
std::size_t next_of(grpc::CompletionQueue& queue, bool& ok) {
  void* tag = nullptr;
  require(queue.Next(&tag, &ok), "gRPC's queue ended");
  return reinterpret_cast<std::size_t>(tag);
}

/// One GetBatch under way.
struct call {
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer reply;
  grpc::Status status;
};

} // namespace

upstream_reader::upstream_reader(const bare_options& options)
  : options_(options),
    channel_(make_channel(options.upstream)),
    stub_(channel_) {
  require(channel_->WaitForConnected(std::chrono::system_clock::now() + connect_timeout),
          "no connection to " + options.upstream);
}

pass_times upstream_reader::read() {
  return options_.calls == 0 ? read_stream() : read_by_calls();
}

pass_times upstream_reader::read_stream() {
  proto::StreamBatchesRequest request;
  request.set_dataset_name(options_.dataset);
  request.set_batch_size(options_.batch_size);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  auto ok = false;
  const auto began = clock::now();
  const auto stream = stub_.PrepareCall(&context, "/dataset_service.DatasetService/StreamBatches", &queue);
  stream->StartCall(tag_of(1));
  next_of(queue, ok);
  stream->WriteLast(bytes_of(request), grpc::WriteOptions{}, tag_of(1));
  next_of(queue, ok);
  pass_times result;
  std::int32_t batches = 0;
  for (grpc::ByteBuffer batch; ok;) {
    stream->Read(&batch, tag_of(1));
    next_of(queue, ok);
    if (ok && ++batches == 1)
      result.first_batch_ms = seconds_since(began) * 1e3;
  }
  grpc::Status status;
  stream->Finish(&status, tag_of(1));
  next_of(queue, ok);
  result.seconds = seconds_since(began);
  require_ok(status);
  require(batches == options_.batches, "the stream had " + std::to_string(batches) + " batches");
  return result;
}

pass_times upstream_reader::read_by_calls() {
  proto::GetBatchRequest request;
  request.set_dataset_name(options_.dataset);
  request.set_batch_size(options_.batch_size);
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<call>> calls(options_.calls);
  pass_times result;
  std::int32_t next = 0;
  std::int32_t came = 0;
  const auto began = clock::now();
  const auto start = [&](std::size_t slot) {
    auto& each = *(calls[slot] = std::make_unique<call>());
    request.set_batch_index(next++);
    each.reader =
      stub_.PrepareUnaryCall(&each.context, "/dataset_service.DatasetService/GetBatch", bytes_of(request), &queue);
    each.reader->StartCall();
    each.reader->Finish(&each.reply, &each.status, tag_of(slot));
  };
  for (std::size_t slot = 0; slot < calls.size() && next < options_.batches; ++slot)
    start(slot);
  while (came < options_.batches) {
    auto ok = false;
    const auto slot = next_of(queue, ok);
    require_ok(calls[slot]->status);
    if (++came == 1)
      result.first_batch_ms = seconds_since(began) * 1e3;
    if (next < options_.batches)
      start(slot);
  }
  result.seconds = seconds_since(began);
  return result;
}

} // namespace dispatch::bench
