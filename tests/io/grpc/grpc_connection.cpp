#define CAF_SUITE grpc_connection

#include "io/grpc/grpc_connection.hpp"

#include <caf/test/dsl.hpp>

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "dataset_service.grpc.pb.h"
#include "io/grpc/grpc_results.hpp"
#include "io/grpc/grpc_runtime.hpp"
#include "io/grpc/grpc_stream.hpp"
#include "io/tls/pem_files.hpp"
#include "tests/support/certificates.hpp"

using namespace std::chrono_literals;
using namespace dispatch;
using io::grpc_connection;

namespace {

namespace proto = dataset_service;

constexpr auto timeout = 30s;

/// Knows one dataset, of one batch.
class service : public proto::DatasetService::Service {
public:
  grpc::Status GetDatasetInfo(grpc::ServerContext*, const proto::GetDatasetInfoRequest* request,
                              proto::DatasetInfo*) override {
    return request->dataset_name() == "d" ? grpc::Status::OK : grpc::Status{grpc::StatusCode::NOT_FOUND, "no"};
  }

  grpc::Status StreamBatches(grpc::ServerContext*, const proto::StreamBatchesRequest*,
                             grpc::ServerWriter<proto::DataBatch>* writer) override {
    proto::DataBatch batch;
    batch.set_data("samples");
    batch.set_is_last_batch(true);
    writer->Write(batch);
    return grpc::Status::OK;
  }
};

/// How both sides speak.
struct manner {
  std::shared_ptr<grpc::ServerCredentials> server = grpc::InsecureServerCredentials();
  std::shared_ptr<grpc::ChannelCredentials> client = grpc::InsecureChannelCredentials();
};

manner over_tls() {
  const test::certificate_authority authority;
  const auto shown = authority.issue("server");
  const auto pem = tls::read_pem_files({{"", authority.certificate()}, {"", shown.certificate}, {"", shown.key}});
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({pem.key, pem.certificate});
  return {grpc::SslServerCredentials(options), grpc::SslCredentials({pem.authorities, {}, {}})};
}

/// A server that shares its port with others: whoever connects gets one of them.
class server {
public:
  explicit server(const manner& how, int port = 0) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), how.server, &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    CAF_REQUIRE(server_ != nullptr);
  }

  int port() const { return port_; }

  ~server() { server_->Shutdown(std::chrono::system_clock::now()); }

  server(const server&) = delete;
  server& operator=(const server&) = delete;

private:
  service service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

batch_result_sink::behavior_type forward(batch_result_sink::pointer, caf::actor test) {
  return {
    [test](batch_result& result) { caf::anon_send(test, std::move(result)); },
  };
}

struct fixture {
  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  manner how;
  std::unique_ptr<server> first = std::make_unique<server>(how);
  std::shared_ptr<grpc::Channel> channel =
    grpc::CreateChannel("127.0.0.1:" + std::to_string(first->port()), how.client);
  grpc_connection connection{channel};

  explicit fixture(manner chosen = {}) : how(std::move(chosen)) { io::keep_grpc_running(); }

  /// How a call ends that is made whatever is known of the connection.
  grpc::StatusCode ask(const std::string& dataset) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    proto::GetDatasetInfoRequest request;
    request.set_dataset_name(dataset);
    proto::DatasetInfo reply;
    const auto status = proto::DatasetService::NewStub(channel)->GetDatasetInfo(&context, request, &reply);
    return connection.end_of(context, status).error_code();
  }

  /// What a stream brings first that is opened whatever is known of the connection.
  status_code read_first() {
    io::stream_stub stub{channel};
    io::grpc_calls calls;
    auto code = status_code::ok;
    const auto reader = io::open_grpc_stream(stub, connection, calls, "d", 1, sys.spawn(forward, caf::actor{self}));
    reader->read(1);
    self->receive([&](const batch_result& result) { code = result.code; },
                  caf::after(timeout) >> [] { CAF_FAIL("no result"); });
    calls.drain();
    return code;
  }

  /// Another server comes to the port before the first one goes, so that the channel is connected again at once.
  std::unique_ptr<server> exchange() {
    auto second = std::make_unique<server>(how, first->port());
    first.reset();
    CAF_REQUIRE(channel->WaitForStateChange(GRPC_CHANNEL_READY, std::chrono::system_clock::now() + timeout));
    CAF_REQUIRE(channel->WaitForConnected(std::chrono::system_clock::now() + timeout));
    return second;
  }
};

struct tls_fixture : fixture {
  tls_fixture() : fixture(over_tls()) {}
};

} // namespace

CAF_TEST(an HTTP answer that is not of a gRPC service says that none is there) {
  for (const auto code : {grpc::StatusCode::UNIMPLEMENTED, grpc::StatusCode::PERMISSION_DENIED}) {
    const auto status = io::from_service({code, "Received http2 header with status: 404"});
    CAF_CHECK(status.error_code() == grpc::StatusCode::UNAVAILABLE);
    CAF_CHECK(status.error_message().find("no gRPC service (HTTP status 404)") != std::string::npos);
  }
}

CAF_TEST(an answer of a gRPC service is left as it is) {
  CAF_CHECK(io::from_service(grpc::Status::OK).ok());
  const auto status =
    io::from_service({grpc::StatusCode::UNIMPLEMENTED, "I got: Received http2 header with status: 404"});
  CAF_CHECK(status.error_code() == grpc::StatusCode::UNIMPLEMENTED);
}

CAF_TEST_FIXTURE_SCOPE(grpc_connection_tests, fixture)

CAF_TEST(who has answered is there and answers on) {
  CAF_CHECK(!connection.is_there());
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  CAF_CHECK(connection.is_there());
  CAF_CHECK(ask("other") == grpc::StatusCode::NOT_FOUND);
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  CAF_CHECK(connection.is_there());
  CAF_CHECK(!connection.is_lost());
}

CAF_TEST(an error is no answer) {
  CAF_CHECK(ask("other") == grpc::StatusCode::NOT_FOUND);
  CAF_CHECK(!connection.is_there());
  const auto second = exchange();
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  CAF_CHECK(connection.is_there());
}

CAF_TEST(who answers over another connection is not taken for the first one) {
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  const auto second = exchange();
  // As for a call that is made before the loss can be seen.
  CAF_CHECK(channel->GetState(false) == GRPC_CHANNEL_READY);
  CAF_CHECK(ask("d") == grpc::StatusCode::UNAVAILABLE);
  CAF_CHECK(connection.is_lost());
  CAF_CHECK(!connection.is_there());
}

CAF_TEST(nor are the errors of such a one) {
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  const auto second = exchange();
  CAF_CHECK(ask("other") == grpc::StatusCode::UNAVAILABLE);
  CAF_CHECK(connection.is_lost());
}

CAF_TEST(nor are its streams) {
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  CAF_CHECK(read_first() == status_code::ok);
  CAF_CHECK(connection.is_there());
  const auto second = exchange();
  CAF_CHECK(read_first() == status_code::unavailable);
  CAF_CHECK(connection.is_lost());
}

CAF_TEST(a loss is seen without a call) {
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  first.reset();
  const auto limit = std::chrono::steady_clock::now() + timeout;
  while (!connection.is_lost() && std::chrono::steady_clock::now() < limit)
    std::this_thread::yield();
  CAF_CHECK(connection.is_lost());
  // A call without a connection ends as gRPC says.
  CAF_CHECK(ask("d") == grpc::StatusCode::UNAVAILABLE);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(grpc_connection_tls_tests, tls_fixture)

CAF_TEST(over TLS who has answered answers on) {
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  CAF_CHECK(ask("other") == grpc::StatusCode::NOT_FOUND);
  CAF_CHECK(read_first() == status_code::ok);
  CAF_CHECK(connection.is_there());
}

CAF_TEST(over TLS who answers over another connection is not taken for the first one) {
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  const auto second = exchange();
  CAF_CHECK(ask("d") == grpc::StatusCode::UNAVAILABLE);
  CAF_CHECK(connection.is_lost());
  CAF_CHECK(!connection.is_there());
}

CAF_TEST(over TLS nor are its streams) {
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  CAF_CHECK(read_first() == status_code::ok);
  const auto second = exchange();
  CAF_CHECK(read_first() == status_code::unavailable);
  CAF_CHECK(connection.is_lost());
}

CAF_TEST(over TLS a loss is seen without a call) {
  CAF_CHECK(ask("d") == grpc::StatusCode::OK);
  first.reset();
  CAF_CHECK(channel->WaitForStateChange(GRPC_CHANNEL_READY, std::chrono::system_clock::now() + timeout));
  CAF_CHECK(connection.is_lost());
}

CAF_TEST_FIXTURE_SCOPE_END()
