#include "io/dataset/dataset_server.hpp"

#include "io/grpc_runtime.hpp"

#include <grpc/grpc.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <utility>

namespace dispatch::dataset {

dataset_server::dataset_server(const std::string& address, dataset_catalog catalog, const fault_plan& faults,
                               bool serving)
  : service_(std::move(catalog), faults, serving) {
  io::keep_grpc_running();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
  // Two servers on one port would share its clients, each with its own data.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Requests are small, and gRPC's limit for what a stranger may send stays; batches are not.
  builder.SetMaxSendMessageSize(-1);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0)
    throw listen_error("cannot listen on " + address
                       + ": the port is in use, or the address is not one of this machine");
}

dataset_server::~dataset_server() {
  shutdown(std::chrono::milliseconds{0});
}

void dataset_server::shutdown(std::chrono::milliseconds grace) {
  service_.end_hung_calls();
  server_->Shutdown(std::chrono::system_clock::now() + grace);
}

} // namespace dispatch::dataset
