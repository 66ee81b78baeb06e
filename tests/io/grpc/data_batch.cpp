#define CAF_SUITE data_batch

#include "io/grpc/data_batch.hpp"

#include <grpcpp/grpcpp.h>

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "dataset_service.pb.h"
#include "tests/support/data_batches.hpp"

using dispatch::received_batch;
using dispatch::io::read_data_batch;
using dispatch::test::is_equal;

namespace {

using message = ::dataset_service::DataBatch;

message make_message(std::string data, std::int32_t index, bool is_last) {
  message result;
  result.set_data(std::move(data));
  result.set_batch_index(index);
  result.set_is_last_batch(is_last);
  return result;
}

/// `bytes` in slices that have these sizes in turn.
grpc::ByteBuffer buffer_of(const std::string& bytes, const std::vector<std::size_t>& sizes) {
  std::vector<grpc::Slice> slices;
  for (std::size_t from = 0, i = 0; from < bytes.size(); ++i) {
    slices.emplace_back(bytes.substr(from, sizes[i % sizes.size()]));
    from += slices.back().size();
  }
  if (slices.empty())
    slices.emplace_back(std::string{});
  return grpc::ByteBuffer{slices.data(), slices.size()};
}

grpc::ByteBuffer buffer_of(const std::string& bytes) {
  return buffer_of(bytes, {std::max<std::size_t>(bytes.size(), 1)});
}

std::optional<received_batch> read(const std::string& bytes) {
  auto buffer = buffer_of(bytes);
  return read_data_batch(buffer);
}

/// What protobuf itself reads of it.
std::optional<message> parse(const std::string& bytes) {
  message result;
  if (!result.ParseFromString(bytes))
    return std::nullopt;
  return result;
}

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  std::string result(size, '\0');
  for (auto& c : result)
    c = static_cast<char>(random());
  return result;
}

/// Fields as they are on the wire: data, batch_index, is_last_batch.
const std::string data_field = "\x0a\x03"
                               "abc";
const std::string index_field = "\x10\x07";
const std::string last_field = "\x18\x01";

} // namespace

CAF_TEST(a batch is read as protobuf wrote it) {
  std::mt19937_64 random{41};
  for (const std::size_t size : {1, 2, 15, 16, 17, 31, 127, 128, 1000, 16383, 16384, 300'000})
    for (const auto index : {0, 1, 127, 128, std::numeric_limits<std::int32_t>::max()})
      for (const auto is_last : {false, true}) {
        const auto sent = make_message(random_bytes(random, size), index, is_last);
        const auto got = read(sent.SerializeAsString());
        CAF_REQUIRE(got.has_value());
        CAF_CHECK(is_equal(*got, sent));
        CAF_CHECK_EQUAL(got->columns[0].bytes.slices().size(), 1u);
      }
}

CAF_TEST(slices may be of any size) {
  std::mt19937_64 random{42};
  const std::vector<std::vector<std::size_t>> cuts{{1}, {2}, {3}, {1, 7}, {5, 1, 1, 64}, {100, 1}, {999}};
  for (const std::size_t size : {0, 1, 2, 100, 1000, 5001})
    for (const auto& sizes : cuts) {
      const auto sent = make_message(random_bytes(random, size), 300, true);
      auto buffer = buffer_of(sent.SerializeAsString(), sizes);
      const auto got = read_data_batch(buffer);
      CAF_REQUIRE(got.has_value());
      CAF_CHECK(is_equal(*got, sent));
    }
}

CAF_TEST(slices that are empty do no harm) {
  const auto bytes = data_field + index_field + last_field;
  std::vector<grpc::Slice> slices;
  for (const auto c : bytes) {
    slices.emplace_back(std::string{});
    slices.emplace_back(std::string(1, c));
  }
  slices.emplace_back(std::string{});
  grpc::ByteBuffer buffer{slices.data(), slices.size()};
  const auto got = read_data_batch(buffer);
  CAF_REQUIRE(got.has_value());
  CAF_CHECK(is_equal(*got, make_message("abc", 7, true)));
}

CAF_TEST(samples stay where they came) {
  const auto sent = make_message(std::string(100'000, 'x'), 1, false);
  const auto bytes = sent.SerializeAsString();
  const grpc::Slice slice{bytes};
  grpc::ByteBuffer buffer{&slice, 1};
  const auto got = read_data_batch(buffer);
  CAF_REQUIRE(got.has_value());
  CAF_REQUIRE_EQUAL(got->columns[0].bytes.slices().size(), 1u);
  const auto* begin = reinterpret_cast<const char*>(slice.begin());
  CAF_CHECK(got->columns[0].bytes.slices()[0].data() > begin
            && got->columns[0].bytes.slices()[0].data() < begin + slice.size());
}

CAF_TEST(samples outlive the buffer that they came in) {
  // Small slices lie in the buffer itself, large ones in memory that is counted.
  for (const std::size_t size : {3, 10'000}) {
    std::optional<received_batch> got;
    {
      auto buffer = buffer_of(make_message(std::string(size, 'x'), 1, false).SerializeAsString());
      got = read_data_batch(buffer);
      CAF_CHECK(!buffer.Valid());
      buffer = buffer_of(std::string(size, 'y'));
    }
    CAF_REQUIRE(got.has_value());
    const auto copy = got->columns[0].bytes;
    got.reset();
    CAF_CHECK(copy.prefix(size) == std::string(size, 'x'));
  }
}

CAF_TEST(fields that are not there have no value) {
  const auto nothing = read("");
  CAF_REQUIRE(nothing.has_value());
  CAF_CHECK(is_equal(*nothing, message{}));
  const auto only_index = read(index_field);
  CAF_REQUIRE(only_index.has_value());
  CAF_CHECK(is_equal(*only_index, make_message("", 7, false)));
  const auto empty_data = read(std::string("\x0a\x00\x18\x01", 4));
  CAF_REQUIRE(empty_data.has_value());
  CAF_CHECK(is_equal(*empty_data, make_message("", 0, true)));
}

CAF_TEST(a buffer that was never filled is no batch) {
  grpc::ByteBuffer buffer;
  CAF_CHECK(!read_data_batch(buffer));
}

CAF_TEST(fields may come in any order) {
  std::vector<std::string> fields{data_field, index_field, last_field};
  std::sort(fields.begin(), fields.end());
  do {
    const auto got = read(fields[0] + fields[1] + fields[2]);
    CAF_REQUIRE(got.has_value());
    CAF_CHECK(is_equal(*got, make_message("abc", 7, true)));
  } while (std::next_permutation(fields.begin(), fields.end()));
}

CAF_TEST(of a field that is there twice the last counts) {
  const auto first = make_message("first and longer", 1, true).SerializeAsString();
  const auto got = read(first + data_field + index_field + std::string("\x18\x00", 2));
  CAF_REQUIRE(got.has_value());
  CAF_CHECK(is_equal(*got, make_message("abc", 7, false)));
  const auto emptied = read(first + std::string("\x0a\x00", 2));
  CAF_REQUIRE(emptied.has_value());
  CAF_CHECK(is_equal(*emptied, make_message("", 1, true)));
}

CAF_TEST(a negative index is one) {
  for (const auto index : {-1, -2, std::numeric_limits<std::int32_t>::min()}) {
    const auto sent = make_message("abc", index, false);
    const auto got = read(sent.SerializeAsString());
    CAF_REQUIRE(got.has_value());
    CAF_CHECK_EQUAL(got->index, index);
  }
}

CAF_TEST(fields of a later contract are skipped) {
  const std::vector<std::string> unknown{
    std::string("\x20\x05", 2),                 // a number
    std::string("\x29\1\2\3\4\5\6\7\x08", 9),   // 64 bits
    std::string("\x32\x02hi", 4),               // bytes
    std::string("\x3b\x08\x01\x3c", 4),         // a group
    std::string("\x45\1\2\3\4", 5),             // 32 bits
    std::string("\xf8\xff\xff\xff\x0f\x01", 6), // the highest number of a field
    std::string("\x08\x05", 2),                 // data, but as a number
    std::string("\x12\x02hi", 4),               // batch_index, but as bytes
    std::string("\x1d\1\2\3\4", 5),             // is_last_batch, but as 32 bits
  };
  for (const auto& field : unknown)
    for (const auto& bytes :
         {field + data_field + index_field + last_field, data_field + field + index_field + field + last_field,
          data_field + index_field + last_field + field}) {
      CAF_REQUIRE(parse(bytes).has_value());
      const auto got = read(bytes);
      CAF_REQUIRE(got.has_value());
      CAF_CHECK(is_equal(*got, make_message("abc", 7, true)));
    }
}

CAF_TEST(a message that was cut off is no batch) {
  const auto bytes = make_message(std::string(300, 'x'), 300, true).SerializeAsString();
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto cut = bytes.substr(0, size);
    const auto expected = parse(cut);
    for (const auto& sizes : {std::vector<std::size_t>{bytes.size()}, std::vector<std::size_t>{7}}) {
      auto buffer = buffer_of(cut, sizes);
      const auto got = read_data_batch(buffer);
      // Between two fields it is a message of its own.
      if (got.has_value() != expected.has_value() || (got && !is_equal(*got, *expected)))
        CAF_FAIL("cut at " << size << ": " << (got ? "read" : "refused"));
    }
  }
}

CAF_TEST(tags and sizes of more than five bytes are no batch) {
  const std::vector<std::string> within{
    std::string("\x90\x80\x80\x80\x00\x07", 6),         // a tag
    std::string("\x0a\x83\x80\x80\x80\x00xyz", 9),      // the size of the samples
    std::string("\x32\x83\x80\x80\x80\x00xyz", 9),      // the size of a field that is skipped
    std::string("\x3b\x88\x80\x80\x80\x00\x01\x3c", 8), // a tag in a group
  };
  const std::vector<std::string> beyond{
    std::string("\x90\x80\x80\x80\x80\x00\x07", 7),     std::string("\x0a\x83\x80\x80\x80\x80\x00xyz", 10),
    std::string("\x32\x83\x80\x80\x80\x80\x00xyz", 10), std::string("\x3b\x88\x80\x80\x80\x80\x00\x01\x3c", 9),
    std::string("\x0a\x83\x80\x80\x80\x10xyz", 9), // five bytes of more than 32 bits
    std::string("\x32\x83\x80\x80\x80\x10xyz", 9),
  };
  for (const auto& bytes : within) {
    CAF_CHECK(parse(bytes).has_value());
    CAF_CHECK(read(bytes).has_value());
  }
  for (const auto& bytes : beyond) {
    CAF_CHECK(!parse(bytes).has_value());
    CAF_CHECK(!read(bytes).has_value());
  }
}

CAF_TEST(groups in groups are skipped as deep as protobuf goes) {
  for (const std::size_t depth : {1, 98, 99, 100, 101, 102, 1000}) {
    const auto bytes = data_field + std::string(depth, '\x3b') + std::string(depth, '\x3c') + index_field;
    CAF_CHECK_EQUAL(read(bytes).has_value(), parse(bytes).has_value());
    CAF_CHECK_EQUAL(read(bytes).has_value(), depth <= 100);
  }
}

CAF_TEST(garbage is no batch) {
  const std::vector<std::string> garbage{
    std::string("\x00", 1),                                              // there is no field 0
    std::string("\x02\x00", 2),                                          // nor one of bytes
    std::string("\x0a", 1),                                              // a field without its size
    std::string("\x0a\xff\xff\xff\xff\x0f", 6),                          // 4 GiB that are not there
    std::string("\x0a\xff\xff\xff\xff\x07", 6),                          // 2 GiB that are not there
    std::string("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12), // a number without end
    std::string("\x0c", 1),                                              // the end of no group
    std::string("\x3b\x08\x01", 3),                                      // a group without end
    std::string("\x3b\x08\x01\x44", 4),                                  // a group with another's end
    std::string("\x0e\x01", 2),                                          // no such type
    std::string("\x0f\x01", 2),
    std::string(300, '\x3b'), // groups in groups
    "<html><body>404</body></html>",
  };
  for (const auto& bytes : garbage) {
    CAF_CHECK(!parse(bytes).has_value());
    CAF_CHECK(!read(bytes).has_value());
    CAF_CHECK(!read(data_field + bytes).has_value());
  }
}

// -- comparison with protobuf -----------------------------------------------------------------------------------------

namespace {

std::string random_column(std::mt19937_64& random) {
  message result;
  result.add_columns()->set_name(std::string(random() % 8, 'n'));
  result.mutable_columns(0)->set_data(random_bytes(random, random() % 20));
  return result.SerializeAsString();
}

/// A message of all that the format has, known or not.
std::string random_message(std::mt19937_64& random) {
  const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  std::string bytes;
  for (auto fields = pick(6); fields > 0; --fields)
    switch (pick(8)) {
    case 6:
    case 7:
      bytes += random_column(random);
      break;
    case 0:
      bytes += std::string("\x3b\x08\x01\x3c", 4);
      break;
    case 1:
      bytes += std::string("\x29\1\2\3\4\5\6\7\x08", 9);
      break;
    case 2:
      bytes += std::string("\x32\x02hi", 4);
      break;
    default:
      bytes += make_message(random_bytes(random, pick(pick(8) == 0 ? 400 : 12)), static_cast<std::int32_t>(random()),
                            pick(2) == 0)
                 .SerializeAsString();
    }
  return bytes;
}

void mutate(std::mt19937_64& random, std::string& bytes) {
  const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  const auto at = pick(bytes.size() + 1);
  switch (pick(5)) {
  case 0:
    bytes.resize(at);
    break;
  case 1:
    bytes.insert(at, random_bytes(random, 1 + pick(3)));
    break;
  case 2:
    bytes.erase(at, 1 + pick(3));
    break;
  case 3:
    if (at < bytes.size())
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << pick(8)));
    break;
  default:
    if (at < bytes.size())
      bytes[at] = static_cast<char>(random());
  }
}

std::string hex(const std::string& bytes) {
  constexpr auto digits = "0123456789abcdef";
  std::string result;
  for (const auto c : bytes) {
    result += digits[static_cast<unsigned char>(c) >> 4];
    result += digits[static_cast<unsigned char>(c) & 15];
  }
  return result;
}

} // namespace

CAF_TEST(whatever comes is read as protobuf reads it) {
  constexpr std::uint64_t seed = 43;
  std::mt19937_64 random{seed};
  // Protobuf writes a line for each name that is no UTF-8.
  google::protobuf::LogSilencer silence;
  auto accepted = 0;
  constexpr auto rounds = 200'000;
  for (auto round = 0; round < rounds; ++round) {
    auto bytes = random_message(random);
    for (auto mutations = random() % 4; mutations > 0; --mutations)
      mutate(random, bytes);
    const std::vector<std::size_t> sizes{1 + random() % 20, 1 + random() % 200};
    auto buffer = buffer_of(bytes, sizes);
    const auto got = read_data_batch(buffer);
    const auto expected = parse(bytes);
    if (got.has_value() != expected.has_value() || (got && !is_equal(*got, *expected)))
      CAF_FAIL("seed " << seed << ", round " << round << ": " << hex(bytes) << " is "
                       << (!got       ? "refused"
                           : expected ? "something else"
                                      : "not refused"));
    accepted += got ? 1 : 0;
  }
  // Or this compares nothing.
  CAF_CHECK_GREATER(accepted, rounds / 10);
  CAF_CHECK_LESS(accepted, rounds * 9 / 10);
}
