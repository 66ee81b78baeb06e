#define CAF_SUITE payload_checker

#include "apps/pull/session/payload_checker.hpp"

#include <caf/test/unit_test.hpp>

#include <zlib.h>

#include <string>

using namespace dispatch::pull;

namespace {

/// Two samples of three bytes, and of one number of four.
struct fixture {
  std::vector<session_column_info> columns{{"x", "uint8", std::vector<std::int64_t>{3}},
                                           {"y", "int32", std::vector<std::int64_t>{}}};
  std::string payload = "abcdef" + std::string(58, '\0') + "12345678";
  batch_line batch;

  fixture() {
    batch.samples = 2;
    batch.columns = {{"x", 0, 6}, {"y", 64, 8}};
    batch.payload_bytes = 72;
    batch.crc32 =
      static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const unsigned char*>(payload.data()), payload.size()));
  }

  std::string layout() const { return layout_problem(batch, columns).value_or(""); }

  std::string content(bool has_checksum = true) const {
    return payload_problem(batch, payload, has_checksum).value_or("");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(payload_checker_tests, fixture)

CAF_TEST(a batch that is right) {
  CAF_CHECK_EQUAL(layout(), "");
  CAF_CHECK_EQUAL(content(), "");
  const auto parts = column_bytes(batch, payload);
  CAF_REQUIRE_EQUAL(parts.size(), 2u);
  CAF_CHECK_EQUAL(std::string{parts[0]}, "abcdef");
  CAF_CHECK_EQUAL(std::string{parts[1]}, "12345678");
}

CAF_TEST(columns that are not those of the welcome) {
  batch.columns[1].name = "z";
  CAF_CHECK_EQUAL(layout(), R"(column "z" came where column "y" was due)");
  batch.columns.pop_back();
  CAF_CHECK_EQUAL(layout(), "it has 1 columns, and welcome said 2");
}

CAF_TEST(bytes that are not whole samples) {
  batch.columns[0].bytes = 7;
  CAF_CHECK_EQUAL(layout(), R"(column "x" has 7 bytes, and 2 samples of 3 bytes are due)");
}

CAF_TEST(samples without a fixed size may have any bytes) {
  columns[0].shape.reset();
  batch.columns[0].bytes = 7;
  CAF_CHECK_EQUAL(layout(), "");
}

CAF_TEST(offsets that are not due) {
  batch.columns[1].offset = 128;
  CAF_CHECK_EQUAL(layout(), R"(column "y" begins at byte 128, and 64 is due, the next multiple of 64)");
  batch.columns[1].offset = 8;
  CAF_CHECK_EQUAL(layout(), R"(column "y" begins at byte 8, and 64 is due, the next multiple of 64)");
}

CAF_TEST(payload bytes that are not those of the columns) {
  batch.payload_bytes = 80;
  CAF_CHECK_EQUAL(layout(), "payload_bytes is 80, and its columns end at byte 72");
  batch.payload_bytes = 5;
  CAF_CHECK_EQUAL(layout(), R"(column "x" has 6 bytes, and payload_bytes is 5)");
}

CAF_TEST(numbers that overflow) {
  batch.columns[0].bytes = UINT64_MAX - 2;
  batch.samples = INT64_MAX;
  CAF_CHECK_NOT_EQUAL(layout(), "");
}

CAF_TEST(bytes between columns) {
  payload[40] = '\x07';
  CAF_CHECK_EQUAL(content(false), "byte 40 of its payload is 7, and 0 is due between columns");
}

CAF_TEST(checksums) {
  const auto due = std::to_string(*batch.crc32);
  batch.crc32 = 17;
  CAF_CHECK_EQUAL(content(), "its crc32 is 17, and that of its payload is " + due);
  CAF_CHECK_EQUAL(content(false), "");
  batch.crc32.reset();
  CAF_CHECK_EQUAL(content(), "it has no crc32, which was asked for");
}

CAF_TEST_FIXTURE_SCOPE_END()
