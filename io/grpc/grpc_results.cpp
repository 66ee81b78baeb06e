#include "io/grpc/grpc_results.hpp"

#include <grpcpp/support/proto_buffer_reader.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "dataset_service.pb.h"
#include "io/grpc/data_batch.hpp"
#include "io/grpc/dataset_info.hpp"
#include "io/grpc/grpc_connection.hpp"
#include "io/grpc/refusal_text.hpp"

namespace dispatch::io {

namespace {

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

/// Whether a message is over the limit of either side, which no other try makes smaller. gRPC says RESOURCE_EXHAUSTED
/// ("message larger than max"), and Rust's tonic OUT_OF_RANGE ("decoded message length too large"), which here is no
/// end.
bool is_too_large(const grpc::Status& status) {
  switch (status.error_code()) {
  case grpc::StatusCode::RESOURCE_EXHAUSTED:
  case grpc::StatusCode::OUT_OF_RANGE:
    return has(status.error_message(), "message larger than max")
           || has(status.error_message(), "message length too large");
  default:
    return false;
  }
}

/// gRPC's own text, before the number, where an answer has another HTTP status than 200 and no status of gRPC's.
constexpr std::string_view http_answer = "Received http2 header with status: ";

/// gRPC says OK where the message was lost to damage on its way and the status behind it was not.
grpc::Status without_message() {
  return {grpc::StatusCode::UNAVAILABLE, "the dataset service's reply came without its message"};
}

} // namespace

grpc::Status from_service(const grpc::Status& status) {
  const auto& text = status.error_message();
  if (status.ok() || text.compare(0, http_answer.size(), http_answer) != 0)
    return status;
  return {grpc::StatusCode::UNAVAILABLE,
          "what answers there is no gRPC service (HTTP status " + text.substr(http_answer.size())
            + "): see that --upstream is right and that an ingress before it has a route to the dataset service"};
}

status_code code_of(const grpc::Status& status) {
  auto code = status_code::unknown;
  from_integer(static_cast<std::uint8_t>(status.error_code()), code);
  return code;
}

std::string text_of(const grpc::Status& status) {
  return refusal_text(status.error_message());
}

batch_result failed_batch(call_id id, const grpc::Status& status) {
  return {id, code_of(status), text_of(status), {}, grpc_connection::was_made(status)};
}

batch_result batch_result_of(call_id id, const grpc::Status& status, grpc::ByteBuffer& reply) {
  if (is_too_large(status))
    return {
      id, status_code::failed_precondition, "the batch has more bytes than a message may have: " + text_of(status), {}};
  if (!status.ok())
    return failed_batch(id, status);
  if (!reply.Valid())
    return failed_batch(id, without_message());
  auto batch = read_data_batch(reply);
  if (!batch)
    return {id, status_code::internal, "the dataset service's reply is not a DataBatch", {}};
  return {id, status_code::ok, {}, std::move(*batch)};
}

description_result failed_description(call_id id, const grpc::Status& status) {
  return {id, code_of(status), text_of(status), {}, grpc_connection::was_made(status)};
}

description_result description_result_of(call_id id, const grpc::Status& status, grpc::ByteBuffer& reply) {
  if (!status.ok())
    return failed_description(id, status);
  if (!reply.Valid())
    return failed_description(id, without_message());
  ::dataset_service::DatasetInfo info;
  grpc::ProtoBufferReader bytes{&reply};
  if (!bytes.status().ok() || !info.ParseFromZeroCopyStream(&bytes))
    return {id, status_code::internal, "the dataset service's reply is not a DatasetInfo", {}};
  auto said = read_dataset_info(info);
  if (auto* problem = std::get_if<std::string>(&said))
    return {id, status_code::internal, std::move(*problem), {}};
  return {id, status_code::ok, {}, std::get<dataset_description>(std::move(said))};
}

} // namespace dispatch::io
