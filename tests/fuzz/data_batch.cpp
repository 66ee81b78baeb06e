// proto: dataset_service
// sources: io/grpc/data_batch.cpp
// libraries: grpc++ protobuf

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataset_service.pb.h"
#include "io/grpc/data_batch.hpp"
#include "tests/support/data_batches.hpp"
#include "tests/support/fuzz_input.hpp"

/// @file
/// What a dataset service answers, in slices of any size, is read as protobuf's own code reads it in one piece, and
/// refused where that refuses it, or where there are more columns than a batch may have.

using dispatch::test::require;

namespace {

grpc::ByteBuffer buffer_of(const std::vector<dispatch::test::cut_input::piece>& pieces) {
  std::vector<grpc::Slice> slices;
  for (const auto& piece : pieces)
    slices.emplace_back(piece.data(), piece.size());
  if (slices.empty())
    slices.emplace_back();
  return grpc::ByteBuffer{slices.data(), slices.size()};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto input = dispatch::test::cut(bytes, size);
  ::dataset_service::DataBatch expected;
  // Protobuf writes a line for each name that is no UTF-8.
  google::protobuf::LogSilencer silence;
  const auto is_message = expected.ParseFromString(input.whole)
                          && static_cast<std::size_t>(expected.columns_size()) <= dispatch::io::max_columns;
  auto buffer = buffer_of(input.pieces);
  const auto got = dispatch::io::read_data_batch(buffer);
  require(got.has_value() == is_message, is_message ? "a message is read" : "what is none is refused");
  if (!got)
    return 0;
  require(dispatch::test::is_equal(*got, expected), "samples, columns, index and mark are the message's");
  return 0;
}
