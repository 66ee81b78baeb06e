#define CAF_SUITE frame_parser

#include "apps/pull/frame_parser.hpp"

#include <caf/test/unit_test.hpp>

#include <random>
#include <string>

using dispatch::pull::frame;
using dispatch::pull::malformed_frame;
using dispatch::pull::parse_frame;

namespace {

constexpr auto good =
  R"({"batch_id":7,"batch_index":7,"batch_data":["Zm9v"],"client_id":"client_[::1]:53412","EOF":false})";

frame parsed(std::string_view line) {
  auto result = parse_frame(line);
  if (auto problem = std::get_if<malformed_frame>(&result))
    CAF_FAIL("refused: " << problem->reason);
  return std::get<frame>(result);
}

// The reason why a line is refused, "" when it is not.
std::string reason(std::string_view line) {
  auto result = parse_frame(line);
  auto problem = std::get_if<malformed_frame>(&result);
  return problem == nullptr ? "" : problem->reason;
}

// A frame whose batch_data is this text.
std::string with_data(const std::string& array) {
  return R"({"batch_id":0,"batch_index":0,"batch_data":)" + array + R"(,"client_id":"c","EOF":true})";
}

} // namespace

CAF_TEST(a frame has all its fields) {
  auto x = parsed(good);
  CAF_CHECK_EQUAL(x.batch_id, 7);
  CAF_CHECK_EQUAL(x.batch_index, 7);
  CAF_CHECK_EQUAL(x.data, "foo");
  CAF_CHECK_EQUAL(x.client_id, "client_[::1]:53412");
  CAF_CHECK(!x.eof);
  CAF_CHECK(!x.error);
}

CAF_TEST(order and whitespace and unknown fields do not matter) {
  auto x = parsed("\t{ \"EOF\" : true, \"new\": {\"batch_id\": [1, {\"EOF\": 3}, null]}, \"batch_data\" : [ \"\" ],"
                  "\"client_id\":\"\\u0063\", \"more\": [[\"x\"]], \"batch_id\": 0 } \r");
  CAF_CHECK_EQUAL(x.batch_id, 0);
  CAF_CHECK_EQUAL(x.batch_index, 0);
  CAF_CHECK_EQUAL(x.client_id, "c");
  CAF_CHECK_EQUAL(x.data, "");
  CAF_CHECK(x.eof);
}

CAF_TEST(an error frame has code and message) {
  auto x = parsed(R"({"batch_id":3,"batch_index":3,"batch_data":[],"client_id":"c","EOF":false,)"
                  R"("error":{"code":"NOT_FOUND","message":"no dataset \"cifar\"","details":[{"code":1}]}})");
  CAF_REQUIRE(x.error);
  CAF_CHECK_EQUAL(x.error->code, "NOT_FOUND");
  CAF_CHECK_EQUAL(x.error->message, "no dataset \"cifar\"");
  CAF_CHECK_EQUAL(x.data, "");
}

CAF_TEST(long data are decoded like short ones) {
  for (std::size_t groups : {1, 63, 64, 65, 1000, 100000}) {
    std::string text;
    std::string data;
    for (std::size_t i = 0; i < groups; ++i) {
      text += "Zm9v";
      data += "foo";
    }
    CAF_CHECK(parsed(with_data("[\"" + text + "\"]")).data == data);
    // An escaped slash is allowed in JSON, however long the string is.
    CAF_CHECK(parsed(with_data("[\"" + text + "\\/\\/\\/\\/\"]")).data == data + "\xff\xff\xff");
  }
}

CAF_TEST(long strings elsewhere are read as strings) {
  std::string text(5000, 'x');
  std::string head = R"({"batch_id":0,"batch_data":["Zm9v"],"EOF":true,)";
  CAF_CHECK_EQUAL(parsed(head + R"("client_id":")" + text + "\"}").client_id, text);
  CAF_CHECK_EQUAL(parsed(head + R"("client_id":"c",")" + text + "\":\"" + text + "\"}").data, "foo");
  CAF_CHECK_EQUAL(parsed(head + R"("client_id":"c","error":{"code":"A","message":")" + text + "\"}}").error->message,
                  text);
  CAF_CHECK(reason(head + R"("client_id":")" + text + "\x01\"}").find("not JSON") != std::string::npos);
  CAF_CHECK(reason(head + R"("client_id":")" + text + "\xff\"}").find("not JSON") != std::string::npos);
}

CAF_TEST(what looks like a field within a string is none) {
  auto x = parsed(R"({"client_id":"\"batch_data\":[\"AAAA\"]","batch_id":0,"batch_data":["Zm9v"],"EOF":true})");
  CAF_CHECK_EQUAL(x.data, "foo");
  CAF_CHECK_EQUAL(x.client_id, R"("batch_data":["AAAA"])");
}

CAF_TEST(each kind of malformed line has a reason of its own) {
  CAF_CHECK_EQUAL(reason(""), "the line is empty");
  CAF_CHECK_EQUAL(reason("HTTP/1.1 400 Bad Request\r"), "it is not JSON: \"HTTP/1.1 400 Bad Request\\x0d\"");
  CAF_CHECK_EQUAL(reason(std::string(100, 'x')), "it is not JSON: \"" + std::string(40, 'x') + "...\"");
  CAF_CHECK_EQUAL(reason("\x1b[31m"), "it is not JSON: \"\\x1b[31m\"");
  CAF_CHECK_EQUAL(reason("[]"), "it is not a JSON object: \"[]\"");
  CAF_CHECK_EQUAL(reason("17"), "it is not a JSON object: \"17\"");
  CAF_CHECK_EQUAL(reason("\"x\""), "it is not a JSON object: \"\"x\"\"");
  CAF_CHECK_EQUAL(reason("{}"), "batch_id is missing");
  CAF_CHECK(reason(std::string{good} + "{}").find("not JSON") != std::string::npos);
  CAF_CHECK_EQUAL(reason(with_data("[]")), "batch_data is empty, and there is no error");
  CAF_CHECK_EQUAL(reason(with_data("\"Zm9v\"")), "batch_data is a string");
  CAF_CHECK_EQUAL(reason(with_data("[1]")), "batch_data holds a number instead of a base64 string");
  CAF_CHECK_EQUAL(reason(with_data("[[\"Zm9v\"]]")), "batch_data holds an array instead of a base64 string");
  CAF_CHECK_EQUAL(reason(with_data("[{\"a\":1}]")), "batch_data holds an object instead of a base64 string");
  CAF_CHECK_EQUAL(reason(with_data("[\"Zm9v\",\"\"]")), "batch_data holds more than one string");
  CAF_CHECK_EQUAL(reason(with_data("[\"Zm9\"]")), "batch_data is not base64: its length of 3 is not a multiple of 4");
  CAF_CHECK_EQUAL(reason(with_data("[\"" + std::string(999, 'A') + "\xff\"]")),
                  "batch_data is not base64: a character that is not base64 at position 999");
  CAF_CHECK_EQUAL(reason(R"({"batch_id":"7"})"), "batch_id is a string");
  CAF_CHECK_EQUAL(reason(R"({"batch_id":-1})"), "batch_id is a negative number");
  CAF_CHECK_EQUAL(reason(R"({"batch_id":1.5})"), "batch_id is a number with a fraction or out of range");
  CAF_CHECK_EQUAL(reason(R"({"batch_id":9223372036854775808})"), "batch_id is a number out of range");
  CAF_CHECK_EQUAL(reason(R"({"batch_id":99999999999999999999})"),
                  "batch_id is a number with a fraction or out of range");
  CAF_CHECK_EQUAL(reason(R"({"EOF":1})"), "EOF is a number");
  CAF_CHECK_EQUAL(reason(R"({"EOF":null})"), "EOF is null");
  CAF_CHECK_EQUAL(reason(R"({"client_id":true})"), "client_id is a boolean");
  CAF_CHECK_EQUAL(reason(R"({"error":"x"})"), "error is a string");
  CAF_CHECK_EQUAL(reason(R"({"error":{"code":5}})"), "the error's code is a number");
  CAF_CHECK_EQUAL(reason(R"({"batch_id":1,"batch_id":1})"), "batch_id is there twice");
  CAF_CHECK_EQUAL(reason(R"({"batch_id":1,"batch_index":2,"batch_data":[""],"client_id":"","EOF":false})"),
                  "batch_id is 1 but batch_index is 2");
  CAF_CHECK_EQUAL(reason(R"({"batch_id":1,"batch_data":[],"client_id":"","EOF":false,"error":{"code":"A"}})"),
                  "the error's message is missing");
}

CAF_TEST(deep nesting is refused) {
  CAF_CHECK_EQUAL(reason("{\"x\":" + std::string(1000000, '[')), "its JSON is nested too deeply");
  std::string objects;
  for (int i = 0; i < 1000; ++i)
    objects += "{\"x\":";
  CAF_CHECK_EQUAL(reason(objects), "its JSON is nested too deeply");
}

CAF_TEST(every prefix of a frame is refused) {
  std::string line = good;
  for (std::size_t size = 0; size < line.size(); ++size)
    CAF_CHECK(!reason(line.substr(0, size)).empty());
}

CAF_TEST(damaged frames give frames or reasons of one printable line) {
  std::mt19937 random{3};
  std::string sources[] = {
    good, with_data("[\"" + std::string(400, 'A') + "\"]"),
    R"({"batch_id":3,"batch_data":[],"client_id":"\u00e4\n","EOF":false,"error":{"code":"X","message":"y"}})"};
  for (int round = 0; round < 30000; ++round) {
    auto line = sources[round % 3];
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
      auto place = random() % line.size();
      constexpr std::string_view marks = "\"\\{}[]:,0-.eEtn u/\x01\xff";
      auto mark = random() % 2 == 0 ? marks[random() % marks.size()] : static_cast<char>(random());
      switch (random() % 4) {
      case 0:
        line[place] = mark;
        break;
      case 1:
        line.insert(place, 1, mark);
        break;
      case 2:
        line.erase(place, 1 + random() % 8);
        break;
      default:
        line.insert(place, line.substr(random() % line.size(), random() % 20));
        break;
      }
      if (line.empty())
        line = " ";
    }
    for (auto c : reason(line))
      CAF_REQUIRE(c >= 0x20 && c < 0x7f);
  }
}
