#define CAF_SUITE data_batch_columns

#include "io/grpc/data_batch.hpp"

#include <grpcpp/grpcpp.h>

#include <caf/test/unit_test.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "dataset_service.pb.h"
#include "tests/support/data_batches.hpp"

using dispatch::received_batch;
using dispatch::io::max_columns;
using dispatch::io::read_data_batch;
using dispatch::test::is_equal;

namespace {

using message = ::dataset_service::DataBatch;

message make_message(std::size_t columns, std::size_t column_size = 10) {
  message result;
  result.set_data("samples");
  result.set_batch_index(7);
  for (std::size_t i = 0; i < columns; ++i) {
    auto& column = *result.add_columns();
    column.set_name("column " + std::to_string(i));
    column.set_data(std::string(column_size, static_cast<char>('a' + i % 26)));
  }
  return result;
}

std::optional<received_batch> read(const std::string& bytes, std::size_t slice_size) {
  std::vector<grpc::Slice> slices;
  for (std::size_t from = 0; from < bytes.size(); from += slice_size)
    slices.emplace_back(bytes.substr(from, slice_size));
  grpc::ByteBuffer buffer{slices.data(), slices.size()};
  return read_data_batch(buffer);
}

/// What protobuf itself reads of it.
std::optional<message> parse(const std::string& bytes) {
  message result;
  if (!result.ParseFromString(bytes))
    return std::nullopt;
  return result;
}

/// Whether it is read, or refused, as protobuf does it, however it is cut.
bool is_read_alike(const std::string& bytes) {
  const auto expected = parse(bytes);
  for (const std::size_t slice_size : {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size()}) {
    const auto got = read(bytes, slice_size);
    if (got.has_value() != expected.has_value() || (got && !is_equal(*got, *expected)))
      return false;
  }
  return true;
}

/// A column on the wire, of fewer than 128 bytes.
std::string column_field(const std::string& content) {
  return "\x22" + std::string(1, static_cast<char>(content.size())) + content;
}

const std::string label = "\x0a\x05label\x12\x03xyz";

} // namespace

CAF_TEST(columns are read as protobuf wrote them) {
  for (const std::size_t columns : {0, 1, 2, 63, 64})
    for (const std::size_t size : {0, 1, 127, 128, 5000})
      CAF_CHECK(is_read_alike(make_message(columns, size).SerializeAsString()));
}

CAF_TEST(columns stay where they came and outlive the buffer) {
  const grpc::Slice slice{make_message(2, 50'000).SerializeAsString()};
  std::optional<received_batch> got;
  {
    grpc::ByteBuffer buffer{&slice, 1};
    got = read_data_batch(buffer);
  }
  CAF_REQUIRE(got.has_value());
  CAF_REQUIRE_EQUAL(got->columns.size(), 3u);
  const auto copy = got->columns[2].bytes;
  got.reset();
  CAF_REQUIRE_EQUAL(copy.slices().size(), 1u);
  const auto* begin = reinterpret_cast<const char*>(slice.begin());
  CAF_CHECK(copy.slices()[0].data() > begin && copy.slices()[0].data() < begin + slice.size());
  CAF_CHECK(copy.prefix(copy.size()) == std::string(50'000, 'b'));
}

CAF_TEST(data is the first column wherever it stands in the message) {
  const auto got = read(column_field(label) + "\x0a\x03" + "abc", 3);
  CAF_REQUIRE(got.has_value());
  CAF_REQUIRE_EQUAL(got->columns.size(), 2u);
  CAF_CHECK_EQUAL(got->columns[0].bytes.prefix(9), "abc");
  CAF_CHECK_EQUAL(got->columns[1].name, "label");
  CAF_CHECK_EQUAL(got->columns[1].bytes.prefix(9), "xyz");
  const auto alone = read(column_field(label), 3);
  CAF_REQUIRE(alone.has_value());
  CAF_CHECK_EQUAL(alone->columns.size(), 2u);
  CAF_CHECK_EQUAL(alone->data_bytes(), 0u);
}

CAF_TEST(what a column may hold is read as protobuf reads it) {
  for (const auto& content : {
         std::string{},                               // nothing
         std::string{"\x12\x03xyz\x0a\x01l"},         // data before the name
         label + label,                               // each field twice
         label + std::string("\x12\x00", 2),          // data emptied
         label + "\x1a\x02hi",                        // a field of a later contract
         label + std::string("\x1b\x08\x01\x1c", 4),  // a group of a later contract
         std::string("\x08\x05\x10\x05", 4),          // name and data, but as numbers
         label + std::string("\x20\x05", 2),          // an index, but of no batch
         std::string("\x0a\x02\xc3\xa4", 4),          // a name in UTF-8
         std::string("\x8a\x80\x80\x80\x00\x01l", 7), // a tag in five bytes
       }) {
    const auto bytes = column_field(content) + "\x10\x07";
    CAF_CHECK(parse(bytes).has_value());
    CAF_CHECK(is_read_alike(bytes));
  }
}

CAF_TEST(what is no column is refused as protobuf refuses it) {
  // It writes a line for each name that is no UTF-8.
  google::protobuf::LogSilencer silence;
  for (const auto& content : {
         std::string("\x0a", 1),                          // a field without its size
         std::string("\x0a\x05lab", 5),                   // a name that ends early
         std::string("\x12\x05xyz", 5),                   // data that end early
         std::string("\x0a\x01\xff", 3),                  // a name that is no UTF-8
         std::string("\x0a\x01\xff\x0a\x01l", 6),         // also where another follows
         std::string("\x00", 1),                          // there is no field 0
         std::string("\x0a\x01l\x00", 4),                 // nor at the end
         std::string("\x1b\x08\x01", 3),                  // a group without end
         std::string("\x24", 1),                          // the end of no group
         std::string("\x03", 1),                          // a group of the field 0
         std::string("\x12\xff\xff\xff\xff\x07", 6),      // 2 GiB that are not there
         std::string("\x8a\x80\x80\x80\x80\x00\x01l", 8), // a tag in six bytes
       }) {
    const auto bytes = column_field(content) + "\x10\x07";
    CAF_CHECK(!parse(bytes).has_value());
    CAF_CHECK(is_read_alike(bytes));
  }
  for (const auto& bytes : {std::string("\x22", 1), std::string("\x22\x05\x0a\x01l", 5),
                            std::string("\x22\xff\xff\xff\xff\x07", 6), std::string("\x22\xff\xff\xff\xff\x0f", 6)}) {
    CAF_CHECK(!parse(bytes).has_value());
    CAF_CHECK(is_read_alike(bytes));
  }
}

CAF_TEST(a message of columns that was cut off is read as protobuf reads it) {
  const auto bytes = make_message(3).SerializeAsString();
  for (std::size_t size = 1; size < bytes.size(); ++size)
    CAF_CHECK(is_read_alike(bytes.substr(0, size)));
}

CAF_TEST(groups in a column are skipped as deep as protobuf goes) {
  for (const std::size_t depth : {1, 30, 60}) {
    const auto groups = std::string(depth, '\x3b') + std::string(depth, '\x3c');
    CAF_CHECK(is_read_alike(column_field(groups)));
  }
  for (const std::size_t depth : {98, 99, 100, 101}) {
    const auto groups = std::string(depth, '\x3b') + std::string(depth, '\x3c');
    const auto bytes = "\x22" + std::string(1, static_cast<char>(0x80 | (groups.size() & 0x7f))) + "\x01" + groups;
    CAF_CHECK(is_read_alike(bytes));
    CAF_CHECK_EQUAL(parse(bytes).has_value(), depth <= 99);
  }
}

CAF_TEST(more columns than a batch may have are no batch) {
  CAF_CHECK(read(make_message(max_columns).SerializeAsString(), 100).has_value());
  CAF_CHECK(!read(make_message(max_columns + 1).SerializeAsString(), 100));
}
