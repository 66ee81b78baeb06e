#pragma once

#include "dataset/dataset_catalog.hpp"
#include "dataset/dataset_service.hpp"
#include "dataset/fault_plan.hpp"
#include "io/tls/pem_files.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

namespace grpc {
class Server;
}

namespace dispatch::dataset {

/// A server that cannot listen. what() is one line.
class listen_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A dataset service that listens on a port or a socket of the file system. Answers on gRPC's own threads.
class dataset_server {
public:
  /// Starts to serve.
  /// @param address `host:port`, where port 0 lets the kernel choose one, or `unix:path`
  /// @param pem with a certificate and its key: serves over TLS; with authorities: only clients that they know
  /// @throws listen_error when the address makes no sense or its port is in use
  dataset_server(const std::string& address, dataset_catalog catalog, const fault_plan& faults = {},
                 bool serving = true, const tls::pem_texts& pem = {});

  /// Shuts down without waiting for calls.
  ~dataset_server();

  dataset_server(const dataset_server&) = delete;
  dataset_server& operator=(const dataset_server&) = delete;

  /// The port that the server listens on; 0 for a socket of the file system.
  int port() const noexcept { return port_; }

  /// Stops accepting calls, ends at once those that a fault made hang, and gives the others time to finish;
  /// what is left then is cancelled. Returns when all have ended; a second time, at once.
  /// @param grace the longest time for calls under way; none is spent when there are none
  void shutdown(std::chrono::milliseconds grace);

  /// Changes what HealthCheck says, and nothing else.
  void set_serving(bool serving) noexcept { service_.set_serving(serving); }

  call_counts calls() const noexcept { return service_.calls(); }

private:
  dataset_service service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

} // namespace dispatch::dataset
