#include "io/grpc/grpc_stream.hpp"

#include <caf/send.hpp>

#include <grpcpp/grpcpp.h>

#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "io/grpc/grpc_results.hpp"

namespace dispatch::io {

namespace {

using request_type = ::dataset_service::StreamBatchesRequest;

/// One call. gRPC tells it in threads of its own how it goes; its owner asks it for batches in another.
class stream_call : public cancellable,
                    public grpc::ClientBidiReactor<request_type, grpc::ByteBuffer>,
                    public std::enable_shared_from_this<stream_call> {
public:
  stream_call(grpc_connection& connection, grpc_calls& calls, batch_result_sink sink)
    : connection_(connection),
      calls_(calls),
      sink_(std::move(sink)) {}

  void start(stream_stub& stub, const std::string& dataset, std::int32_t batch_size) {
    request_.set_dataset_name(dataset);
    request_.set_batch_size(batch_size);
    calls_.add(shared_from_this());
    stub.PrepareBidiStreamingCall(&context_, "/dataset_service.DatasetService/StreamBatches", grpc::StubOptions{},
                                  this);
    // Reads are asked for from outside of gRPC's callbacks, so the call must not end between two of them.
    AddHold();
    StartWriteLast(&request_, grpc::WriteOptions{});
    StartCall();
  }

  void read(call_id id) {
    std::unique_lock guard{mutex_};
    if (ended_) {
      caf::anon_send(sink_, end_result(id));
      return;
    }
    reads_.push_back(id);
    const auto starts = held_ && reads_.size() == 1;
    guard.unlock();
    // Not under the lock: gRPC may run a callback here and now.
    if (starts)
      StartRead(&buffer_);
  }

  void cancel() override {
    context_.TryCancel();
    release();
  }

  void OnReadDone(bool ok) override {
    if (!ok)
      return release();
    // Over another connection it cannot go on: its end says why.
    if (!connection_.end_of(context_, grpc::Status::OK).ok())
      return cancel();
    // The buffer is free again before anybody may start the next read, and this result on its way.
    auto result = batch_result_of(0, grpc::Status::OK, buffer_);
    std::unique_lock guard{mutex_};
    result.id = reads_.front();
    reads_.pop_front();
    caf::anon_send(sink_, std::move(result));
    const auto goes_on = held_ && !reads_.empty();
    guard.unlock();
    // Here and not by way of the owner: it may be asleep, and waking it takes longer than a read.
    if (goes_on)
      StartRead(&buffer_);
  }

  void OnDone(const grpc::Status& status) override {
    std::unique_lock guard{mutex_};
    ended_ = connection_.end_of(context_, status);
    for (const auto id : std::exchange(reads_, {}))
      caf::anon_send(sink_, end_result(id));
    guard.unlock();
    calls_.end(shared_from_this());
  }

private:
  /// There will be no more reads: lets the call end.
  void release() {
    std::unique_lock guard{mutex_};
    const auto was_held = std::exchange(held_, false);
    guard.unlock();
    if (was_held)
      RemoveHold();
  }

  batch_result end_result(call_id id) const {
    if (ended_->ok())
      return {id, status_code::out_of_range, "the stream is over", {}};
    return failed_batch(id, *ended_);
  }

  grpc_connection& connection_;
  grpc_calls& calls_;
  batch_result_sink sink_;
  grpc::ClientContext context_;
  request_type request_;
  /// Belongs to gRPC while a read is under way.
  grpc::ByteBuffer buffer_;
  std::mutex mutex_;
  /// Reads that were asked for and not answered; the first is under way.
  std::deque<call_id> reads_;
  bool held_ = true;
  std::optional<grpc::Status> ended_;
};

class grpc_stream : public batch_reader {
public:
  explicit grpc_stream(std::shared_ptr<stream_call> call) : call_(std::move(call)) {}

  ~grpc_stream() override { call_->cancel(); }

  grpc_stream(const grpc_stream&) = delete;
  grpc_stream& operator=(const grpc_stream&) = delete;

  void read(call_id id) override { call_->read(id); }

private:
  std::shared_ptr<stream_call> call_;
};

} // namespace

std::unique_ptr<batch_reader> open_grpc_stream(stream_stub& stub, grpc_connection& connection, grpc_calls& calls,
                                               const std::string& dataset, std::int32_t batch_size,
                                               batch_result_sink sink) {
  auto call = std::make_shared<stream_call>(connection, calls, std::move(sink));
  call->start(stub, dataset, batch_size);
  return std::make_unique<grpc_stream>(std::move(call));
}

} // namespace dispatch::io
