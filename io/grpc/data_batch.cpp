#include "io/grpc/data_batch.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/common.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dataset_service.pb.h"

namespace dispatch::io {

namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using proto = ::dataset_service::DataBatch;
using column_proto = ::dataset_service::Column;

using pieces_of_field = std::vector<std::string_view>;

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
    if (field == 0)
      return false;
    const auto skipped = input.IncrementRecursionDepth() && skip_group(input, field);
    input.DecrementRecursionDepth();
    return skipped;
  }
  default:
    return WireFormatLite::SkipField(&input, tag);
  }
}

/// The pieces of memory that a field of bytes lies in.
bool read_pieces(CodedInputStream& input, pieces_of_field& pieces) {
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

constexpr std::uint32_t tag_of(int field, WireFormatLite::WireType type) {
  return WireFormatLite::MakeTag(field, type);
}

constexpr std::uint32_t tag_of_bytes(int field) {
  return tag_of(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

/// Reads text, which is UTF-8 in every message.
bool read_text(CodedInputStream& input, std::string& text) {
  pieces_of_field pieces;
  if (!read_pieces(input, pieces))
    return false;
  text.clear();
  for (const auto piece : pieces)
    text.append(piece);
  return google::protobuf::internal::IsStructurallyValidUTF8(text.data(), static_cast<int>(text.size()));
}

/// Reads the fields of a `Column` up to the limit that it ends at.
bool read_column_fields(CodedInputStream& input, column& result, const std::shared_ptr<const void>& owner) {
  pieces_of_field pieces;
  auto tag = read_tag(input);
  for (; tag && *tag != 0; tag = read_tag(input)) {
    const auto read = *tag == tag_of_bytes(column_proto::kNameFieldNumber)   ? read_text(input, result.name)
                      : *tag == tag_of_bytes(column_proto::kDataFieldNumber) ? read_pieces(input, pieces)
                                                                             : skip_field(input, *tag);
    if (!read)
      return false;
  }
  result.bytes = {std::move(pieces), owner};
  return tag.has_value();
}

/// Reads a field that is a `Column`, whose bytes lie in memory of `owner`.
bool read_column(CodedInputStream& input, std::vector<column>& columns, const std::shared_ptr<const void>& owner) {
  const auto size = read_size(input);
  // `data` is the first of them.
  if (!size || columns.size() > max_columns)
    return false;
  const auto begin = input.CurrentPosition();
  const auto [limit, depth_left] = input.IncrementRecursionDepthAndPushLimit(*size);
  const auto read = depth_left >= 0 && read_column_fields(input, columns.emplace_back(), owner);
  const auto is_whole = input.CurrentPosition() - begin == *size;
  return input.DecrementRecursionDepthAndPopLimit(limit) && read && is_whole;
}

/// Reads one field of a `DataBatch`.
/// @param pieces of `data`
bool read_field(CodedInputStream& input, std::uint32_t tag, received_batch& result, pieces_of_field& pieces,
                const std::shared_ptr<const void>& owner) {
  std::uint64_t number = 0;
  switch (tag) {
  case tag_of_bytes(proto::kDataFieldNumber):
    return read_pieces(input, pieces);
  case tag_of_bytes(proto::kColumnsFieldNumber):
    return read_column(input, result.columns, owner);
  case tag_of(proto::kBatchIndexFieldNumber, WireFormatLite::WIRETYPE_VARINT): {
    const auto read = read_number(input, number);
    result.index = static_cast<std::int32_t>(number);
    return read;
  }
  case tag_of(proto::kIsLastBatchFieldNumber, WireFormatLite::WIRETYPE_VARINT): {
    const auto read = read_number(input, number);
    result.marked_last = number != 0;
    return read;
  }
  default:
    return skip_field(input, tag);
  }
}

} // namespace

std::optional<received_batch> read_data_batch(grpc::ByteBuffer& buffer) {
  auto owner = std::make_shared<grpc::ByteBuffer>();
  owner->Swap(&buffer);
  received_batch result;
  result.columns.emplace_back();
  pieces_of_field pieces;
  grpc::ProtoBufferReader reader{owner.get()};
  CodedInputStream input{&reader};
  auto tag = read_tag(input);
  for (; tag && *tag != 0; tag = read_tag(input))
    if (!read_field(input, *tag, result, pieces, owner))
      return std::nullopt;
  if (!tag || !input.ConsumedEntireMessage() || !reader.status().ok())
    return std::nullopt;
  result.columns.front().bytes = {std::move(pieces), std::move(owner)};
  return result;
}

} // namespace dispatch::io
