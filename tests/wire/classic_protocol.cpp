#define CAF_SUITE classic_protocol

#include "wire/classic_protocol.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

#include "tests/support/batches.hpp"
#include "wire/classic_codec.hpp"

using dispatch::classic_protocol;
using dispatch::failure;
using dispatch::pieces;
using dispatch::status_code;
using dispatch::test::classic_text;
using dispatch::test::make_batch;

namespace {

std::string text_of(const pieces& of) {
  std::string result;
  for (const auto& each : of)
    result.append(each.bytes.view()).append(each.ends_message ? "|" : "");
  return result;
}

} // namespace

CAF_TEST(a batch is a text that is shared and a tail of the consumer) {
  const classic_protocol subject{"c"};
  const auto next = make_batch(4, false, "abc");
  pieces out;
  subject.encode(*next, false, out);
  CAF_CHECK_EQUAL(text_of(out), classic_text(4, "abc") + dispatch::encode_classic_tail("c", false) + "|");
  CAF_CHECK(out.front().bytes.view().data() == next->classic_text().view().data());
}

CAF_TEST(the last batch of a pass has another tail) {
  const classic_protocol subject{"c"};
  pieces out;
  subject.encode(*make_batch(0, false, "a"), false, out);
  subject.encode(*make_batch(1, false, "b"), true, out);
  CAF_CHECK_EQUAL(text_of(out), classic_text(0, "a") + dispatch::encode_classic_tail("c", false) + "|"
                                  + classic_text(1, "b") + dispatch::encode_classic_tail("c", true) + "|");
}

CAF_TEST(what the dataset service calls the last batch does not end a pass by itself) {
  const classic_protocol subject{"c"};
  pieces marked;
  pieces unmarked;
  subject.encode(*make_batch(5, true, "abc"), false, marked);
  subject.encode(*make_batch(5, false, "abc"), false, unmarked);
  CAF_CHECK_EQUAL(text_of(marked), text_of(unmarked));
}

CAF_TEST(an error is a message of its own) {
  const classic_protocol subject{"c"};
  const failure reason{status_code::not_found, "for the test"};
  pieces out;
  subject.encode_error(3, reason, out);
  CAF_CHECK_EQUAL(text_of(out), dispatch::encode_classic_error(3, "c", reason) + "|");
}
