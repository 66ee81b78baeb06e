#define CAF_SUITE session_check

#include "bench/stream/session_check.hpp"

#include <caf/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "bench/stream/group_account.hpp"
#include "bench/stream/member_check.hpp"
#include "wire/session/batch_encoder.hpp"
#include "wire/session/server_lines.hpp"

using namespace dispatch;
using bench::group_account;
using bench::member_check;
using bench::session_check;
using bench::session_note;
using bench::session_word;

namespace {

const std::string welcome_line = encode_welcome({});

/// A batch as the dispatcher encodes it.
std::string batch(std::uint64_t sequence, std::uint64_t epoch, bool is_redelivered = false) {
  batch_encoder encoder{{{"image", "", "uint8", {100}, 100}}, {payload_form::raw, false}};
  const auto rows =
    std::make_shared<const received_batch>(received_batch{0, false, {{{}, received_bytes{std::string(300, '\n')}}}});
  pieces parts;
  encoder.encode({sequence, epoch, 0, 3, "cursor=1", is_redelivered}, rows, parts);
  std::string result;
  for (const auto& part : parts)
    result += part.bytes.view();
  return result;
}

std::string epoch_end(std::uint64_t epoch, std::uint64_t batches) {
  return encode_epoch(epoch, {batches, 3 * batches}, "cursor=1");
}

std::string eof(std::uint64_t batches) {
  return encode_eof({batches, 3 * batches}, "cursor=1");
}

/// What a stream is found to be once its connection has ended.
std::string verdict(session_check&& check, std::string_view stream) {
  check.take(stream);
  check.close();
  return check.fault() ? std::string{to_string(*check.fault())} : check.complete() ? "complete" : "nothing";
}

std::string verdict(std::string_view stream, std::optional<std::int64_t> expected = std::nullopt) {
  return verdict(session_check{expected}, stream);
}

/// The same of a member of a group.
std::string member_verdict(const std::string& stream) {
  group_account account;
  return verdict(member_check{account}, welcome_line + stream);
}

const std::string two_epochs =
  welcome_line + batch(0, 0) + batch(1, 0) + epoch_end(0, 2) + batch(2, 1) + batch(3, 1) + epoch_end(1, 2) + eof(4);

} // namespace

CAF_TEST(a session of two epochs) {
  CAF_CHECK_EQUAL(verdict(two_epochs), "complete");
  CAF_CHECK_EQUAL(verdict(two_epochs, 2), "complete");
  session_check check;
  CAF_CHECK_EQUAL(check.take(two_epochs), 4u);
}

CAF_TEST(the pieces make no difference) {
  session_check check{2};
  std::size_t frames = 0;
  for (const auto byte : two_epochs)
    frames += check.take({&byte, 1});
  CAF_CHECK_EQUAL(frames, 4u);
  CAF_CHECK(check.complete());
}

CAF_TEST(a session may begin in any epoch and at its end) {
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(0, 5) + epoch_end(5, 1) + eof(1)), "complete");
  CAF_CHECK_EQUAL(verdict(welcome_line + epoch_end(5, 0) + batch(0, 6) + epoch_end(6, 1) + eof(1)), "complete");
}

CAF_TEST(a session may have to wait) {
  const auto wait = encode_wait({"upstream", std::chrono::seconds{1}, "it is down"});
  CAF_CHECK_EQUAL(verdict(wait + welcome_line + wait + batch(0, 0) + wait + epoch_end(0, 1) + eof(1)), "complete");
}

CAF_TEST(batches that are not due) {
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(1, 0)), "gap");
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(0, 0) + batch(0, 0)), "duplicate");
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(0, 0) + batch(1, 0) + batch(0, 0)), "wrong_order");
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(0, 0) + batch(1, 1)), "wrong_order");
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(0, 0) + epoch_end(1, 1)), "wrong_order");
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(0, 0) + epoch_end(0, 1) + batch(1, 0)), "wrong_order");
}

CAF_TEST(ends that are not right) {
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(0, 0) + epoch_end(0, 2)), "wrong_count");
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(0, 0) + epoch_end(0, 1) + eof(2)), "wrong_count");
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(0, 0) + eof(1)), "wrong_count");
  CAF_CHECK_EQUAL(verdict(two_epochs, 3), "wrong_count");
  CAF_CHECK_EQUAL(verdict(two_epochs + "{}\n"), "after_eof");
  CAF_CHECK_EQUAL(verdict(welcome_line + batch(0, 0) + epoch_end(0, 1)), "without_eof");
  CAF_CHECK_EQUAL(verdict(welcome_line + encode_drain("it stops", "cursor=1")), "without_eof");
}

CAF_TEST(an error) {
  session_check check;
  check.take(encode_session_error({status_code::not_found, "there is no \"x\""}, ""));
  CAF_REQUIRE(check.error());
  CAF_CHECK_EQUAL(check.error()->code, "NOT_FOUND");
  CAF_CHECK_EQUAL(check.error()->message, "there is no \\\"x\\\"");
  CAF_CHECK_EQUAL(verdict(two_epochs.substr(0, two_epochs.size() - eof(4).size())
                          + encode_session_error({status_code::unavailable, "gone"}, "cursor=1")),
                  "server_error");
}

CAF_TEST(what is no session) {
  CAF_CHECK_EQUAL(verdict(batch(0, 0)), "malformed");
  CAF_CHECK_EQUAL(verdict(welcome_line + welcome_line), "malformed");
  CAF_CHECK_EQUAL(verdict("\n"), "malformed");
  CAF_CHECK_EQUAL(verdict("{\"type\":\"other\"}\n"), "malformed");
  CAF_CHECK_EQUAL(verdict(welcome_line + "{\"type\":\"batch\",\"seq\":0,\"epoch\":0}\n"), "malformed");
  CAF_CHECK_EQUAL(verdict(welcome_line + "{\"type\":\"batch\",\"seq\":x,\"epoch\":0,\"payload_bytes\":0}\n\n"),
                  "malformed");
}

CAF_TEST(a name of a column is no member) {
  const std::string line =
    R"({"type":"batch","seq":3,"epoch":1,"columns":[{"name":"\"payload_bytes\":7,\"seq\":9,"}],"payload_bytes":5})";
  const auto note = bench::read_session_note(line);
  CAF_REQUIRE(note);
  CAF_CHECK_EQUAL(note->number, 3);
  CAF_CHECK_EQUAL(bench::payload_bytes_of(line).value_or(0), 5u);
}

CAF_TEST(a member has some batches of each epoch) {
  CAF_CHECK_EQUAL(member_verdict(batch(0, 0) + epoch_end(0, 1) + batch(1, 1) + epoch_end(1, 1) + eof(2)), "complete");
  CAF_CHECK_EQUAL(member_verdict(batch(0, 0) + batch(1, 1) + batch(2, 0) + batch(3, 2) + epoch_end(0, 2)
                                 + epoch_end(1, 1) + epoch_end(2, 1) + eof(4)),
                  "complete");
  CAF_CHECK_EQUAL(member_verdict(epoch_end(4, 0) + batch(0, 5) + epoch_end(5, 1) + epoch_end(6, 0) + eof(1)),
                  "complete");
}

CAF_TEST(what is wrong with a member) {
  CAF_CHECK_EQUAL(member_verdict(batch(0, 0) + batch(0, 1)), "duplicate");
  CAF_CHECK_EQUAL(member_verdict(batch(0, 0) + batch(2, 1)), "gap");
  CAF_CHECK_EQUAL(member_verdict(epoch_end(0, 0) + batch(0, 0)), "wrong_order");
  CAF_CHECK_EQUAL(member_verdict(epoch_end(0, 0) + epoch_end(2, 0)), "wrong_order");
  CAF_CHECK_EQUAL(member_verdict(batch(0, 0) + batch(1, 1) + epoch_end(0, 2)), "wrong_count");
  CAF_CHECK_EQUAL(member_verdict(batch(0, 0) + eof(1)), "wrong_count");
  CAF_CHECK_EQUAL(member_verdict(batch(0, 0) + epoch_end(0, 1) + eof(2)), "wrong_count");
}

CAF_TEST(members account for each batch of an epoch that is over) {
  group_account one, other;
  member_check first{one}, second{other};
  first.take(welcome_line + batch(0, 0) + batch(1, 0) + batch(2, 1));
  second.take(welcome_line + batch(0, 0) + epoch_end(0, 1));
  CAF_CHECK_EQUAL(other.wrong_epochs(3), 1u);
  one.merge(other);
  CAF_CHECK_EQUAL(one.epochs_over(), 1u);
  CAF_CHECK_EQUAL(one.wrong_epochs(3), 0u);
  CAF_CHECK_EQUAL(one.wrong_epochs(2), 1u);
  CAF_CHECK_EQUAL(one.wrong_epochs(4), 1u);
}

CAF_TEST(what is marked as redelivered may have come before) {
  group_account account;
  member_check check{account};
  check.take(welcome_line + batch(0, 0) + batch(1, 0) + batch(2, 0, true) + epoch_end(0, 3));
  CAF_CHECK(!check.fault());
  CAF_CHECK_EQUAL(account.redelivered(), 1u);
  CAF_CHECK_EQUAL(account.wrong_epochs(1), 1u);
  CAF_CHECK_EQUAL(account.wrong_epochs(2), 0u);
  CAF_CHECK_EQUAL(account.wrong_epochs(3), 0u);
  CAF_CHECK_EQUAL(account.wrong_epochs(4), 1u);
}
