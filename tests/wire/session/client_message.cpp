#define CAF_SUITE client_message

#include "wire/session/client_message.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/contains.hpp"

using namespace dispatch;
using test::contains;

namespace {

failure failure_of(std::string_view line) {
  const auto result = parse_client_message(line);
  if (const auto* reason = std::get_if<failure>(&result))
    return *reason;
  CAF_FAIL("this is taken: " << line);
}

/// A hello with these members, which must be taken.
hello read(const std::string& members) {
  const auto result = parse_client_message(R"({"type":"hello",)" + members + "}");
  if (const auto* reason = std::get_if<failure>(&result))
    CAF_FAIL(members << " is not taken: " << reason->message);
  return std::get<hello>(std::get<client_message>(result));
}

/// Why a hello with these members is not taken.
std::string problem(const std::string& members) {
  const auto reason = failure_of(R"({"type":"hello",)" + members + "}");
  CAF_CHECK(reason.code == status_code::invalid_argument);
  return reason.message;
}

/// That none of these values is taken for a member, and that each is named with what it takes.
/// @param begin, end of the JSON around the value
void check_refused(const std::string& member, const std::vector<std::string>& values, const std::string& takes,
                   const std::string& begin, const std::string& end = {}) {
  for (const auto& each : values)
    CAF_CHECK_EQUAL(problem(begin + each + end), member + ": got " + each + "; it takes " + takes);
}

void check_refused(const std::string& member, const std::vector<std::string>& values, const std::string& takes) {
  check_refused(member, values, takes, "\"" + member + "\":");
}

} // namespace

CAF_TEST(a hello alone takes all defaults) {
  const auto said = std::get<hello>(std::get<client_message>(parse_client_message(R"({"type":"hello"})")));
  CAF_CHECK_EQUAL(said.client, "");
  CAF_CHECK(!said.dataset);
  CAF_CHECK(!said.batch_size);
  CAF_CHECK(!said.shuffle);
  CAF_CHECK_EQUAL(said.shard.index, 0);
  CAF_CHECK_EQUAL(said.shard.count, 1);
  CAF_CHECK(!said.epochs);
  CAF_CHECK(said.ends == epoch_end::uneven);
  CAF_CHECK(std::holds_alternative<std::monostate>(said.start));
  CAF_CHECK(said.skips.empty());
  CAF_CHECK(said.columns.empty());
  CAF_CHECK(said.payload == payload_form::base64);
  CAF_CHECK(!said.has_checksum);
  CAF_CHECK(!said.window);
}

CAF_TEST(a member that is null is not there) {
  const auto said = read(R"("version":null,"dataset":null,"batch_size":null,"shuffle":null,"shard":null,"epochs":null,
    "ends":null,"start":null,"skip":null,"columns":null,"payload":null,"checksum":null,"window":null,"client":null,
    "group":null,"ack":null,"name":null,"resume":null)");
  CAF_CHECK(!said.dataset);
  CAF_CHECK(!said.shuffle);
  CAF_CHECK(said.columns.empty());
}

CAF_TEST(the other messages have a type alone) {
  CAF_CHECK(std::holds_alternative<ping>(std::get<client_message>(parse_client_message(R"({"type":"ping"})"))));
  CAF_CHECK(std::holds_alternative<bye>(std::get<client_message>(parse_client_message(R"({"type":"bye","why":1})"))));
}

CAF_TEST(members that nobody knows are ignored) {
  CAF_CHECK_EQUAL(read(R"("token":"secret","later":{"any":[1,2]},"batch_size":7,"shard":{"index":0,"count":2})")
                    .batch_size.value_or(0),
                  7);
}

// -- lines that are no message ----------------------------------------------------------------------------------------

CAF_TEST(a line that is no object is refused with what was got) {
  CAF_CHECK_EQUAL(failure_of("hello").message, R"(got "hello"; a line is a JSON object, such as {"type":"hello"})");
  CAF_CHECK_EQUAL(failure_of("").message, R"(got ""; a line is a JSON object, such as {"type":"hello"})");
  CAF_CHECK_EQUAL(failure_of("[1]").message, "got [1]; a line is a JSON object");
  CAF_CHECK_EQUAL(failure_of("null").message, "got null; a line is a JSON object");
  CAF_CHECK(contains(failure_of(R"({"type":"hello"}x)").message, "a line is a JSON object"));
  CAF_CHECK(contains(failure_of("{\"type\":\"hello\",\"client\":\"\xff\"}").message, "a line is a JSON object"));
}

CAF_TEST(what was got is cut where it is long) {
  const auto message = failure_of(std::string(10'000, 'x')).message;
  CAF_CHECK(message.size() < 150);
  CAF_CHECK(contains(message, "xxx..."));
}

CAF_TEST(a type that nobody knows is refused with those that there are) {
  CAF_CHECK_EQUAL(failure_of(R"({"type":"helo"})").message,
                  R"(type: got "helo"; it takes "hello", "ack", "ping" or "bye")");
  CAF_CHECK_EQUAL(failure_of("{}").message, R"(type: got nothing; it takes "hello", "ack", "ping" or "bye")");
  CAF_CHECK_EQUAL(failure_of(R"({"type":7})").message, "type: got 7; it takes a string");
}

CAF_TEST(what is nested too deeply is refused) {
  const auto nested = [](std::size_t depth) {
    return R"({"type":"ping","x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CAF_CHECK(std::holds_alternative<client_message>(parse_client_message(nested(31))));
  CAF_CHECK(contains(failure_of(nested(60)).message, "at most 32 objects and arrays within each other"));
  CAF_CHECK(contains(failure_of(nested(30'000)).message, "at most 32"));
}

// -- members ----------------------------------------------------------------------------------------------------------

CAF_TEST(a group) {
  const auto said = read(R"("group":"run-42","ack":"explicit","barrier":true,"ack_wait":90,"max_deliver":5)");
  CAF_REQUIRE(said.group);
  CAF_CHECK_EQUAL(said.group->name, "run-42");
  CAF_CHECK(said.group->has_barrier);
  CAF_CHECK_EQUAL(said.group->ack_wait.count(), 90);
  CAF_CHECK_EQUAL(said.group->max_deliver, 5u);
  CAF_CHECK(said.acks == ack_mode::each);
  const auto plain = read(R"("group":"g")");
  CAF_CHECK(!plain.group->has_barrier);
  CAF_CHECK_EQUAL(plain.group->ack_wait.count(), 30);
  CAF_CHECK_EQUAL(plain.group->max_deliver, 0u);
  CAF_CHECK(plain.acks == ack_mode::next);
  CAF_CHECK_EQUAL(problem(R"("group":"")"), R"(group: got ""; it takes a name)");
  CAF_CHECK_EQUAL(problem(R"("group":7)"), "group: got 7; it takes a string");
  CAF_CHECK_EQUAL(problem(R"("group":"a\u0000b")"),
                  R"(group: got "a\u0000b"; it takes a name without control characters)");
  check_refused("ack_wait", {"0", "-1", "1.5", "604801"}, "a whole number from 1 to 604800",
                R"("group":"g","ack_wait":)");
  check_refused("barrier", {"1", R"("yes")"}, "true or false", R"("group":"g","barrier":)");
  check_refused("ack", {R"("all")"}, R"("next", "explicit")", R"("group":"g","ack":)");
}

CAF_TEST(a position that is kept) {
  const auto said = read(R"("name":"run-42/rank0","resume":true)");
  CAF_REQUIRE(said.position);
  CAF_CHECK_EQUAL(said.position->name, "run-42/rank0");
  CAF_CHECK(said.position->is_resumed);
  CAF_CHECK(!read(R"("name":"n")").position->is_resumed);
}

CAF_TEST(members of groups and positions are refused where they say nothing) {
  for (const auto* each : {"barrier", "ack_wait", "max_deliver"})
    CAF_CHECK(contains(problem("\"" + std::string{each} + "\":1"), R"(is for a session with "group")"));
  CAF_CHECK(contains(problem(R"("resume":true)"), R"(is for a session with "name")"));
  CAF_CHECK(contains(problem(R"("ack":"next")"), R"(ack: is for a session with "group" or "name")"));
  CAF_CHECK(contains(problem(R"("group":"g","shard":{"index":0,"count":2})"), "shard: a group divides"));
  CAF_CHECK(contains(problem(R"("group":"g","name":"n")"), "name: a group divides"));
}

CAF_TEST(an acknowledgement names batches) {
  const auto ack_of = [](std::string_view line) {
    return std::get<ack>(std::get<client_message>(parse_client_message(line)));
  };
  CAF_CHECK((ack_of(R"({"type":"ack","seq":[3,1]})").sequences == std::vector<std::uint64_t>{3, 1}));
  CAF_CHECK(contains(failure_of(R"({"type":"ack"})").message, "ack: names no batch"));
  CAF_CHECK(contains(failure_of(R"({"type":"ack","seq":[]})").message, "ack: names no batch"));
  CAF_CHECK_EQUAL(failure_of(R"({"type":"ack","seq":[-1]})").message, "seq: got -1; it takes numbers of batches");
  CAF_CHECK_EQUAL(failure_of(R"({"type":"ack","seq":3})").message, "seq: got 3; it takes an array");
  CAF_CHECK(contains(failure_of(R"({"type":"ack","cursor":"x"})").message, "cursor: "));
}

CAF_TEST(version) {
  read(R"("version":1)");
  check_refused("version", {"0", "2", "1.0", "\"1\"", "-1"}, "1");
}

CAF_TEST(names) {
  CAF_CHECK_EQUAL(read(R"("client":"a trainer")").client, "a trainer");
  CAF_CHECK_EQUAL(read(R"("dataset":"\u00e4")").dataset.value_or(""), "\xc3\xa4");
  check_refused("client", {"7", "[]"}, "a string");
  check_refused("dataset", {"7", "false"}, "a string");
  for (const std::string member : {"client", "dataset"}) {
    read("\"" + member + "\":\"" + std::string(200, 'x') + "\"");
    CAF_CHECK_EQUAL(problem("\"" + member + "\":\"" + std::string(201, 'x') + "\""),
                    member + ": has 201 bytes; it takes at most 200");
  }
}

CAF_TEST(batch_size) {
  CAF_CHECK_EQUAL(read(R"("batch_size":1)").batch_size.value_or(0), 1);
  CAF_CHECK_EQUAL(read(R"("batch_size":2147483647)").batch_size.value_or(0), 2147483647);
  check_refused("batch_size", {"0", "-1", "2147483648", "18446744073709551615", "1.5", "\"64\"", "true"},
                "a whole number from 1 to 2147483647");
}

CAF_TEST(shuffle) {
  const auto least = read(R"("shuffle":{"seed":0})").shuffle.value();
  CAF_CHECK_EQUAL(least.seed, 0u);
  CAF_CHECK(!least.window);
  CAF_CHECK(!least.block);
  const auto most =
    read(R"("shuffle":{"seed":18446744073709551615,"window":1099511627776,"block":2147483647})").shuffle;
  CAF_CHECK_EQUAL(most->seed, std::numeric_limits<std::uint64_t>::max());
  CAF_CHECK_EQUAL(most->window.value_or(0), 1099511627776);
  CAF_CHECK_EQUAL(most->block.value_or(0), 2147483647);
  check_refused("shuffle", {"true", "7", "[7]"}, "an object");
  CAF_CHECK_EQUAL(problem(R"("shuffle":{})"), "shuffle.seed: is missing");
  check_refused("shuffle.seed", {"-1", "1.0", "\"7\""}, "a whole number from 0 to 18446744073709551615",
                "\"shuffle\":{\"seed\":", "}");
  check_refused("shuffle.window", {"0", "1099511627777", "\"all\""}, "a whole number from 1 to 1099511627776",
                "\"shuffle\":{\"seed\":1,\"window\":", "}");
  check_refused("shuffle.block", {"0", "2147483648", "-30"}, "a whole number from 1 to 2147483647",
                "\"shuffle\":{\"seed\":1,\"block\":", "}");
}

CAF_TEST(shard) {
  const auto last = read(R"("shard":{"index":999999,"count":1000000})").shard;
  CAF_CHECK_EQUAL(last.index, 999'999);
  CAF_CHECK_EQUAL(last.count, 1'000'000);
  check_refused("shard", {"1", "\"1/4\""}, "an object");
  CAF_CHECK_EQUAL(problem(R"("shard":{"index":0})"), "shard.count: is missing");
  CAF_CHECK_EQUAL(problem(R"("shard":{"count":4})"), "shard.index: is missing");
  check_refused("shard.count", {"0", "1000001"}, "a whole number from 1 to 1000000",
                "\"shard\":{\"index\":0,\"count\":", "}");
  check_refused("shard.index", {"4", "-1"}, "a whole number from 0 to 3", "\"shard\":{\"count\":4,\"index\":", "}");
}

CAF_TEST(epochs) {
  CAF_CHECK_EQUAL(read(R"("epochs":0)").epochs.value_or(7), 0u);
  CAF_CHECK_EQUAL(read(R"("epochs":9007199254740992)").epochs.value_or(0), std::uint64_t{1} << 53);
  check_refused("epochs", {"-1", "9007199254740993", "\"all\"", "0.5"}, "a whole number from 0 to 9007199254740992");
}

CAF_TEST(words) {
  CAF_CHECK(read(R"("ends":"uneven")").ends == epoch_end::uneven);
  CAF_CHECK(read(R"("ends":"drop")").ends == epoch_end::drop);
  CAF_CHECK(read(R"("ends":"pad")").ends == epoch_end::pad);
  check_refused("ends", {"\"Drop\"", "\"\""}, R"("uneven", "drop", "pad")");
  check_refused("ends", {"1"}, "a string");
  CAF_CHECK(read(R"("payload":"raw")").payload == payload_form::raw);
  CAF_CHECK(read(R"("payload":"base64")").payload == payload_form::base64);
  check_refused("payload", {"\"hex\""}, R"("base64", "raw")");
  CAF_CHECK(read(R"("checksum":"crc32")").has_checksum);
  CAF_CHECK(!read(R"("checksum":"none")").has_checksum);
  check_refused("checksum", {"\"crc32c\""}, R"("none", "crc32")");
  check_refused("checksum", {"true"}, "a string");
}

CAF_TEST(start at a place) {
  const auto place = std::get<epoch_position>(read(R"("start":{"epoch":3,"sample":640})").start);
  CAF_CHECK_EQUAL(place.epoch, 3u);
  CAF_CHECK_EQUAL(place.position, 640);
  const auto first = std::get<epoch_position>(read(R"("start":{})").start);
  CAF_CHECK_EQUAL(first.epoch, 0u);
  CAF_CHECK_EQUAL(first.position, 0);
  check_refused("start", {"640", "\"x\""}, "an object");
  check_refused("start.epoch", {"-1", "9007199254740993"}, "a whole number from 0 to 9007199254740992",
                "\"start\":{\"epoch\":", "}");
  check_refused("start.sample", {"-1", "4503599627370497", "\"640\""}, "a whole number from 0 to 4503599627370496",
                "\"start\":{\"sample\":", "}");
}

CAF_TEST(a misspelt member of what is nested is refused) {
  CAF_CHECK(contains(problem(R"("start":{"curser":"x"})"), "start.curser: is not known here"));
  CAF_CHECK(contains(problem(R"("shuffle":{"seed":1,"windw":3})"), "shuffle.windw: is not known here"));
  CAF_CHECK(contains(problem(R"("shard":{"index":0,"count":1,"of":2})"), "shard.of: is not known here"));
}

CAF_TEST(start at a cursor) {
  const session_cursor cursor{"mnist", fingerprint{7}, {60'000, 30, shuffle_spec{7, 16}}, 3, 640, {}};
  const auto said = read(R"("start":{"cursor":")" + to_text(cursor) + R"("})");
  CAF_CHECK(std::get<session_cursor>(said.start) == cursor);
  check_refused("start.cursor", {"7", "{}"}, "a string", "\"start\":{\"cursor\":", "}");
  CAF_CHECK(contains(problem(R"("start":{"cursor":")" + to_text(cursor) + R"(","epoch":9})"),
                     "start.epoch: is not known here; it takes either cursor, or epoch and sample"));
  CAF_CHECK(contains(problem(R"("start":{"cursor":"abc"})"), "start.cursor: this is no cursor: 'abc'"));
  auto damaged = to_text(cursor);
  damaged.replace(damaged.find("640"), 3, "650");
  CAF_CHECK(contains(problem(R"("start":{"cursor":")" + damaged + R"("})"), "start.cursor: its check digits are '"));
}

CAF_TEST(skip) {
  CAF_CHECK(read(R"("skip":[[3,0,64],[0,4503599627370495,4503599627370496]])").skips
            == (std::vector<skipped_range>{{3, {0, 64}}, {0, {4503599627370495, 4503599627370496}}}));
  CAF_CHECK(read(R"("skip":[])").skips.empty());
  check_refused("skip", {"{}", "3", "\"3:0-64\""}, "an array");
  check_refused("skip",
                {"3", "[3,0]", "[3,0,64,1]", "[3,64,64]", "[3,65,64]", "[-1,0,64]", "[3,-1,64]", "[3,0.0,64]",
                 "[3,0,\"64\"]", "[3,0,4503599627370497]", "[4503599627370497,0,1]"},
                "[epoch, from, to], whole numbers up to 2^52 with from < to", "\"skip\":[", "]");
}

CAF_TEST(columns) {
  CAF_CHECK_EQUAL(read(R"("columns":["label","image"])").columns, (std::vector<std::string>{"label", "image"}));
  check_refused("columns", {"\"label\"", "{}"}, "an array");
  check_refused("columns", {"1", "[]", "null"}, "names", "\"columns\":[\"label\",", "]");
  CAF_CHECK_EQUAL(problem(R"("columns":[])"), "columns: got []; it takes one name or more");
  CAF_CHECK_EQUAL(problem(R"("columns":["a","b","a"])"), R"(columns: got "a" twice; it takes each name once)");
}

CAF_TEST(window) {
  CAF_CHECK_EQUAL(read(R"("window":1)").window.value_or(0), 1u);
  CAF_CHECK_EQUAL(read(R"("window":100000)").window.value_or(0), 100'000u);
  check_refused("window", {"0", "100001", "-5", "\"auto\""}, "a whole number from 1 to 100000");
}
