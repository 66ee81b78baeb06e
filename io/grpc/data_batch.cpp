#include "io/grpc/data_batch.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "dataset_service.pb.h"

namespace dispatch::io {

namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using proto = ::dataset_service::DataBatch;

// CodedInputStream takes tags and sizes of up to ten bytes and drops what 32 bits do not hold. Protobuf's generated
// code, and so every other reader of the same message, takes five: what is longer is damage.
constexpr auto longest_short_number = 5;

/// Reads a tag; 0 at the end of the message, nothing where there is none.
std::optional<std::uint32_t> read_tag(CodedInputStream& input) {
  const auto before = input.CurrentPosition();
  const auto tag = input.ReadTag();
  if (input.CurrentPosition() - before > longest_short_number)
    return std::nullopt;
  return tag;
}

/// Reads the size of a field of bytes.
std::optional<int> read_size(CodedInputStream& input) {
  const auto before = input.CurrentPosition();
  std::uint64_t size = 0;
  if (!input.ReadVarint64(&size) || input.CurrentPosition() - before > longest_short_number
      || size > static_cast<std::uint64_t>(std::numeric_limits<int>::max()))
    return std::nullopt;
  return static_cast<int>(size);
}

bool skip_field(CodedInputStream& input, std::uint32_t tag);

/// Skips a group, whose fields end with a tag of its own.
bool skip_group(CodedInputStream& input, int field) {
  const auto end = WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_END_GROUP);
  auto tag = read_tag(input);
  while (tag && *tag != 0 && *tag != end && skip_field(input, *tag))
    tag = read_tag(input);
  return tag == end;
}

/// Skips a field that this reader does not know.
bool skip_field(CodedInputStream& input, std::uint32_t tag) {
  const auto field = WireFormatLite::GetTagFieldNumber(tag);
  switch (WireFormatLite::GetTagWireType(tag)) {
  case WireFormatLite::WIRETYPE_LENGTH_DELIMITED: {
    const auto size = read_size(input);
    return field != 0 && size && input.Skip(*size);
  }
  case WireFormatLite::WIRETYPE_START_GROUP: {
    const auto skipped = field != 0 && input.IncrementRecursionDepth() && skip_group(input, field);
    input.DecrementRecursionDepth();
    return skipped;
  }
  default:
    return WireFormatLite::SkipField(&input, tag);
  }
}

/// The pieces of memory that a field of bytes lies in.
bool read_pieces(CodedInputStream& input, std::vector<std::string_view>& pieces) {
  const auto field_size = read_size(input);
  if (!field_size)
    return false;
  // A field that is there twice counts the last time.
  pieces.clear();
  for (auto left = *field_size; left > 0;) {
    const void* memory = nullptr;
    auto size = 0;
    if (!input.GetDirectBufferPointer(&memory, &size))
      return false;
    const auto taken = std::min(left, size);
    pieces.emplace_back(static_cast<const char*>(memory), static_cast<std::size_t>(taken));
    if (!input.Skip(taken))
      return false;
    left -= taken;
  }
  return true;
}

bool read_number(CodedInputStream& input, std::uint64_t& number) {
  return input.ReadVarint64(&number);
}

bool read_field(CodedInputStream& input, std::uint32_t tag, received_batch& result,
                std::vector<std::string_view>& pieces) {
  static constexpr auto tag_of = [](int field, WireFormatLite::WireType type) {
    return WireFormatLite::MakeTag(field, type);
  };
  std::uint64_t number = 0;
  if (tag == tag_of(proto::kDataFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED))
    return read_pieces(input, pieces);
  if (tag == tag_of(proto::kBatchIndexFieldNumber, WireFormatLite::WIRETYPE_VARINT)) {
    const auto read = read_number(input, number);
    result.index = static_cast<std::int32_t>(number);
    return read;
  }
  if (tag == tag_of(proto::kIsLastBatchFieldNumber, WireFormatLite::WIRETYPE_VARINT)) {
    const auto read = read_number(input, number);
    result.marked_last = number != 0;
    return read;
  }
  return skip_field(input, tag);
}

} // namespace

std::optional<received_batch> read_data_batch(grpc::ByteBuffer& buffer) {
  auto owner = std::make_shared<grpc::ByteBuffer>();
  owner->Swap(&buffer);
  received_batch result;
  std::vector<std::string_view> pieces;
  grpc::ProtoBufferReader reader{owner.get()};
  CodedInputStream input{&reader};
  auto tag = read_tag(input);
  for (; tag && *tag != 0; tag = read_tag(input))
    if (!read_field(input, *tag, result, pieces))
      return std::nullopt;
  if (!tag || !input.ConsumedEntireMessage() || !reader.status().ok())
    return std::nullopt;
  result.columns.push_back({{}, received_bytes{std::move(pieces), std::move(owner)}});
  return result;
}

} // namespace dispatch::io
