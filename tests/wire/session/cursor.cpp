#define CAF_SUITE cursor

#include "wire/session/cursor.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <variant>

using namespace dispatch;

namespace {

session_cursor example() {
  return {"mnist", fingerprint{0x5d2f7f1f0a9c11e3}, {60000, 30, shuffle_spec{7, 2786}}, 3, 640, {}};
}

std::string problem_of(const std::string& text) {
  const auto result = parse_cursor(text);
  const auto* problem = std::get_if<std::string>(&result);
  return problem != nullptr ? *problem : std::string{};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Says something else, with check digits that fit.
std::string with(const std::string& old_part, const std::string& new_part) {
  auto text = to_text(example());
  text.replace(text.find(old_part), old_part.size(), new_part);
  // What is wrong with the digits names those that are due.
  const auto problem = problem_of(text);
  const auto due = problem.find("those of its text are '");
  if (due != std::string::npos)
    text.replace(text.size() - 8, 8, problem.substr(due + 23, 8));
  return text;
}

} // namespace

CAF_TEST(a cursor is one word that says all) {
  CAF_CHECK_EQUAL(to_text(example()),
                  "cursor=1,order=1,dataset=mnist,fingerprint=5d2f7f1f0a9c11e3,samples=60000,block=30,seed=7,"
                  "window=2786,epoch=3,sample=640,check=1d882df7");
}

CAF_TEST(what is written is read) {
  auto cursor = example();
  CAF_CHECK(std::get<session_cursor>(parse_cursor(to_text(cursor))) == cursor);
  cursor.skips = {{3, {0, 64}}, {5, {7, 9}}};
  CAF_CHECK(std::get<session_cursor>(parse_cursor(to_text(cursor))) == cursor);
  cursor.order.shuffle.reset();
  cursor.dataset = "a name, with=all \xc3\xa4%";
  CAF_CHECK(std::get<session_cursor>(parse_cursor(to_text(cursor))) == cursor);
  cursor.order = {0, 128, {}};
  cursor.fingerprint = {};
  cursor.skips.clear();
  CAF_CHECK(std::get<session_cursor>(parse_cursor(to_text(cursor))) == cursor);
}

CAF_TEST(a name is written so that the cursor stays one word) {
  auto cursor = example();
  cursor.dataset = "my data,v2";
  CAF_CHECK(has(to_text(cursor), "dataset=my%20data%2cv2,"));
}

CAF_TEST(one writer serves all positions of an epoch) {
  auto cursor = example();
  cursor.skips = {{3, {0, 64}}};
  const cursor_writer writer{cursor};
  for (const auto position : {0, 1, 59'999, 60'000}) {
    cursor.position = position;
    CAF_CHECK_EQUAL(writer.text(position), to_text(cursor));
  }
}

CAF_TEST(skips of epochs that are over are left out and those that touch are joined) {
  const auto skips = normalized({{4, {5, 9}}, {3, {10, 20}}, {3, {0, 10}}, {2, {0, 5}}, {4, {8, 12}}}, 3);
  CAF_CHECK(skips == (std::vector<skipped_range>{{3, {0, 20}}, {4, {5, 12}}}));
}

CAF_TEST(every damaged byte is found) {
  const auto text = to_text(example());
  for (std::size_t i = 0; i < text.size(); ++i)
    for (const auto flip : {1, 2, 16, 128}) {
      auto damaged = text;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      // Check digits in upper case are the same digits.
      if (!problem_of(damaged).empty())
        continue;
      CAF_CHECK_EQUAL(text.size() - i <= 8, true);
      CAF_CHECK(std::get<session_cursor>(parse_cursor(damaged)) == example());
    }
}

CAF_TEST(every cut is found) {
  const auto text = to_text(example());
  for (std::size_t length = 0; length < text.size(); ++length)
    CAF_CHECK(!problem_of(text.substr(0, length)).empty());
}

CAF_TEST(what is wrong is named with what was got and what is due) {
  CAF_CHECK_EQUAL(problem_of("hello"), "this is no cursor: 'hello' does not have the form 'cursor=...,check=...'");
  CAF_CHECK_EQUAL(problem_of(with("cursor=1", "cursor=2")), "its 'cursor' version is '2', and this program knows 1");
  CAF_CHECK_EQUAL(problem_of(with("order=1", "order=9")), "its 'order' version is '9', and this program knows 1");
  CAF_CHECK(has(problem_of(with("sample=640", "sample=60001")),
                "'sample' is '60001'; it takes a whole number from 0 to 60000"));
  CAF_CHECK(has(problem_of(with("block=30", "block=0")), "'block' is '0'"));
  CAF_CHECK(has(problem_of(with("seed=7", "seed=-7")), "'seed' is '-7'"));
  CAF_CHECK(has(problem_of(with("sample=640", "sample=-0")), "'sample' is '-0'"));
  CAF_CHECK(has(problem_of(with("window=2786,", "")), "where 'window=' is due"));
  CAF_CHECK(has(problem_of(with("fingerprint=5d2f7f1f0a9c11e3", "fingerprint=5d")), "16 hexadecimal digits"));
  CAF_CHECK(has(problem_of(with("sample=640", "sample=640,skip=3:9-4")), "'skip' has '3:9-4'"));
  CAF_CHECK(has(problem_of(with("sample=640", "sample=640,more=1")), "has 'more=1' at its end"));
  CAF_CHECK(has(problem_of(with("samples=60000,", "")), "what cannot be counted cannot be shuffled"));
  auto text = to_text(example());
  text.back() = text.back() == '0' ? '1' : '0';
  CAF_CHECK(has(problem_of(text), "its check digits are '1d882df0', and those of its text are '1d882df7'"));
}

CAF_TEST(no cursor has more skips than a line has room for) {
  auto cursor = example();
  for (std::int64_t i = 0; i <= static_cast<std::int64_t>(most_skips); ++i)
    cursor.skips.push_back({3, {2 * i, 2 * i + 1}});
  CAF_CHECK(has(problem_of(to_text(cursor)), "it takes at most 1000"));
}

CAF_TEST(where samples cannot be counted a cursor counts blocks) {
  const session_cursor cursor{"texts", {}, {0, 128, std::nullopt}, 2, 17, {}};
  CAF_CHECK_EQUAL(to_text(cursor).rfind("cursor=1,order=1,dataset=texts,block=128,epoch=2,batch=17,check=", 0), 0u);
  const auto read = std::get<session_cursor>(parse_cursor(to_text(cursor)));
  CAF_CHECK(read == cursor);
  CAF_CHECK(!read.counts_samples());
  auto far = cursor;
  far.position = INT32_MAX;
  CAF_CHECK(std::get<session_cursor>(parse_cursor(to_text(far))) == far);
  ++far.position;
  CAF_CHECK(has(problem_of(to_text(far)), "its 'batch' is '2147483648'; it takes a whole number from 0 to 2147483647"));
}

CAF_TEST(a cursor counts in its own unit) {
  CAF_CHECK(has(problem_of(with("sample=640", "batch=640")), "it has 'batch=640' where 'sample=' is due"));
}

CAF_TEST(positions may be as large as any dataset) {
  session_cursor cursor{"all", fingerprint{1}, {most_samples, 1, shuffle_spec{UINT64_MAX, INT64_MAX}}, UINT64_MAX, 0,
                        {}};
  for (const auto position : {std::int64_t{INT32_MAX}, std::int64_t{INT32_MAX} + 1, most_samples - 1, most_samples}) {
    cursor.position = position;
    cursor.skips = {{UINT64_MAX, {position - 1, position}}};
    CAF_CHECK(std::get<session_cursor>(parse_cursor(to_text(cursor))) == cursor);
  }
  cursor.skips.clear();
  cursor.order.samples = most_samples + 1;
  CAF_CHECK(has(problem_of(to_text(cursor)), "its 'samples' is '4503599627370497'; it takes a whole number from 1 to "
                                             "4503599627370496"));
}
