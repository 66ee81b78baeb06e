#define CAF_SUITE batch_encoder

#include "wire/session/batch_encoder.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/batches.hpp"
#include "tests/support/plain_base64.hpp"

using namespace dispatch;
using nlohmann::json;

namespace {

using batch_content = std::shared_ptr<const received_batch>;

const std::vector<session_column> two_columns{{"image", {}, "uint8", {7}, 7}, {"label", "label", "uint8", {}, 1}};

/// CRC-32 as in zlib, bit by bit.
std::uint32_t plain_crc32(std::string_view bytes) {
  auto rest = ~std::uint32_t{0};
  for (const auto c : bytes) {
    rest ^= static_cast<unsigned char>(c);
    for (auto i = 0; i < 8; ++i)
      rest = (rest >> 1) ^ (rest & 1 ? 0xedb88320u : 0);
  }
  return ~rest;
}

/// Bytes that differ from each other and have all values.
std::string bytes(std::size_t size, unsigned first = 0) {
  std::string result;
  for (std::size_t i = 0; i < size; ++i)
    result.push_back(static_cast<char>((first + i * 7) & 255));
  return result;
}

batch_content content(std::string image, std::string label) {
  return std::make_shared<const received_batch>(
    test::with_column(test::receive(0, false, std::move(image)), "label", std::move(label)));
}

/// The same bytes in slices of one or several bytes.
batch_content in_slices(const std::string& image, const std::string& label, std::size_t size) {
  const auto cut = [size](const std::string& whole) {
    const auto owner = std::make_shared<const std::string>(whole);
    std::vector<std::string_view> slices;
    for (std::size_t i = 0; i < owner->size(); i += size)
      slices.push_back(std::string_view{*owner}.substr(i, size));
    return received_bytes{std::move(slices), owner};
  };
  return std::make_shared<const received_batch>(received_batch{0, false, {{{}, cut(image)}, {"label", cut(label)}}});
}

const batch_head head{3, 2, 640, 64, "cursor=1,check=0"};

pieces encode(const batch_content& from, batch_encoder::options opts, const batch_head& what = head,
              std::vector<session_column> columns = two_columns) {
  pieces result;
  batch_encoder{std::move(columns), opts}.encode(what, from, result);
  return result;
}

std::string text_of(const pieces& from) {
  std::string result;
  for (const auto& each : from)
    result.append(each.bytes.view());
  return result;
}

/// The line of a message.
json line_of(const std::string& message) {
  return json::parse(message.substr(0, message.find('\n')));
}

/// What stands between the line and the last line end.
std::string payload_of(const std::string& message) {
  const auto begin = message.find('\n') + 1;
  return message.substr(begin, message.size() - begin - 1);
}

std::string column_of(const json& line, const std::string& payload, std::size_t index) {
  const auto& column = line.at("columns").at(index);
  return payload.substr(column.at("offset"), column.at("bytes"));
}

constexpr batch_encoder::options raw{payload_form::raw, false};
constexpr batch_encoder::options checked_raw{payload_form::raw, true};
constexpr batch_encoder::options text{payload_form::base64, false};
constexpr batch_encoder::options checked_text{payload_form::base64, true};

} // namespace

CAF_TEST(both forms say where a batch stands) {
  for (const auto& opts : {raw, text}) {
    const auto line = line_of(text_of(encode(content(bytes(14), bytes(2)), opts)));
    CAF_CHECK_EQUAL(line.at("type"), "batch");
    CAF_CHECK(line.at("seq") == 3);
    CAF_CHECK(line.at("epoch") == 2);
    CAF_CHECK(line.at("position") == 640);
    CAF_CHECK(line.at("samples") == 64);
    CAF_CHECK_EQUAL(line.at("cursor"), "cursor=1,check=0");
  }
}

CAF_TEST(the largest numbers are written whole and samples may be unknown) {
  const batch_head largest{UINT64_MAX, UINT64_MAX, INT64_MAX, std::nullopt, ""};
  const auto line = line_of(text_of(encode(content("", ""), raw, largest)));
  CAF_CHECK(line.at("seq") == UINT64_MAX);
  CAF_CHECK(line.at("epoch") == UINT64_MAX);
  CAF_CHECK(line.at("position") == INT64_MAX);
  CAF_CHECK(line.at("samples").is_null());
}

CAF_TEST(raw bytes stand behind the line at multiples of 64) {
  for (const std::size_t size : {0, 1, 63, 64, 65, 127, 128, 129, 1000}) {
    const auto image = bytes(size);
    const auto label = bytes(11, 100);
    const auto message = text_of(encode(content(image, label), raw));
    const auto line = line_of(message);
    const auto payload = payload_of(message);
    CAF_CHECK_EQUAL(message.back(), '\n');
    CAF_CHECK(line.at("payload_bytes") == payload.size());
    CAF_CHECK_EQUAL(line.at("columns").at(0).at("name"), "image");
    CAF_CHECK(line.at("columns").at(0).at("offset") == 0);
    CAF_CHECK_EQUAL(column_of(line, payload, 0), image);
    const std::size_t offset = line.at("columns").at(1).at("offset");
    CAF_CHECK_EQUAL(offset, (size + 63) / 64 * 64);
    CAF_CHECK_EQUAL(column_of(line, payload, 1), label);
    CAF_CHECK_EQUAL(payload.size(), offset + label.size());
    // What is between columns is 0.
    CAF_CHECK_EQUAL(payload.substr(size, offset - size), std::string(offset - size, '\0'));
    CAF_CHECK(!line.contains("crc32"));
  }
}

CAF_TEST(raw bytes are not copied) {
  const auto from = content(bytes(200), bytes(20));
  const auto out = encode(from, raw);
  for (const auto& each : from->columns) {
    const auto* begin = each.bytes.slices().front().data();
    CAF_CHECK(std::any_of(out.begin(), out.end(), [&](const piece& x) { return x.bytes.view().data() == begin; }));
  }
}

CAF_TEST(what was encoded keeps its bytes) {
  auto from = content(bytes(200), bytes(20));
  const std::weak_ptr<const received_batch> watched = from;
  auto out = encode(from, raw);
  from.reset();
  CAF_CHECK(!watched.expired());
  CAF_CHECK_EQUAL(payload_of(text_of(out)).substr(0, 200), bytes(200));
  out.clear();
  CAF_CHECK(watched.expired());
}

CAF_TEST(base64 stands in the line) {
  for (const std::size_t size : {0, 1, 2, 3, 4, 100}) {
    const auto message = text_of(encode(content(bytes(size), bytes(5, 50)), text));
    const auto line = line_of(message);
    CAF_CHECK_EQUAL(message.find('\n'), message.size() - 1);
    CAF_CHECK(line.at("columns")
              == json::array({{{"name", "image"}, {"data", test::plain_base64(bytes(size))}},
                              {{"name", "label"}, {"data", test::plain_base64(bytes(5, 50))}}}));
    CAF_CHECK(!line.contains("payload_bytes"));
    CAF_CHECK(!line.contains("crc32"));
  }
}

CAF_TEST(a checksum is of the payload as it is in raw form) {
  for (const std::size_t size : {0, 1, 64, 100}) {
    const auto from = content(bytes(size), bytes(9, 77));
    const auto message = text_of(encode(from, checked_raw));
    const auto check = plain_crc32(payload_of(message));
    CAF_CHECK(line_of(message).at("crc32") == check);
    CAF_CHECK(line_of(text_of(encode(from, checked_text))).at("crc32") == check);
  }
}

CAF_TEST(it makes no difference in which slices the bytes came) {
  const auto image = bytes(150);
  const auto label = bytes(30, 5);
  for (const auto& opts : {raw, checked_raw, text, checked_text})
    for (const std::size_t size : {1, 2, 7, 64, 149})
      CAF_CHECK(text_of(encode(in_slices(image, label, size), opts)) == text_of(encode(content(image, label), opts)));
}

CAF_TEST(a message ends with its last piece) {
  for (const auto& opts : {raw, checked_raw, text, checked_text}) {
    const auto out = encode(in_slices(bytes(150), bytes(30), 8), opts);
    for (std::size_t i = 0; i < out.size(); ++i)
      CAF_CHECK_EQUAL(out[i].ends_message, i + 1 == out.size());
  }
}

CAF_TEST(messages are appended behind each other) {
  pieces out;
  batch_encoder encoder{two_columns, raw};
  encoder.encode(head, content(bytes(10), bytes(1)), out);
  const auto first = text_of(out);
  encoder.encode(head, content(bytes(10), bytes(1)), out);
  CAF_CHECK_EQUAL(text_of(out), first + first);
}

CAF_TEST(columns are those that were asked for in that order) {
  const std::vector<session_column> turned{two_columns[1], two_columns[0]};
  const auto from = content(bytes(14), bytes(2, 9));
  const auto message = text_of(encode(from, raw, head, turned));
  const auto line = line_of(message);
  CAF_CHECK_EQUAL(line.at("columns").at(0).at("name"), "label");
  CAF_CHECK_EQUAL(column_of(line, payload_of(message), 0), bytes(2, 9));
  CAF_CHECK_EQUAL(column_of(line, payload_of(message), 1), bytes(14));
  CAF_CHECK_EQUAL(line_of(text_of(encode(from, text, head, {two_columns[1]}))).at("columns").size(), 1u);
}

CAF_TEST(a name of a column may be any text) {
  const std::vector<session_column> odd{{"a \"b\"\n\xff", {}, "uint8", {7}, 7}};
  for (const auto& opts : {raw, text})
    CAF_CHECK_EQUAL(line_of(text_of(encode(content("x", ""), opts, head, odd))).at("columns").at(0).at("name"),
                    "a \"b\"\n\xef\xbf\xbd");
}
