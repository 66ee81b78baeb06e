#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>

#include "dataset_service.grpc.pb.h"
#include "io/grpc/grpc_calls.hpp"
#include "io/grpc/grpc_connection.hpp"
#include "messages/batch_source.hpp"

namespace dispatch::io {

using stream_stub = grpc::TemplatedGenericStub<::dataset_service::StreamBatchesRequest, grpc::ByteBuffer>;

/// Starts a call of `StreamBatches` over `connection` and counts it among `calls`; both must outlive it.
std::unique_ptr<batch_reader> open_grpc_stream(stream_stub& stub, grpc_connection& connection, grpc_calls& calls,
                                               const std::string& dataset, std::int32_t batch_size,
                                               batch_result_sink sink);

} // namespace dispatch::io
