#define CAF_SUITE grpc_results

#include "io/grpc/grpc_results.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using dispatch::status_code;
using dispatch::io::batch_result_of;
using dispatch::io::description_result_of;

namespace {

dispatch::batch_result result_of(grpc::StatusCode code, const std::string& message) {
  grpc::ByteBuffer nothing;
  return batch_result_of(7, {code, message}, nothing);
}

} // namespace

CAF_TEST(a failed call keeps its code and its text) {
  const auto result = result_of(grpc::StatusCode::OUT_OF_RANGE, "no such batch");
  CAF_CHECK_EQUAL(result.id, 7u);
  CAF_CHECK_EQUAL(result.code, status_code::out_of_range);
  CAF_CHECK_EQUAL(result.message, "no such batch");
}

CAF_TEST(a code that gRPC does not define is unknown) {
  CAF_CHECK_EQUAL(result_of(static_cast<grpc::StatusCode>(99), "odd").code, status_code::unknown);
}

CAF_TEST(a message that is too large is no end and no overload) {
  const auto from_grpc =
    result_of(grpc::StatusCode::RESOURCE_EXHAUSTED, "CLIENT: Received message larger than max (5 vs. 4)");
  CAF_CHECK_EQUAL(from_grpc.code, status_code::failed_precondition);
  for (const auto* text : {"Error, decoded message length too large: found 5000000 bytes, the limit is: 4194304 bytes",
                           "Error, encoded message length too large: found 5000000 bytes, the limit is: 4194304 bytes",
                           "Error, message length too large: found 5000000 bytes, the limit is: 4194304 bytes"}) {
    const auto result = result_of(grpc::StatusCode::OUT_OF_RANGE, text);
    CAF_CHECK_EQUAL(result.code, status_code::failed_precondition);
    CAF_CHECK(result.message.find(text) != std::string::npos);
  }
}

CAF_TEST(an index that is too large is out of range) {
  CAF_CHECK_EQUAL(result_of(grpc::StatusCode::OUT_OF_RANGE, "batch_index too large").code, status_code::out_of_range);
}

CAF_TEST(another upstream limit is an overload) {
  CAF_CHECK_EQUAL(result_of(grpc::StatusCode::RESOURCE_EXHAUSTED, "Concurrent RPC limit exceeded!").code,
                  status_code::resource_exhausted);
}

CAF_TEST(a reply that came without its message is no answer) {
  grpc::ByteBuffer nothing;
  CAF_CHECK_EQUAL(batch_result_of(7, {}, nothing).code, status_code::unavailable);
  CAF_CHECK_EQUAL(description_result_of(7, {}, nothing).code, status_code::unavailable);
  grpc::ByteBuffer empty{nullptr, 0};
  CAF_CHECK_EQUAL(description_result_of(7, {}, empty).code, status_code::ok);
}

CAF_TEST(a reply that is no description is an error of the service) {
  const grpc::Slice rubbish{"rubbish"};
  grpc::ByteBuffer reply{&rubbish, 1};
  CAF_CHECK_EQUAL(description_result_of(7, {}, reply).code, status_code::internal);
}
