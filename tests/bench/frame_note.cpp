#define CAF_SUITE frame_note

#include "bench/stream/frame_note.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <string_view>

#include "tests/support/batches.hpp"
#include "wire/classic_codec.hpp"

using namespace dispatch;
using bench::line_ends;
using bench::read_note;

namespace {

std::string frame_line(std::int32_t index, std::size_t bytes, bool last) {
  auto line = test::classic_text(index, std::string(bytes, 'x'));
  line += encode_classic_tail("client_127.0.0.1:5", last);
  line.pop_back();
  return line;
}

line_ends ends_of(std::string_view line) {
  return {line, line, line.size()};
}

std::string as_text(std::string_view line) {
  const auto note = read_note(ends_of(line));
  if (!note)
    return "none";
  return std::to_string(note->batch) + (note->eof ? " eof" : "") + (note->error ? " error" : "");
}

} // namespace

CAF_TEST(what the encoder of the project writes) {
  CAF_CHECK_EQUAL(as_text(frame_line(0, 94'080, false)), "0");
  CAF_CHECK_EQUAL(as_text(frame_line(333, 31'360, true)), "333 eof");
  CAF_CHECK_EQUAL(as_text(frame_line(2'147'483'647, 1, false)), "2147483647");
  CAF_CHECK_EQUAL(as_text(frame_line(1, 0, true)), "1 eof");
}

CAF_TEST(an error frame) {
  auto line = encode_classic_error(12, "client_127.0.0.1:5", {status_code::not_found, "no \"such\" \"EOF\":true set"});
  line.pop_back();
  const auto note = read_note(ends_of(line));
  CAF_REQUIRE(note);
  CAF_REQUIRE(note->error);
  CAF_CHECK_EQUAL(note->batch, 12);
  CAF_CHECK(!note->eof);
  CAF_CHECK_EQUAL(note->error->code, "NOT_FOUND");
  CAF_CHECK_EQUAL(note->error->message, "no \\\"such\\\" \\\"EOF\\\":true set");
}

CAF_TEST(an error frame that is longer than both ends) {
  const auto long_message = std::string(5000, 'm');
  auto line = encode_classic_error(3, "client_127.0.0.1:5", {status_code::internal, long_message});
  line.pop_back();
  const auto whole = std::string_view{line};
  const auto note = read_note({whole.substr(0, bench::line_cutter::head_size),
                               whole.substr(whole.size() - bench::line_cutter::tail_size), whole.size()});
  CAF_REQUIRE(note);
  CAF_REQUIRE(note->error);
  CAF_CHECK_EQUAL(note->error->code, "INTERNAL");
  CAF_CHECK_EQUAL(note->error->message.substr(0, 5), "mmmmm");
}

CAF_TEST(what other servers write) {
  CAF_CHECK_EQUAL(as_text(R"({"batch_id":7,"batch_data":["AAAA"],"client_id":"c","EOF":true})"), "7 eof");
  CAF_CHECK_EQUAL(
    as_text(R"({"batch_id": 7, "batch_index": 7, "batch_data": ["AAAA"], "client_id": "c", "EOF": true})"), "7 eof");
  CAF_CHECK_EQUAL(as_text(R"({"EOF":false,"client_id":"c","batch_id":7,"batch_data":["AAAA"]})"), "7");
  CAF_CHECK_EQUAL(as_text(R"({"batch_id":7,"batch_data":["AAAA"],"client_id":"c","EOF":true,"error":null})"), "7 eof");
}

CAF_TEST(what is no frame) {
  for (const std::string line : {
         "",
         "{}",
         "HTTP/1.1 400 Bad Request",
         R"({"batch_id":1,"batch_index":2,"batch_data":["AAAA"],"client_id":"c","EOF":false})",
         R"({"batch_id":-1,"batch_index":-1,"batch_data":["AAAA"],"client_id":"c","EOF":false})",
         R"({"batch_id":"1","batch_data":["AAAA"],"client_id":"c","EOF":false})",
         R"({"batch_data":["AAAA"],"client_id":"c","EOF":false})",
         R"({"batch_id":1,"batch_data":["AAAA"],"EOF":false})",
         R"({"batch_id":1,"batch_data":["AAAA"],"client_id":"c"})",
         R"({"batch_id":1,"batch_data":["AAAA"],"client_id":"c","EOF":1})",
         R"({"batch_id":1,"batch_data":["AAAA"],"client_id":"c","EOF":false)",
         R"("batch_id":1,"batch_data":["AAAA"],"client_id":"c","EOF":false})",
       })
    CAF_CHECK_EQUAL(as_text(line), "none");
}
