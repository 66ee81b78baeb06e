#define CAF_SUITE grpc_security

#include "io/grpc/grpc_security.hpp"

#include <caf/test/dsl.hpp>

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "dataset/dataset_server.hpp"
#include "dataset_service.grpc.pb.h"
#include "io/grpc/grpc_batch_source.hpp"
#include "tests/support/certificates.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using test::certificate_authority;
using test::certificate_files;

namespace {

namespace proto = dataset_service;

constexpr auto timeout = 30s;

/// Passes health on to the test.
batch_sink::behavior_type forward(batch_sink::pointer, caf::actor test) {
  return {
    [](batch_result&) {},
    [](description_result&) {},
    [test](health_result& result) { caf::anon_send(test, std::move(result)); },
  };
}

/// What a server shows, and whose certificates it wants.
tls::pem_texts server_side(const certificate_files& shown, const std::string& authorities = {}) {
  return tls::read_pem_files(
    {{"--client-ca", authorities}, {"--tls-cert", shown.certificate}, {"--tls-key", shown.key}});
}

/// Options of a client.
io::grpc_options over_tls(const std::string& authorities, const certificate_files& shown = {},
                          const std::string& token_file = {}) {
  io::grpc_options result;
  result.tls = io::upstream_tls{
    {{"--upstream-ca", authorities}, {"--upstream-cert", shown.certificate}, {"--upstream-key", shown.key}},
    {"--upstream-token-file", token_file}};
  return result;
}

std::unique_ptr<dataset::dataset_server> serve(const tls::pem_texts& pem, const std::string& address = "127.0.0.1:0") {
  return std::make_unique<dataset::dataset_server>(
    address,
    dataset::load_catalog({dataset::parse_data_argument("d=synthetic:10x16:uint8")}, dataset::bundled_data::leave_out),
    dataset::fault_plan{}, true, pem);
}

struct fixture {
  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  batch_sink sink = sys.spawn(forward, caf::actor{self});
  certificate_authority authority;
  certificate_authority other_authority;
  certificate_files server = authority.issue("server");

  /// What a health check over a new connection says; "OK" where it is well.
  std::string health(const std::string& address, const io::grpc_options& options) {
    return health_by(*io::make_grpc_batch_sources(options)(address));
  }

  std::string health(const dataset::dataset_server& at, const io::grpc_options& options) {
    return health("127.0.0.1:" + std::to_string(at.port()), options);
  }

  std::string health_by(batch_source& source) {
    source.check_health(1, timeout, sink);
    std::string said;
    self->receive(
      [&](const health_result& result) {
        said = result.code == status_code::ok ? "OK" : to_string(result.code) + ": " + result.message;
      },
      caf::after(2 * timeout) >> [] { CAF_FAIL("no result"); });
    return said;
  }
};

/// Is healthy for those who have the right token.
class token_service : public proto::DatasetService::Service {
public:
  explicit token_service(std::string token) : expected_("Bearer " + std::move(token)) {}

  grpc::Status HealthCheck(grpc::ServerContext* context, const proto::HealthCheckRequest*,
                           proto::HealthCheckResponse* reply) override {
    const auto sent = context->client_metadata().find("authorization");
    if (sent == context->client_metadata().end())
      return {grpc::StatusCode::UNAUTHENTICATED, "no token"};
    if (std::string{sent->second.data(), sent->second.size()} != expected_)
      return {grpc::StatusCode::UNAUTHENTICATED, "another token"};
    reply->set_status("SERVING");
    return grpc::Status::OK;
  }

private:
  std::string expected_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(grpc_security_tests, fixture)

CAF_TEST(TLS connects where both sides are content) {
  CAF_CHECK_EQUAL(health(*serve(server_side(server)), over_tls(authority.certificate())), "OK");
  const auto mutual = serve(server_side(server, authority.certificate()));
  CAF_CHECK_EQUAL(health(*mutual, over_tls(authority.certificate(), authority.issue("client"))), "OK");
}

CAF_TEST(each side must speak as the other does) {
  CAF_CHECK_EQUAL(health(*serve(server_side(server)), {}),
                  "UNAVAILABLE: the upstream speaks TLS and is spoken to in plain text: --upstream-tls speaks TLS");
  CAF_CHECK_EQUAL(health(*serve(server_side(server, authority.certificate())), {}),
                  "UNAVAILABLE: the upstream speaks TLS and is spoken to in plain text: --upstream-tls speaks TLS");
  CAF_CHECK_EQUAL(health(*serve({}), over_tls(authority.certificate())),
                  "UNAVAILABLE: the upstream does not speak TLS: without --upstream-tls it is spoken to in plain text");
}

CAF_TEST(the upstreams certificate must be right) {
  const auto well = serve(server_side(server));
  CAF_CHECK_EQUAL(health(*well, over_tls(other_authority.certificate())),
                  "UNAVAILABLE: the upstream's certificate is from an authority that is not in '"
                    + other_authority.certificate() + "': --upstream-ca takes the certificate of that authority");
  CAF_CHECK_EQUAL(health(*well, over_tls("")),
                  "UNAVAILABLE: the upstream's certificate is from an authority that this system does not know: "
                  "--upstream-ca takes the certificate of that authority");
  const auto expired = serve(server_side(authority.issue("old", "IP:127.0.0.1", certificate_authority::none_any_more)));
  const auto said = health(*expired, over_tls(authority.certificate()));
  CAF_CHECK_EQUAL(said.rfind("UNAVAILABLE: the upstream's certificate expired on ", 0), 0u);
}

CAF_TEST(the upstreams certificate must be for its name) {
  const auto named = serve(server_side(authority.issue("named", "DNS:gpu1.example,IP:10.0.0.7")));
  auto options = over_tls(authority.certificate());
  CAF_CHECK_EQUAL(health(*named, options),
                  "UNAVAILABLE: the upstream's certificate is not for '127.0.0.1' but for gpu1.example, 10.0.0.7: "
                  "--upstream-authority takes the name to expect");
  options.authority = "gpu1.example";
  CAF_CHECK_EQUAL(health(*named, options), "OK");
  options.authority = "gpu2.example";
  CAF_CHECK_EQUAL(health(*named, options),
                  "UNAVAILABLE: the upstream's certificate is not for 'gpu2.example' but for gpu1.example, 10.0.0.7: "
                  "--upstream-authority takes the name to expect");
}

CAF_TEST(the upstream must be content with our certificate) {
  const auto mutual = serve(server_side(server, authority.certificate()));
  CAF_CHECK_EQUAL(
    health(*mutual, over_tls(authority.certificate())),
    "UNAVAILABLE: the upstream wants a certificate of its client: --upstream-cert and --upstream-key take one");
  const auto stranger = other_authority.issue("stranger");
  const auto refused = health(*mutual, over_tls(authority.certificate(), stranger));
  CAF_CHECK_EQUAL(refused.rfind("UNAVAILABLE: the upstream refuses the certificate in '" + stranger.certificate, 0),
                  0u);
  const auto old = authority.issue("old", "DNS:client", certificate_authority::none_any_more);
  const auto expired = health(*mutual, over_tls(authority.certificate(), old));
  CAF_CHECK_EQUAL(
    expired.rfind("UNAVAILABLE: the upstream refuses the certificate in '" + old.certificate + "', which expired", 0),
    0u);
}

CAF_TEST(nothing there is what it is without TLS) {
  const auto port = serve({})->port();
  const auto said = health("127.0.0.1:" + std::to_string(port), over_tls(authority.certificate()));
  CAF_CHECK(said.find("Connection refused") != std::string::npos);
}

CAF_TEST(files are read anew for each connection) {
  const auto upstream = serve(server_side(server, authority.certificate()));
  const auto client = other_authority.issue("client");
  const auto sources = io::make_grpc_batch_sources(over_tls(authority.certificate(), client));
  const auto address = "127.0.0.1:" + std::to_string(upstream->port());
  CAF_CHECK(health_by(*sources(address)) != "OK");
  const auto renewed = authority.issue("renewed");
  std::filesystem::rename(renewed.certificate, client.certificate);
  CAF_CHECK_EQUAL(health_by(*sources(address)),
                  "UNAVAILABLE: --upstream-key: got '" + client.key
                    + "', which is the key of another certificate than '" + client.certificate
                    + "'; it takes a file with a private key in PEM form, without a passphrase");
  std::filesystem::rename(renewed.key, client.key);
  CAF_CHECK_EQUAL(health_by(*sources(address)), "OK");
  std::filesystem::remove(client.key);
  CAF_CHECK_EQUAL(health_by(*sources(address)),
                  "UNAVAILABLE: --upstream-key: got '" + client.key
                    + "', which cannot be read (No such file or directory); it takes a file with a private key in PEM "
                      "form, without a passphrase");
}

CAF_TEST(a handshake that is under way does not hold up the end of its source) {
  const auto upstream = serve({});
  const auto address = "127.0.0.1:" + std::to_string(upstream->port());
  for (auto round = 0; round < 20; ++round) {
    auto source = io::make_grpc_batch_sources(over_tls(authority.certificate()))(address);
    source->check_health(1, timeout, sink);
    source.reset();
    self->receive([](const health_result& result) { CAF_CHECK(result.code != status_code::ok); },
                  caf::after(timeout) >> [] { CAF_FAIL("no result"); });
  }
}

CAF_TEST(a token goes with each call and a wrong one is named without it) {
  token_service service{"right"};
  auto port = 0;
  const auto pem = server_side(server);
  grpc::SslServerCredentialsOptions credentials;
  credentials.pem_key_cert_pairs.push_back({pem.key, pem.certificate});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(credentials), &port);
  builder.RegisterService(&service);
  const auto upstream = builder.BuildAndStart();
  const auto address = "127.0.0.1:" + std::to_string(port);
  const auto token_file = authority.write("token", "wrong\n");
  const auto options = over_tls(authority.certificate(), {}, token_file);
  CAF_CHECK_EQUAL(health(address, options), "UNAUTHENTICATED: the upstream refuses the token in '" + token_file
                                              + "' (another token): a new one in that file is taken within a second");
  authority.write("token", "right\n");
  CAF_CHECK_EQUAL(health(address, options), "OK");
  CAF_CHECK_EQUAL(health(address, over_tls(authority.certificate())),
                  "UNAUTHENTICATED: the upstream wants to know who calls (no token): --upstream-token-file takes a "
                  "token, --upstream-cert a certificate");
  upstream->Shutdown(std::chrono::system_clock::now());
}

CAF_TEST(a socket of the file system is an upstream with TLS and without) {
  const test::temporary_folder folder;
  const auto address = "unix:" + folder.at("socket");
  {
    const auto plain = serve({}, address);
    CAF_CHECK_EQUAL(health(address, {}), "OK");
    CAF_CHECK_EQUAL(
      health(address, over_tls(authority.certificate())),
      "UNAVAILABLE: the upstream does not speak TLS: without --upstream-tls it is spoken to in plain text");
  }
  const auto secure = serve(server_side(server), address);
  CAF_CHECK_EQUAL(health(address, over_tls(authority.certificate())), "OK");
  CAF_CHECK_EQUAL(health(address, {}),
                  "UNAVAILABLE: the upstream speaks TLS and is spoken to in plain text: --upstream-tls speaks TLS");
}

CAF_TEST_FIXTURE_SCOPE_END()
