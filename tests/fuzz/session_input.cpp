// sources: wire/session/client_message.cpp wire/session/json_members.cpp wire/session/cursor.cpp wire/fingerprint.cpp
// sources: wire/session/server_lines.cpp wire/session/session_column.cpp wire/batch_layout.cpp wire/column_layout.cpp
// sources: wire/sample_size.cpp wire/element_size.cpp wire/status_code.cpp wire/batch.cpp wire/classic_codec.cpp
// sources: wire/base64.cpp wire/base64_kernels.cpp actors/policy/order/session_plan.cpp
// sources: actors/policy/order/epoch_steps.cpp actors/policy/order/left_positions.cpp
// libraries: zlib

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "actors/policy/order/epoch_steps.hpp"
#include "actors/policy/order/session_plan.hpp"
#include "actors/session/client_lines.hpp"
#include "tests/support/fuzz_input.hpp"
#include "wire/session/client_message.hpp"
#include "wire/session/server_lines.hpp"

/// @file
/// What a session's client sends, in pieces. The same lines come of it however it is cut; what is wrong is one line of
/// JSON; and a `hello` that is taken is a plan that can be carried out, or a failure that says why not.

using dispatch::test::require;
namespace policy = dispatch::policy;

namespace {

const dispatch::dataset_description counted{"numbers", 1000, {2}, "int64", "x", {{"label", {}, "int32"}}};
const dispatch::dataset_description uncounted{"numbers", 0, {}, "object"};
const policy::session_defaults defaults{"numbers", 30};

/// All lines, and whether one is too long.
std::pair<std::vector<std::string>, bool> lines_of(const std::vector<std::string_view>& pieces) {
  dispatch::client_lines lines;
  std::vector<std::string> result;
  for (auto left : pieces) {
    while (!left.empty()) {
      auto room = lines.allow();
      if (room == 0)
        return {std::move(result), true};
      const auto taken = left.substr(0, room);
      left.remove_prefix(taken.size());
      lines.add(taken);
      while (const auto line = lines.next())
        result.emplace_back(*line);
      if (lines.is_too_long())
        return {std::move(result), true};
    }
  }
  return {std::move(result), false};
}

void check_failure(const dispatch::failure& reason) {
  require(!reason.message.empty(), "what is wrong is said");
  const auto line = dispatch::encode_session_error(reason, {});
  require(line.back() == '\n' && line.find('\n') == line.size() - 1, "an error is one line");
  require(nlohmann::json::parse(line).at("message") == reason.message, "an error is JSON");
}

void check_steps(const policy::session_plan& plan) {
  const policy::epoch_steps steps{policy::left_positions{plan.order.samples, {}}, plan.steps, plan.position};
  require(steps.batches() >= 0, "an epoch has batches, or none");
  if (steps.batches() == 0)
    return;
  for (const auto index : {std::int64_t{0}, steps.batches() - 1}) {
    const auto batch = steps.batch(index);
    require(batch.samples > 0 && batch.samples <= plan.steps.batch_size, "a batch has samples");
    require(batch.step_position < batch.next_position, "a step goes on");
    for (const auto& range : batch.positions)
      require(range.from >= 0 && range.from < range.to && range.to <= plan.order.samples, "positions are in the epoch");
  }
}

void check_plan(const dispatch::hello& asked, const dispatch::dataset_description& description) {
  const auto block = policy::block_of(asked, defaults);
  require(block >= 1, "a block has samples");
  const auto first = static_cast<std::uint64_t>(std::min(block, 1000)) * 16;
  const dispatch::batch_layout layout{description, block, first};
  const auto made = policy::plan_session(asked, defaults, description, layout);
  if (const auto* reason = std::get_if<dispatch::failure>(&made))
    return check_failure(*reason);
  const auto& plan = std::get<policy::session_plan>(made);
  const auto cursor = plan.cursor_at(plan.epoch, plan.position);
  const auto again = dispatch::parse_cursor(to_text(cursor));
  require(std::holds_alternative<dispatch::session_cursor>(again), "where it begins is a cursor");
  require(!plan.wanted_columns.empty(), "it gets a column");
  if (plan.counts_samples())
    check_steps(plan);
}

void check_line(std::string_view line) {
  const auto parsed = dispatch::parse_client_message(line);
  if (const auto* reason = std::get_if<dispatch::failure>(&parsed))
    return check_failure(*reason);
  const auto* asked = std::get_if<dispatch::hello>(&std::get<dispatch::client_message>(parsed));
  if (asked == nullptr)
    return;
  const auto dataset = policy::dataset_of(*asked, defaults);
  if (const auto* reason = std::get_if<dispatch::failure>(&dataset))
    return check_failure(*reason);
  check_plan(*asked, counted);
  check_plan(*asked, uncounted);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto input = dispatch::test::cut(bytes, size);
  const auto in_pieces = lines_of(input.views());
  const auto whole = lines_of({input.whole});
  require(in_pieces.second || whole.second || in_pieces.first == whole.first, "lines are cut at their ends");
  for (const auto& line : in_pieces.first)
    check_line(line);
  return 0;
}
