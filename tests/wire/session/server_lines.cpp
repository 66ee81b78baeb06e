#define CAF_SUITE server_lines

#include "wire/session/server_lines.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

#include "wire/session/session_protocol.hpp"

using namespace dispatch;
using nlohmann::json;

namespace {

/// Parses a line, which must be one.
json parse(const std::string& line) {
  CAF_REQUIRE(!line.empty());
  CAF_CHECK_EQUAL(std::count(line.begin(), line.end(), '\n'), 1);
  CAF_CHECK_EQUAL(line.back(), '\n');
  return json::parse(line);
}

welcome full_welcome() {
  return {"client_1.2.3.4:5",
          "mnist",
          fingerprint{0x5d2f7f1f0a9c11e3},
          60'000,
          938,
          64,
          3,
          {60'000, 30, shuffle_spec{18446744073709551615u, 2786}},
          {1, 4},
          {{"image", {}, "float32", {1, 28, 28}, 3136}, {"label", "label", "uint8", {}, 1}},
          "cursor=1,check=0"};
}

} // namespace

CAF_TEST(a welcome says what is in force) {
  CAF_CHECK_EQUAL(parse(encode_welcome(full_welcome())).dump(), json::parse(R"({"type":"welcome","version":1,
    "session":"client_1.2.3.4:5","dataset":"mnist","fingerprint":"5d2f7f1f0a9c11e3","samples":60000,"batches":938,
    "batch_size":64,"epochs":3,"shuffle":{"seed":18446744073709551615,"window":2786,"block":30},
    "shard":{"index":1,"count":4},"columns":[{"name":"image","dtype":"float32","shape":[1,28,28]},
    {"name":"label","dtype":"uint8","shape":[]}],"cursor":"cursor=1,check=0"})")
                                                                  .dump());
}

CAF_TEST(the welcome of a member says what the group is) {
  auto what = full_welcome();
  what.acks = ack_mode::each;
  what.group = group_welcome{"run-42", 3, {}};
  what.group->spec.has_barrier = true;
  const auto line = parse(encode_welcome(what));
  CAF_CHECK_EQUAL(line.at("ack"), "explicit");
  CAF_CHECK(line.at("group") == json::parse(R"({"name":"run-42","generation":3,"barrier":true,"ack_wait":30,
    "max_deliver":0})"));
}

CAF_TEST(what is not known is null) {
  welcome what;
  what.session = "s";
  what.columns = {{"data", {}, "", {}, 0}, {"x", "x", "object", {2}, 0}};
  const auto line = parse(encode_welcome(what));
  for (const auto* name : {"fingerprint", "samples", "batches", "epochs", "shuffle"})
    CAF_CHECK(line.at(name).is_null());
  CAF_CHECK_EQUAL(line.at("columns").dump(), json::parse(R"([{"name":"data","dtype":null,"shape":null},
    {"name":"x","dtype":"object","shape":null}])")
                                               .dump());
}

CAF_TEST(the type stands first in every line) {
  for (const auto& line :
       {encode_welcome(full_welcome()), encode_epoch(0, {}, "c"), encode_eof({}, "c"),
        encode_wait({"upstream", {}, ""}), encode_drain("", ""), encode_session_error({}, ""), encode_pong()})
    CAF_CHECK_EQUAL(line.rfind("{\"type\":\"", 0), 0u);
}

CAF_TEST(the end of an epoch and of all say what was given) {
  const session_tally given{10, 600, 3, 4, 5};
  CAF_CHECK_EQUAL(parse(encode_epoch(7, given, "c")).dump(), json::parse(R"({"type":"epoch","epoch":7,"batches":10,
    "samples":600,"padded":3,"dropped":4,"skipped":5,"cursor":"c"})")
                                                               .dump());
  CAF_CHECK_EQUAL(parse(encode_eof(given, "c")).dump(),
                  json::parse(R"({"type":"eof","batches":10,"samples":600,"padded":3,
    "dropped":4,"skipped":5,"cursor":"c"})")
                    .dump());
}

CAF_TEST(a wait says for whom and since when and why) {
  CAF_CHECK_EQUAL(parse(encode_wait({"upstream", std::chrono::milliseconds{1500}, "no route"})).dump(),
                  json::parse(R"({"type":"wait","for":"upstream","seconds":1.5,"why":"no route"})").dump());
}

CAF_TEST(a drain and an error say where to go on) {
  CAF_CHECK_EQUAL(parse(encode_drain("it stops", "c")).dump(),
                  json::parse(R"({"type":"drain","message":"it stops","cursor":"c"})").dump());
  CAF_CHECK_EQUAL(parse(encode_session_error({status_code::not_found, "there is none"}, "c")).dump(),
                  json::parse(R"({"type":"error","code":"NOT_FOUND","message":"there is none","cursor":"c"})").dump());
}

CAF_TEST(without a place there is no cursor) {
  CAF_CHECK(parse(encode_drain("it stops", {})).at("cursor").is_null());
  CAF_CHECK(parse(encode_session_error({status_code::internal, "x"}, {})).at("cursor").is_null());
}

CAF_TEST(a pong is a line) {
  CAF_CHECK_EQUAL(parse(encode_pong()).dump(), json::parse(R"({"type":"pong"})").dump());
}

CAF_TEST(a text from elsewhere stays one line of UTF - 8) {
  const std::string text = "a \"quoted\"\nline\r\t\xff of \xc3\xa4";
  const auto line = encode_session_error({status_code::internal, text}, {});
  CAF_CHECK_EQUAL(parse(line).at("message").get<std::string>(), "a \"quoted\"\nline\r\t\xef\xbf\xbd of \xc3\xa4");
  CAF_CHECK_EQUAL(parse(encode_wait({"upstream", {}, text})).at("why").dump(), parse(line).at("message").dump());
  CAF_CHECK_EQUAL(parse(encode_drain(text, {})).at("message").dump(), parse(line).at("message").dump());
}

CAF_TEST(clients that have no session get the same errors) {
  pieces out;
  session_protocol{}.encode_error(12, {status_code::resource_exhausted, "too many"}, out);
  CAF_REQUIRE_EQUAL(out.size(), 1u);
  CAF_CHECK(out[0].ends_message);
  CAF_CHECK_EQUAL(std::string{out[0].bytes.view()},
                  encode_session_error({status_code::resource_exhausted, "too many"}, {}));
}
