#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <string>

#include "messages/batch_source.hpp"

namespace dispatch::io {

/// gRPC's code as ours; a number that gRPC does not define is UNKNOWN.
status_code code_of(const grpc::Status& status);

/// What a status says of the dataset service. gRPC makes a status of any HTTP answer (404 becomes UNIMPLEMENTED, 403
/// PERMISSION_DENIED), but one that is not from a gRPC service, as from an ingress without a route, says nothing about
/// a request: it is UNAVAILABLE.
grpc::Status from_service(const grpc::Status& status);

/// gRPC's text, or that of the dataset service, as people get it.
std::string text_of(const grpc::Status& status);

/// What a call for a batch, or a read, came to. Takes the reply's content.
batch_result batch_result_of(call_id id, const grpc::Status& status, grpc::ByteBuffer& reply);

/// That it came to nothing, for a reason that is not OK.
batch_result failed_batch(call_id id, const grpc::Status& status);

/// The same of a call for a dataset's description.
description_result description_result_of(call_id id, const grpc::Status& status, grpc::ByteBuffer& reply);
description_result failed_description(call_id id, const grpc::Status& status);

} // namespace dispatch::io
