// proto: dataset_service
// sources: io/grpc/data_batch.cpp
// libraries: grpc++ protobuf

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataset_service.pb.h"
#include "io/grpc/data_batch.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/fuzz_input.hpp"

/// @file
/// What a dataset service answers, in slices of any size, is read as protobuf's own code reads it in one piece, and
/// refused where that refuses it.

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
  const auto is_message = expected.ParseFromString(input.whole);
  auto buffer = buffer_of(input.pieces);
  const auto got = dispatch::io::read_data_batch(buffer);
  require(got.has_value() == is_message, is_message ? "a message is read" : "what is none is refused");
  if (!got)
    return 0;
  require(dispatch::test::data_of(*got) == expected.data(), "the samples are the message's");
  require(got->index == expected.batch_index(), "the index is the message's");
  require(got->marked_last == expected.is_last_batch(), "the mark of the last batch is the message's");
  return 0;
}
