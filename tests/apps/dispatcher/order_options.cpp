#define CAF_SUITE order_options

#include "apps/dispatcher/order_options.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/contains.hpp"

using namespace dispatch;

namespace {

using strings = std::vector<std::string>;

/// "--samples 11 --block 4" and more.
strings small(strings more = {}) {
  more.insert(more.begin(), {"--samples", "11", "--block", "4"});
  return more;
}

order_options options_of(const strings& arguments) {
  const auto read = read_order_options(arguments);
  if (const auto* leave = std::get_if<early_exit>(&read))
    CAF_FAIL(leave->text);
  return std::get<order_options>(read);
}

std::string error_of(const strings& arguments) {
  const auto read = read_order_options(arguments);
  const auto* leave = std::get_if<early_exit>(&read);
  return leave != nullptr && leave->exit_code == 2 ? leave->text : "(no error)";
}

std::string example_cursor() {
  return to_text({"mnist", fingerprint{1}, {60000, 30, shuffle_spec{7, 100}}, 3, 640, {{3, {0, 64}}}});
}

} // namespace

CAF_TEST(samples and block are an order) {
  const auto got = options_of(small());
  CAF_CHECK(got.from.order == (order_spec{11, 4, {}}));
  CAF_CHECK(!got.has_cursor);
  CAF_CHECK_EQUAL(got.from.epoch, 0u);
  CAF_CHECK_EQUAL(got.from.position, 0);
  CAF_CHECK_EQUAL(got.shard.index, 0);
  CAF_CHECK_EQUAL(got.shard.count, 1);
  CAF_CHECK_EQUAL(got.batch_size, 4);
  CAF_CHECK(got.ends == epoch_end::uneven);
  CAF_CHECK_EQUAL(got.first_step, 0);
  CAF_CHECK_EQUAL(got.steps, 1);
  CAF_CHECK(!got.sample);
  CAF_CHECK(!got.json);
}

CAF_TEST(every option reaches its field) {
  const auto got = options_of(small({"--seed",       "18446744073709551615",
                                     "--window",     "2",
                                     "--epoch",      "3",
                                     "--shard",      "1/4",
                                     "--batch-size", "2",
                                     "--ends",       "pad",
                                     "--skip",       "3:0-2,3:4-5",
                                     "--skip",       "4:1-2",
                                     "--from-step",  "5",
                                     "--steps",      "6",
                                     "--json"}));
  CAF_CHECK(got.from.order.shuffle == (shuffle_spec{UINT64_MAX, 2}));
  CAF_CHECK_EQUAL(got.from.epoch, 3u);
  CAF_CHECK_EQUAL(got.shard.index, 1);
  CAF_CHECK_EQUAL(got.shard.count, 4);
  CAF_CHECK_EQUAL(got.batch_size, 2);
  CAF_CHECK(got.ends == epoch_end::pad);
  CAF_CHECK(got.from.skips == (std::vector<skipped_range>{{3, {0, 2}}, {3, {4, 5}}, {4, {1, 2}}}));
  CAF_CHECK_EQUAL(got.first_step, 5);
  CAF_CHECK_EQUAL(got.steps, 6);
  CAF_CHECK(got.json);
  CAF_CHECK_EQUAL(options_of(small({"--step", "7"})).first_step, 7);
  CAF_CHECK(options_of(small({"--ends", "drop", "--sample", "10"})).sample == 10);
}

CAF_TEST(a cursor stands for the order and the place) {
  const auto got = options_of({"--cursor", example_cursor(), "--skip", "4:1-2"});
  CAF_CHECK(got.has_cursor);
  CAF_CHECK(got.from.order == (order_spec{60000, 30, shuffle_spec{7, 100}}));
  CAF_CHECK_EQUAL(got.from.epoch, 3u);
  CAF_CHECK_EQUAL(got.from.position, 640);
  CAF_CHECK_EQUAL(got.batch_size, 30);
  CAF_CHECK(got.from.skips == (std::vector<skipped_range>{{3, {0, 64}}, {4, {1, 2}}}));
  for (const auto* name : {"--samples", "--block", "--seed", "--window", "--epoch"})
    CAF_CHECK_EQUAL(error_of({"--cursor", example_cursor(), name, "5"}),
                    std::string{name} + ": got a value beside --cursor, which has one");
}

CAF_TEST(what is wrong is one line that names the option and what it got and what it takes) {
  const std::vector<std::pair<strings, std::string>> wrong{
    {{}, "--samples: got nothing; it takes the number of samples of the dataset, or --cursor"},
    {{"--samples", "11"}, "--block: got nothing; it takes the number of samples in a block"},
    {{"--samples", "0"}, "--samples: got '0'; it takes a whole number from 1 to 4503599627370496"},
    {{"--samples"}, "--samples: got nothing; it takes N"},
    {small({"--block", "3"}), "--block: got several values; it takes one"},
    {small({"--seed", "7"}), "--window: got nothing; it takes the number of blocks that --seed mixes with each other"},
    {small({"--window", "7"}), "--seed: got nothing; it takes the seed of the shuffle that --window belongs to"},
    {small({"--shard", "4/4"}), "--shard: got '4/4'; it takes I/N with I below N, such as 0/4"},
    {small({"--shard", "1"}), "--shard: got '1'; it takes I/N with I below N, such as 0/4"},
    {small({"--shard", "0/0"}), "--shard: got '0/0'; it takes I/N with I below N, such as 0/4"},
    {small({"--shard", "-1/2"}), "--shard: got '-1/2'; it takes I/N with I below N, such as 0/4"},
    {small({"--ends", "even"}), "--ends: got 'even'; it takes uneven|drop|pad"},
    {small({"--skip", "0:4-4"}), "--skip: got '0:4-4'; it takes EPOCH:FROM-TO, positions from 0 to 11"},
    {small({"--skip", "0:4-12"}), "--skip: got '0:4-12'; it takes EPOCH:FROM-TO, positions from 0 to 11"},
    {small({"--skip", "4-5"}), "--skip: got '4-5'; it takes EPOCH:FROM-TO, positions from 0 to 11"},
    {small({"--step", "1", "--steps", "2"}),
     "--step: got a value beside --from-step or --steps, which are for several"},
    {small({"--sample", "1", "--step", "2"}), "--sample: got a value beside a step; the step is what it finds"},
    {small({"--sample", "11"}), "--sample: got '11'; there are 11, counted from 0"},
    {small({"--batch-size", "10000001"}), "--batch-size: got '10000001'; one call prints at most 10000000 samples"},
    {small({"--steps", "2500001"}), "--steps: got '2500001'; one call prints at most 10000000 samples"},
    {{"--cursor", "hello"}, "--cursor: this is no cursor: 'hello' does not have the form 'cursor=...,check=...'"},
    {{"--cursor", to_text({"logs", {}, {0, 128, {}}, 0, 12, {}})},
     "--cursor: got one of a dataset whose samples are not counted: its blocks are served in order; it takes one with "
     "'samples='"},
    {small({"--admin", "x"}), "'--admin' is not an option; `dispatcher order --help` lists them"},
    {small({"more"}), "'more' is not an option; `dispatcher order --help` lists them"},
  };
  for (const auto& [arguments, expected] : wrong)
    CAF_CHECK_EQUAL(error_of(arguments), expected);
}

CAF_TEST(help has every option and three examples) {
  const auto read = read_order_options({"--help"});
  const auto& leave = std::get<early_exit>(read);
  CAF_CHECK_EQUAL(leave.exit_code, 0);
  for (const auto* part : {"--samples N", "--block N", "--seed N", "--window N", "--epoch N",
                           "--skip EPOCH:FROM-TO,...", "--cursor CURSOR", "--shard I/N=0/1", "--batch-size N",
                           "--ends uneven|drop|pad=uneven", "--step N", "--from-step N", "--steps N", "--sample N",
                           "--json", "dispatcher order --samples", "--steps 3\n", "--sample 4711\n"})
    CAF_CHECK(test::contains(leave.text, part));
}
