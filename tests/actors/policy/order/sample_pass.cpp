#define CAF_SUITE sample_pass

#include "actors/policy/order/sample_pass.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/batches.hpp"

using namespace dispatch;
using namespace std::chrono_literals;
using policy::sample_pass;
using policy::session_pass;

namespace {

const session_pass::time_point start{};

/// 100 samples in blocks of 10.
sample_pass::options options_of(std::int64_t batch_size, std::optional<shuffle_spec> shuffle = {}) {
  sample_pass::options result;
  result.order = {100, 10, shuffle};
  result.steps.batch_size = batch_size;
  result.end_epoch = 1;
  result.window = {4, 4};
  return result;
}

session_pass::content rows() {
  return std::make_shared<const received_batch>(test::receive(0, false, "rows"));
}

std::vector<session_pass::wanted> ask_all(session_pass& pass) {
  std::vector<session_pass::wanted> result;
  while (auto next = pass.ask(start))
    result.push_back(std::move(*next));
  return result;
}

template <class T>
std::optional<T> departs_as(session_pass& pass) {
  auto next = pass.depart();
  const auto* found = next ? std::get_if<T>(&*next) : nullptr;
  return found != nullptr ? std::optional{*found} : std::nullopt;
}

/// Answers everything, and returns where each batch begins until all is over.
std::vector<std::pair<std::uint64_t, std::int64_t>> run(session_pass& pass) {
  std::vector<std::pair<std::uint64_t, std::int64_t>> result;
  for (auto round = 0; round < 1000; ++round) {
    for (const auto& each : ask_all(pass))
      if (each.block)
        pass.block_arrived(test::make_batch(*each.block, false, "rows"));
      else
        pass.rows_arrived(each.ticket, rows());
    auto messages = std::size_t{0};
    while (auto next = pass.depart()) {
      ++messages;
      if (const auto* batch = std::get_if<session_pass::ready_batch>(&*next))
        result.emplace_back(batch->epoch, batch->position);
      else if (std::holds_alternative<session_pass::all_over>(*next))
        return result;
    }
    pass.written(start, messages, messages * 100);
  }
  CAF_FAIL("the pass does not end");
  return result;
}

} // namespace

CAF_TEST(batches that are blocks are asked for as blocks) {
  sample_pass pass{options_of(10), 0, 0};
  const auto wanted = ask_all(pass);
  CAF_REQUIRE_EQUAL(wanted.size(), 4u);
  CAF_CHECK_EQUAL(wanted[3].block.value_or(-1), 3);
  CAF_CHECK_EQUAL(pass.requested(), 4u);
}

CAF_TEST(a short last block is a block) {
  auto options = options_of(10);
  options.order.samples = 93;
  sample_pass pass{options, 0, 90};
  const auto wanted = ask_all(pass);
  CAF_REQUIRE_EQUAL(wanted.size(), 1u);
  CAF_CHECK_EQUAL(wanted[0].block.value_or(-1), 9);
}

CAF_TEST(shuffled and unaligned batches are asked for as rows) {
  sample_pass shuffled{options_of(10, shuffle_spec{7, 4}), 0, 0};
  CAF_CHECK(!ask_all(shuffled).front().block);
  sample_pass unaligned{options_of(10), 0, 5};
  CAF_CHECK(!ask_all(unaligned).front().block);
  sample_pass smaller{options_of(9), 0, 0};
  CAF_CHECK(!ask_all(smaller).front().block);
}

CAF_TEST(answers leave in the order of the questions) {
  sample_pass pass{options_of(9), 0, 0};
  const auto wanted = ask_all(pass);
  CAF_CHECK(pass.rows_arrived(wanted[1].ticket, rows()));
  CAF_CHECK(!pass.depart());
  CAF_CHECK(pass.is_next(wanted[0].ticket));
  CAF_CHECK(pass.rows_arrived(wanted[0].ticket, rows()));
  const auto first = departs_as<session_pass::ready_batch>(pass);
  CAF_REQUIRE(first);
  CAF_CHECK_EQUAL(first->position, 0);
  CAF_CHECK_EQUAL(first->next_position, 9);
  CAF_CHECK_EQUAL(departs_as<session_pass::ready_batch>(pass)->position, 9);
  CAF_CHECK(!pass.depart());
}

CAF_TEST(an answer that nobody awaits changes nothing) {
  sample_pass pass{options_of(9), 0, 0};
  const auto wanted = ask_all(pass);
  CAF_CHECK(pass.rows_arrived(wanted[0].ticket, rows()));
  CAF_CHECK(!pass.rows_arrived(wanted[0].ticket, rows()));
  CAF_CHECK(!pass.rows_failed(77, {status_code::internal, "late"}));
  CAF_CHECK(!pass.block_arrived(test::make_batch(0, false, "rows")));
}

CAF_TEST(unsent batches keep others from being asked for) {
  sample_pass pass{options_of(9), 0, 0};
  for (const auto& each : ask_all(pass))
    pass.rows_arrived(each.ticket, rows());
  CAF_CHECK(!pass.ask(start));
  while (pass.depart())
    continue;
  CAF_CHECK_EQUAL(pass.unsent(), 4u);
  CAF_CHECK(!pass.ask(start));
  pass.written(start, 3, 300);
  CAF_CHECK_EQUAL(ask_all(pass).size(), 3u);
}

CAF_TEST(behind a failure there is nothing) {
  sample_pass pass{options_of(9), 0, 0};
  const auto wanted = ask_all(pass);
  pass.rows_failed(wanted[0].ticket, {status_code::internal, "broken"});
  pass.rows_arrived(wanted[1].ticket, rows());
  const auto reason = departs_as<failure>(pass);
  CAF_REQUIRE(reason);
  CAF_CHECK_EQUAL(reason->message, "broken");
  CAF_CHECK(!pass.depart());
}

CAF_TEST(a batch that is asked for again waits from then on) {
  sample_pass pass{options_of(9), 0, 0};
  const auto wanted = ask_all(pass);
  CAF_CHECK(pass.waits_since() == std::optional{start});
  CAF_CHECK(pass.ask_again(wanted[0].ticket, start + 5s));
  CAF_CHECK(pass.waits_since() == std::optional{start + 5s});
  CAF_CHECK_EQUAL(pass.ask_again(start + 6s).size(), 4u);
  pass.rows_arrived(wanted[0].ticket, rows());
  CAF_CHECK(!pass.ask_again(wanted[0].ticket, start + 7s));
}

CAF_TEST(the next epoch is asked for before the last one has ended) {
  auto options = options_of(40);
  options.end_epoch = 2;
  sample_pass pass{options, 0, 40};
  const auto wanted = ask_all(pass);
  // Two batches and the end of epoch 0, and a batch of epoch 1.
  CAF_REQUIRE_EQUAL(wanted.size(), 3u);
  CAF_CHECK_EQUAL(wanted[2].epoch, 1u);
}

CAF_TEST(later epochs are whole after a resume in the middle) {
  auto options = options_of(40);
  options.end_epoch = 3;
  sample_pass pass{options, 1, 80};
  const std::vector<std::pair<std::uint64_t, std::int64_t>> expected{{1, 80}, {2, 0}, {2, 40}, {2, 80}};
  CAF_CHECK(run(pass) == expected);
}

CAF_TEST(a resume at an end goes on with the next epoch) {
  auto options = options_of(50);
  options.end_epoch = 2;
  sample_pass pass{options, 0, 100};
  const std::vector<std::pair<std::uint64_t, std::int64_t>> expected{{1, 0}, {1, 50}};
  CAF_CHECK(run(pass) == expected);
}

CAF_TEST(a session behind its last epoch is over at once) {
  sample_pass pass{options_of(10), 1, 0};
  CAF_CHECK(!pass.ask(start));
  CAF_CHECK(departs_as<session_pass::all_over>(pass));
}

CAF_TEST(ends say what an epoch was) {
  auto options = options_of(15);
  options.skips = {{0, {0, 10}}};
  options.steps.shard = {1, 2};
  options.steps.ends = epoch_end::pad;
  sample_pass pass{options, 0, 0};
  std::optional<session_pass::epoch_over> end;
  for (auto round = 0; round < 100 && !end; ++round) {
    for (const auto& each : ask_all(pass))
      pass.rows_arrived(each.ticket, rows());
    while (auto next = pass.depart()) {
      if (const auto* found = std::get_if<session_pass::epoch_over>(&*next))
        end = *found;
    }
    pass.written(start, 4, 400);
  }
  // 90 samples are left: three steps of 30.
  CAF_REQUIRE(end);
  CAF_CHECK_EQUAL(end->given.batches, 3u);
  CAF_CHECK_EQUAL(end->given.samples, 45u);
  CAF_CHECK_EQUAL(end->given.skipped, 10u);
  CAF_CHECK_EQUAL(end->given.padded, 0u);
}
