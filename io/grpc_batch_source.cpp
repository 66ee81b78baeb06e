#include "io/grpc_batch_source.hpp"

#include <caf/send.hpp>

#include <grpcpp/grpcpp.h>

#include <memory>
#include <utility>

#include "dataset_service.grpc.pb.h"
#include "io/grpc_calls.hpp"
#include "io/grpc_runtime.hpp"

namespace dispatch::io {

namespace {

namespace proto = dataset_service;

using stub_type = proto::DatasetService::Stub;

std::shared_ptr<grpc::Channel> make_channel(const std::string& upstream, const grpc_options& options) {
  grpc::ChannelArguments arguments;
  // Channels with equal arguments would share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
  // A dataset service is a neighbour, not something on the other side of a web proxy.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(upstream, grpc::InsecureChannelCredentials(), arguments);
}

/// What one call needs until its callback has run.
template <class Request, class Reply>
struct unary_call : cancellable {
  grpc::ClientContext context;
  Request request;
  Reply reply;

  void cancel() override { context.TryCancel(); }
};

status_code code_of(const grpc::Status& status) {
  auto code = status_code::unknown;
  from_integer(static_cast<std::uint8_t>(status.error_code()), code);
  return code;
}

batch_result result_of(call_id id, const grpc::Status& status, proto::DataBatch& reply) {
  return {id,
          code_of(status),
          status.error_message(),
          std::move(*reply.mutable_data()),
          reply.batch_index(),
          reply.is_last_batch()};
}

description_result result_of(call_id id, const grpc::Status& status, proto::DatasetInfo& reply) {
  return {id,
          code_of(status),
          status.error_message(),
          {reply.dataset_name(),
           reply.total_samples(),
           {reply.sample_shape().begin(), reply.sample_shape().end()},
           reply.data_type()}};
}

health_result result_of(call_id id, const grpc::Status& status, proto::HealthCheckResponse& reply) {
  if (status.ok() && (reply.status() == "NOT_SERVING" || reply.status() == "SERVICE_UNKNOWN"))
    return {id, status_code::unavailable, "the dataset service says " + reply.status() + ": " + reply.message()};
  return {id, code_of(status), status.error_message()};
}

class grpc_batch_source : public batch_source {
public:
  grpc_batch_source(const std::string& upstream, const grpc_options& options)
    : channel_(make_channel(upstream, options)),
      stub_(channel_) {}

  ~grpc_batch_source() override { calls_.drain(); }

  grpc_batch_source(const grpc_batch_source&) = delete;
  grpc_batch_source& operator=(const grpc_batch_source&) = delete;

  void get_batch(call_id id, const batch_key& key, std::chrono::milliseconds deadline, batch_sink sink) override {
    auto call = std::make_shared<unary_call<proto::GetBatchRequest, proto::DataBatch>>();
    call->request.set_dataset_name(key.dataset);
    call->request.set_batch_size(key.batch_size);
    call->request.set_batch_index(key.index);
    start(std::move(call), &stub_type::async_interface::GetBatch, id, deadline, std::move(sink));
  }

  void describe(call_id id, const std::string& dataset, std::chrono::milliseconds deadline, batch_sink sink) override {
    auto call = std::make_shared<unary_call<proto::GetDatasetInfoRequest, proto::DatasetInfo>>();
    call->request.set_dataset_name(dataset);
    start(std::move(call), &stub_type::async_interface::GetDatasetInfo, id, deadline, std::move(sink));
  }

  void check_health(call_id id, std::chrono::milliseconds deadline, batch_sink sink) override {
    auto call = std::make_shared<unary_call<proto::HealthCheckRequest, proto::HealthCheckResponse>>();
    start(std::move(call), &stub_type::async_interface::HealthCheck, id, deadline, std::move(sink));
  }

private:
  template <class Request, class Reply>
  using method = void (stub_type::async_interface::*)(grpc::ClientContext*, const Request*, Reply*,
                                                      std::function<void(grpc::Status)>);

  template <class Request, class Reply>
  void start(std::shared_ptr<unary_call<Request, Reply>> call, method<Request, Reply> rpc, call_id id,
             std::chrono::milliseconds deadline, batch_sink sink) {
    calls_.add(call);
    auto& started = *call;
    started.context.set_deadline(std::chrono::system_clock::now() + deadline);
    (stub_.async()->*rpc)(
      &started.context, &started.request, &started.reply,
      [this, call = std::move(call), id, sink = std::move(sink)](const grpc::Status& status) mutable {
        caf::anon_send(sink, result_of(id, status, call->reply));
        calls_.end(std::move(call));
      });
  }

  std::shared_ptr<grpc::Channel> channel_;
  stub_type stub_;
  grpc_calls calls_;
};

} // namespace

batch_source_factory make_grpc_batch_sources(grpc_options options) {
  keep_grpc_running();
  return [options](const std::string& upstream) { return std::make_unique<grpc_batch_source>(upstream, options); };
}

} // namespace dispatch::io
