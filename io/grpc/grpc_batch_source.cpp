#include "io/grpc/grpc_batch_source.hpp"

#include <caf/send.hpp>

#include <grpcpp/grpcpp.h>

#include <memory>
#include <utility>

#include "dataset_service.grpc.pb.h"
#include "io/grpc/grpc_calls.hpp"
#include "io/grpc/grpc_connection.hpp"
#include "io/grpc/grpc_results.hpp"
#include "io/grpc/grpc_runtime.hpp"
#include "io/grpc/grpc_security.hpp"
#include "io/grpc/grpc_stream.hpp"
#include "io/grpc/handshake_thread.hpp"
#include "io/grpc/refusal_text.hpp"
#include "io/tls/failed_peer.hpp"
#include "messages/named_address.hpp"

namespace dispatch::io {

namespace {

namespace proto = dataset_service;

using stub_type = proto::DatasetService::Stub;

/// Has gRPC ping the server when a connection with calls under way has been silent for a while, and give the connection
/// up when nothing comes back: a little before calls end that began with the silence. The kernel gives up on lost
/// packets after the same wait for an answer (`TCP_USER_TIMEOUT`). gRPC sends three pings after the last call began and
/// no more, however long a call takes: a server with its default policy takes offence at the fourth that it gets while
/// it sends nothing. One of them is that by which gRPC measures the connection, and makes its window 4 MiB: with the
/// 64 KiB that it has otherwise, a service waits for leave in each batch (docs/performance.md).
void keep_alive(grpc::ChannelArguments& arguments, std::chrono::milliseconds silence_limit) {
  const auto until_ping = silence_limit * 7 / 20;
  const auto until_lost = silence_limit * 11 / 20;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(until_ping.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(until_lost.count()));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 3);
}

std::shared_ptr<grpc::Channel> make_channel(const std::string& upstream, const grpc_options& options,
                                            const channel_security& security) {
  grpc::ChannelArguments arguments;
  // Channels with equal arguments would share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
  // With gRPC's default of 16 KiB a batch is cut into pieces that each cost both sides a header and a look.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, (1 << 24) - 1);
  // A dataset service is a neighbour, not something on the other side of a web proxy.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Who retries is the pool: gRPC would do it over another connection, and to another server perhaps.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  keep_alive(arguments, options.silence_limit);
  // With gRPC's default of 8 KiB a refusal with a traceback becomes another failure, of which nothing can be read.
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 1 << 20);
  security.set_name(arguments);
  const auto named = parse_named_address(upstream);
  return grpc::CreateCustomChannel(named ? named->address : upstream, security.credentials(), arguments);
}

/// What one call needs until its callback has run.
template <class Request, class Reply>
struct unary_call : cancellable {
  grpc::ClientContext context;
  Request request;
  Reply reply;

  void cancel() override { context.TryCancel(); }
};

/// A call whose reply is read here: protobuf's messages would copy a batch, and do not say whether any message came.
template <class Request>
using bytes_call = unary_call<Request, grpc::ByteBuffer>;

template <class Request>
using bytes_stub = grpc::TemplatedGenericStub<Request, grpc::ByteBuffer>;

health_result result_of(call_id id, const grpc::Status& status, proto::HealthCheckResponse& reply) {
  if (status.ok() && (reply.status() == "NOT_SERVING" || reply.status() == "SERVICE_UNKNOWN"))
    return {id, status_code::unavailable,
            "the dataset service says " + reply.status() + ": " + refusal_text(reply.message())};
  return {id, code_of(status), text_of(status), {}, grpc_connection::was_made(status)};
}

/// A stream that cannot begin.
class failed_stream : public batch_reader {
public:
  failed_stream(grpc::Status why, batch_result_sink sink) : why_(std::move(why)), sink_(std::move(sink)) {}

  void read(call_id id) override { caf::anon_send(sink_, failed_batch(id, why_)); }

private:
  grpc::Status why_;
  batch_result_sink sink_;
};

/// A source without a channel, because a file that it takes cannot be used.
class unusable_source : public batch_source {
public:
  explicit unusable_source(const std::string& why) : why_(grpc::StatusCode::UNAVAILABLE, why) {}

  void get_batch(call_id id, const batch_key&, std::chrono::milliseconds, batch_sink sink) override {
    caf::anon_send(sink, failed_batch(id, why_));
  }

  std::unique_ptr<batch_reader> open_stream(const std::string&, std::int32_t, batch_result_sink sink) override {
    return std::make_unique<failed_stream>(why_, std::move(sink));
  }

  void describe(call_id id, const std::string&, std::chrono::milliseconds, description_sink sink) override {
    caf::anon_send(sink, failed_description(id, why_));
  }

  void check_health(call_id id, std::chrono::milliseconds, batch_sink sink) override {
    caf::anon_send(sink, health_result{id, code_of(why_), why_.error_message()});
  }

  bool connected() override { return false; }

private:
  grpc::Status why_;
};

class grpc_batch_source : public batch_source {
public:
  grpc_batch_source(const std::string& upstream, const grpc_options& options)
    : grpc_batch_source(upstream, options, channel_security{upstream, options}) {}

  grpc_batch_source(const std::string& upstream, const grpc_options& options, channel_security&& security)
    : grpc_batch_source(make_channel(upstream, options, security), std::move(security)) {}

  grpc_batch_source(const std::shared_ptr<grpc::Channel>& channel, channel_security&& security)
    : security_(std::move(security)),
      connection_(channel),
      stub_(channel),
      batch_stub_(channel),
      description_stub_(channel),
      stream_stub_(channel) {}

  ~grpc_batch_source() override { calls_.drain(); }

  grpc_batch_source(const grpc_batch_source&) = delete;
  grpc_batch_source& operator=(const grpc_batch_source&) = delete;

  void get_batch(call_id id, const batch_key& key, std::chrono::milliseconds deadline, batch_sink sink) override {
    if (connection_.is_lost()) {
      caf::anon_send(sink, failed_batch(id, grpc_connection::lost()));
      return;
    }
    auto call = std::make_shared<bytes_call<proto::GetBatchRequest>>();
    call->request.set_dataset_name(key.dataset);
    call->request.set_batch_size(key.batch_size);
    call->request.set_batch_index(key.index);
    start(batch_stub_, "/dataset_service.DatasetService/GetBatch", std::move(call), deadline,
          [id, sink = std::move(sink)](const grpc::Status& status, grpc::ByteBuffer& reply) {
            caf::anon_send(sink, batch_result_of(id, status, reply));
          });
  }

  std::unique_ptr<batch_reader> open_stream(const std::string& dataset, std::int32_t batch_size,
                                            batch_result_sink sink) override {
    if (connection_.is_lost())
      return std::make_unique<failed_stream>(grpc_connection::lost(), std::move(sink));
    return open_grpc_stream(stream_stub_, connection_, calls_, dataset, batch_size, std::move(sink));
  }

  void describe(call_id id, const std::string& dataset, std::chrono::milliseconds deadline,
                description_sink sink) override {
    if (connection_.is_lost()) {
      caf::anon_send(sink, failed_description(id, grpc_connection::lost()));
      return;
    }
    auto call = std::make_shared<bytes_call<proto::GetDatasetInfoRequest>>();
    call->request.set_dataset_name(dataset);
    start(description_stub_, "/dataset_service.DatasetService/GetDatasetInfo", std::move(call), deadline,
          [id, sink = std::move(sink)](const grpc::Status& status, grpc::ByteBuffer& reply) {
            caf::anon_send(sink, description_result_of(id, status, reply));
          });
  }

  void check_health(call_id id, std::chrono::milliseconds deadline, batch_sink sink) override {
    auto call = std::make_shared<health_call>();
    if (connection_.is_lost()) {
      caf::anon_send(sink, result_of(id, grpc_connection::lost(), call->reply));
      return;
    }
    auto& started = begin(call, deadline);
    stub_.async()->HealthCheck(
      &started.context, &started.request, &started.reply,
      [this, call = std::move(call), id, sink = std::move(sink)](const grpc::Status& status) mutable {
        deliver(id, connection_.end_of(call->context, status), *call, sink);
        calls_.end(std::move(call));
      });
  }

  bool connected() override { return connection_.is_there(); }

private:
  using health_call = unary_call<proto::HealthCheckRequest, proto::HealthCheckResponse>;

  /// Registers a call, which may then start.
  template <class Call>
  Call& begin(const std::shared_ptr<Call>& call, std::chrono::milliseconds deadline) {
    calls_.add(call);
    call->context.set_deadline(std::chrono::system_clock::now() + deadline);
    return *call;
  }

  template <class Request, class OnEnd>
  void start(bytes_stub<Request>& stub, const char* method, std::shared_ptr<bytes_call<Request>> call,
             std::chrono::milliseconds deadline, OnEnd on_end) {
    auto& started = begin(call, deadline);
    stub.UnaryCall(&started.context, method, grpc::StubOptions{}, &started.request, &started.reply,
                   [this, call = std::move(call), on_end = std::move(on_end)](const grpc::Status& status) mutable {
                     on_end(connection_.end_of(call->context, status), call->reply);
                     calls_.end(std::move(call));
                   });
  }

  /// The first call over a connection also says where it leads, or why there is none.
  void deliver(call_id id, const grpc::Status& status, health_call& ended, const batch_sink& sink) {
    auto result = result_of(id, security_.explained(status), ended.reply);
    result.peer = tls::readable_peer(ended.context.peer());
    auto handshake = security_.handshake_after(result.message);
    if (!handshake) {
      caf::anon_send(sink, std::move(result));
      return;
    }
    handshake_.start(std::move(*handshake), [this, result, sink](const tls::handshake_report& shown) mutable {
      if (auto trouble = tls::trouble_of(shown, security_.manner()); !trouble.empty())
        result.message = std::move(trouble);
      caf::anon_send(sink, std::move(result));
    });
  }

  channel_security security_;
  grpc_connection connection_;
  stub_type stub_;
  bytes_stub<proto::GetBatchRequest> batch_stub_;
  bytes_stub<proto::GetDatasetInfoRequest> description_stub_;
  stream_stub stream_stub_;
  grpc_calls calls_;
  handshake_thread handshake_;
};

} // namespace

batch_source_factory make_grpc_batch_sources(grpc_options options) {
  keep_grpc_running();
  return [options](const std::string& upstream) -> std::unique_ptr<batch_source> {
    try {
      return std::make_unique<grpc_batch_source>(upstream, options);
    } catch (const tls::file_error& problem) {
      return std::make_unique<unusable_source>(problem.what());
    }
  };
}

} // namespace dispatch::io
