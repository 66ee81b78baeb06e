#define CAF_SUITE block_pass

#include "actors/policy/order/block_pass.hpp"

#include <caf/test/unit_test.hpp>

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "tests/support/batches.hpp"

using namespace dispatch;
using policy::block_pass;
using policy::session_pass;

namespace {

const session_pass::time_point start{};

/// The service does not say how many samples there are.
block_pass::options options_until(std::uint64_t end_epoch) {
  block_pass::options result;
  result.description = {"texts", 0, {}, "", {}, {}};
  result.end_epoch = end_epoch;
  result.window = {2, 2};
  return result;
}

std::vector<std::int32_t> asked(session_pass& pass) {
  std::vector<std::int32_t> result;
  while (auto next = pass.ask(start))
    result.push_back(next->block.value_or(-1));
  return result;
}

/// What a service of three blocks gives, until all is over: of batches the position, of ends -1.
std::vector<std::int64_t> run(session_pass& pass) {
  std::vector<std::int64_t> result;
  for (auto round = 0; round < 100; ++round) {
    for (const auto index : asked(pass))
      if (index < 3)
        pass.block_arrived(test::make_batch(index, index == 2, "texts"));
      else
        pass.block_failed(index, {status_code::out_of_range, "behind the end"});
    auto messages = std::size_t{0};
    while (auto next = pass.depart()) {
      ++messages;
      if (const auto* batch = std::get_if<session_pass::ready_batch>(&*next))
        result.push_back(batch->position);
      else if (std::holds_alternative<session_pass::epoch_over>(*next))
        result.push_back(-1);
      else
        return result;
    }
    pass.written(start, messages, messages * 100);
  }
  CAF_FAIL("the pass does not end");
  return result;
}

} // namespace

CAF_TEST(blocks are asked for in order and as many as there is room for) {
  block_pass pass{options_until(1), 0, 0};
  CAF_CHECK(asked(pass) == (std::vector<std::int32_t>{0, 1}));
  CAF_CHECK(asked(pass).empty());
}

CAF_TEST(each epoch has all blocks) {
  block_pass pass{options_until(2), 0, 0};
  CAF_CHECK(run(pass) == (std::vector<std::int64_t>{0, 1, 2, -1, 0, 1, 2, -1}));
}

CAF_TEST(positions count blocks) {
  block_pass pass{options_until(2), 0, 2};
  CAF_CHECK(run(pass) == (std::vector<std::int64_t>{2, -1, 0, 1, 2, -1}));
}

CAF_TEST(an epoch that was left at its end goes on with the next one) {
  block_pass pass{options_until(2), 0, 3};
  CAF_CHECK(run(pass) == (std::vector<std::int64_t>{-1, 0, 1, 2, -1}));
}

CAF_TEST(a failed block ends the session behind those before it) {
  block_pass pass{options_until(1), 0, 0};
  asked(pass);
  pass.block_failed(1, {status_code::internal, "broken"});
  CAF_CHECK(!pass.depart());
  pass.block_arrived(test::make_batch(0, false, "texts"));
  auto next = pass.depart();
  CAF_REQUIRE(next && std::holds_alternative<session_pass::ready_batch>(*next));
  CAF_CHECK(!std::get<session_pass::ready_batch>(*next).samples);
  next = pass.depart();
  CAF_REQUIRE(next && std::holds_alternative<failure>(*next));
}
