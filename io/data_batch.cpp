#include "io/data_batch.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
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

/// The pieces of memory that a field of bytes lies in.
bool read_pieces(CodedInputStream& input, std::vector<std::string_view>& pieces) {
  std::uint32_t left = 0;
  if (!input.ReadVarint32(&left))
    return false;
  // A field that is there twice counts the last time.
  pieces.clear();
  while (left > 0) {
    const void* memory = nullptr;
    auto size = 0;
    if (!input.GetDirectBufferPointer(&memory, &size))
      return false;
    const auto taken = std::min(left, static_cast<std::uint32_t>(size));
    pieces.emplace_back(static_cast<const char*>(memory), taken);
    if (!input.Skip(static_cast<int>(taken)))
      return false;
    left -= taken;
  }
  return true;
}

bool read_number(CodedInputStream& input, std::uint64_t& number) {
  return input.ReadVarint64(&number);
}

bool read_field(CodedInputStream& input, std::uint32_t tag, data_batch& result, std::vector<std::string_view>& pieces) {
  static constexpr auto tag_of = [](int field, WireFormatLite::WireType type) {
    return WireFormatLite::MakeTag(field, type);
  };
  std::uint64_t number = 0;
  if (tag == tag_of(proto::kDataFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED))
    return read_pieces(input, pieces);
  if (tag == tag_of(proto::kBatchIndexFieldNumber, WireFormatLite::WIRETYPE_VARINT)) {
    const auto read = read_number(input, number);
    result.batch_index = static_cast<std::int32_t>(number);
    return read;
  }
  if (tag == tag_of(proto::kIsLastBatchFieldNumber, WireFormatLite::WIRETYPE_VARINT)) {
    const auto read = read_number(input, number);
    result.is_last_batch = number != 0;
    return read;
  }
  return WireFormatLite::SkipField(&input, tag);
}

} // namespace

std::optional<data_batch> read_data_batch(grpc::ByteBuffer& buffer) {
  auto owner = std::make_shared<grpc::ByteBuffer>();
  owner->Swap(&buffer);
  data_batch result;
  std::vector<std::string_view> pieces;
  grpc::ProtoBufferReader reader{owner.get()};
  CodedInputStream input{&reader};
  while (const auto tag = input.ReadTag())
    if (!read_field(input, tag, result, pieces))
      return std::nullopt;
  if (!input.ConsumedEntireMessage() || !reader.status().ok())
    return std::nullopt;
  result.data = received_bytes{std::move(pieces), std::move(owner)};
  return result;
}

} // namespace dispatch::io
