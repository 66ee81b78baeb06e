#include "dataset/dataset_server.hpp"

#include "io/grpc/grpc_runtime.hpp"

#include <grpc/grpc.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <utility>

namespace dispatch::dataset {

namespace {

std::shared_ptr<grpc::ServerCredentials> credentials_of(const tls::pem_texts& pem) {
  if (pem.certificate.empty())
    return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options{pem.authorities.empty()
                                              ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                              : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY};
  options.pem_root_certs = pem.authorities;
  options.pem_key_cert_pairs.push_back({pem.key, pem.certificate});
  return grpc::SslServerCredentials(options);
}

bool is_path(const std::string& address) {
  return address.rfind("unix:", 0) == 0;
}

} // namespace

dataset_server::dataset_server(const std::string& address, dataset_catalog catalog, const fault_plan& faults,
                               bool serving, const tls::pem_texts& pem)
  : service_(std::move(catalog), faults, serving) {
  io::keep_grpc_running();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, credentials_of(pem), &port_);
  // Two servers on one port would share its clients, each with its own data.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Requests are small, and gRPC's limit for what a stranger may send stays; batches are not.
  builder.SetMaxSendMessageSize(-1);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0)
    throw listen_error("cannot listen on " + address
                       + (is_path(address) ? ": there is no such folder, or something else is there"
                                           : ": the port is in use, or the address is not one of this machine"));
  if (is_path(address))
    port_ = 0;
}

dataset_server::~dataset_server() {
  shutdown(std::chrono::milliseconds{0});
}

void dataset_server::shutdown(std::chrono::milliseconds grace) {
  service_.end_hung_calls();
  server_->Shutdown(std::chrono::system_clock::now() + grace);
}

} // namespace dispatch::dataset
