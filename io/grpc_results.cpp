#include "io/grpc_results.hpp"

#include <utility>

#include "io/data_batch.hpp"

namespace dispatch::io {

status_code code_of(const grpc::Status& status) {
  auto code = status_code::unknown;
  from_integer(static_cast<std::uint8_t>(status.error_code()), code);
  return code;
}

batch_result batch_result_of(call_id id, const grpc::Status& status, grpc::ByteBuffer& reply) {
  if (!status.ok())
    return {id, code_of(status), status.error_message(), {}, 0, false};
  auto batch = read_data_batch(reply);
  if (!batch)
    return {id, status_code::internal, "the dataset service's reply is not a DataBatch", {}, 0, false};
  return {id, status_code::ok, {}, std::move(batch->data), batch->batch_index, batch->is_last_batch};
}

} // namespace dispatch::io
