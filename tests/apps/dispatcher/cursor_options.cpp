#define CAF_SUITE cursor_options

#include "apps/dispatcher/cursor_options.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/contains.hpp"

using namespace dispatch;

namespace {

using strings = std::vector<std::string>;
using form = cursor_options::form;

session_cursor example() {
  return {"mnist", fingerprint{0x5d2f7f1f0a9c11e3}, {60000, 30, shuffle_spec{7, 100}}, 3, 640, {{3, {0, 64}}}};
}

cursor_options options_of(const strings& arguments) {
  const auto read = read_cursor_options(arguments);
  if (const auto* leave = std::get_if<early_exit>(&read))
    CAF_FAIL(leave->text);
  return std::get<cursor_options>(read);
}

std::string error_of(const strings& arguments) {
  const auto read = read_cursor_options(arguments);
  const auto* leave = std::get_if<early_exit>(&read);
  return leave != nullptr && leave->exit_code == 2 ? leave->text : "(no error)";
}

/// "make" of a small dataset.
strings make(strings more = {}) {
  more.insert(more.begin(), {"make", "--dataset", "d", "--samples", "11", "--block", "4"});
  return more;
}

strings change(strings more) {
  more.insert(more.begin(), {"make", "--from", to_text(example())});
  return more;
}

} // namespace

CAF_TEST(show reads a cursor) {
  CAF_CHECK(options_of({"show", to_text(example())}).cursor == example());
  CAF_CHECK(options_of({"show", to_text(example())}).as == form::members);
  CAF_CHECK(options_of({"show", "--json", to_text(example())}).as == form::json);
}

CAF_TEST(make puts a cursor together) {
  const auto got = options_of({"make",
                               "--dataset",
                               "mnist",
                               "--fingerprint",
                               "5d2f7f1f0a9c11e3",
                               "--samples",
                               "60000",
                               "--block",
                               "30",
                               "--seed",
                               "7",
                               "--window",
                               "100",
                               "--epoch",
                               "3",
                               "--sample",
                               "640",
                               "--skip",
                               "3:32-64,3:0-32",
                               "--skip",
                               "2:0-1"});
  CAF_CHECK(got.as == form::cursor);
  CAF_CHECK(got.cursor == example());
  CAF_CHECK(options_of(make()).cursor == (session_cursor{"d", {}, {11, 4, {}}, 0, 0, {}}));
}

CAF_TEST(make changes a cursor) {
  auto expected = example();
  CAF_CHECK(options_of(change({})).cursor == expected);
  expected.position = 0;
  expected.epoch = 4;
  expected.skips = {{4, {1, 2}}};
  CAF_CHECK(options_of(change({"--epoch", "4", "--sample", "0", "--skip", "4:1-2"})).cursor == expected);
  expected = example();
  expected.order.shuffle->window = 5;
  expected.dataset = "";
  CAF_CHECK(options_of(change({"--window", "5", "--dataset", ""})).cursor == expected);
}

CAF_TEST(where samples are not counted the place is a batch) {
  session_cursor cursor{"logs", {}, {0, 128, {}}, 0, 12, {}};
  const auto text = to_text(cursor);
  cursor.position = 13;
  CAF_CHECK(options_of({"make", "--from", text, "--batch", "13"}).cursor == cursor);
  CAF_CHECK_EQUAL(error_of({"make", "--from", text, "--sample", "13"}),
                  "--sample: got '13'; the samples are not counted, and the place is a --batch");
  CAF_CHECK_EQUAL(error_of({"make", "--from", text, "--samples", "1000"}),
                  "--sample: got nothing; it takes the position, now that the samples are counted");
  CAF_CHECK_EQUAL(error_of({"make", "--from", text, "--seed", "1", "--window", "1"}),
                  "--seed: got a shuffle of samples that are not counted; it takes --samples beside it");
  CAF_CHECK_EQUAL(error_of(make({"--batch", "3"})),
                  "--batch: got '3'; the place in a dataset of 11 samples is a --sample");
}

CAF_TEST(what is wrong is one line that names the option and what it got and what it takes) {
  const std::vector<std::pair<strings, std::string>> wrong{
    {{}, "cursor: got nothing; it takes show or make"},
    {{"hide"}, "cursor: got 'hide'; it takes show or make"},
    {{"show"}, "CURSOR: got nothing; it takes the cursor to show"},
    {{"show", "hello"}, "CURSOR: this is no cursor: 'hello' does not have the form 'cursor=...,check=...'"},
    {{"show", "cursor=2,check=0"}, "CURSOR: its 'cursor' version is '2', and this program knows 1"},
    {{"make"}, "--dataset: got nothing; it takes the dataset's name, or --from a cursor"},
    {{"make", "--from", "hello"}, "--from: this is no cursor: 'hello' does not have the form 'cursor=...,check=...'"},
    {{"make", "--dataset", "d"}, "--samples: got nothing; it takes the number of samples of the dataset"},
    {{"make", "--dataset", "d", "--samples", "3"}, "--block: got nothing; it takes the number of samples in a block"},
    {make({"--seed", "7"}), "--window: got nothing; it takes the number of blocks that --seed mixes with each other"},
    {make({"--sample", "12"}), "--sample: got '12'; it takes at most 11, which is --samples"},
    {make({"--skip", "0:0-12"}), "--skip: got '0:0-12'; it takes EPOCH:FROM-TO, positions from 0 to 11"},
    {make({"--fingerprint", "5d"}), "--fingerprint: got '5d'; it takes 16 hexadecimal digits, not all 0"},
    {make({"--fingerprint", "0000000000000000"}),
     "--fingerprint: got '0000000000000000'; it takes 16 hexadecimal digits, not all 0"},
    {change({"--samples", "63", "--sample", "0"}),
     "--samples: got '63'; the cursor skips positions up to 64 of epoch 3"},
    {change({"--samples", "100"}), "--sample: got '640'; it takes at most 100, which is --samples"},
    {make({"--window", "x"}), "--window: got 'x'; it takes a whole number from 1 to 9223372036854775807"},
    {make({"--batch-size", "3"}), "'--batch-size' is not an option; `dispatcher cursor make --help` lists them"},
  };
  for (const auto& [arguments, expected] : wrong)
    CAF_CHECK_EQUAL(error_of(arguments), expected);
}

CAF_TEST(no cursor is made that nobody reads) {
  auto flags = make({"--samples", "5000"});
  flags.erase(flags.begin() + 3, flags.begin() + 5);
  std::string skips;
  for (auto i = 0; i <= static_cast<int>(most_skips); ++i)
    skips += (i > 0 ? "," : "") + std::string{"0:"} + std::to_string(2 * i) + "-" + std::to_string(2 * i + 1);
  flags.insert(flags.end(), {"--skip", skips});
  CAF_CHECK_EQUAL(error_of(flags), "--skip: got 1001 ranges that do not touch; it takes at most 1000");
}

CAF_TEST(help has examples) {
  for (const strings& arguments : {strings{"--help"}, strings{"show", "--help"}, strings{"make", "--help"}}) {
    const auto read = read_cursor_options(arguments);
    const auto& leave = std::get<early_exit>(read);
    CAF_CHECK_EQUAL(leave.exit_code, 0);
    CAF_CHECK(test::contains(leave.text, "dispatcher cursor make --from"));
  }
}
