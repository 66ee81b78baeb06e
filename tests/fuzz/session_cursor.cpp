// sources: wire/session/cursor.cpp actors/policy/order/epoch_order.cpp actors/policy/order/keyed_permutation.cpp
// sources: actors/policy/order/left_positions.cpp
// libraries: zlib

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "actors/policy/order/epoch_order.hpp"
#include "actors/policy/order/left_positions.hpp"
#include "tests/support/fuzz_input.hpp"
#include "wire/session/cursor.hpp"

/// @file
/// Texts of cursors: as they come, and with the check digits that are theirs, which no fuzzer guesses. What is taken is
/// written as a text that is read as the same, has members in their ranges, and is a place in its order.

using dispatch::session_cursor;
using dispatch::test::require;

namespace {

std::string with_check(std::string_view text) {
  const auto check = ::crc32_z(0, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::string result{text};
  result += ",check=";
  for (auto shift = 28; shift >= 0; shift -= 4)
    result += "0123456789abcdef"[check >> shift & 15u];
  return result;
}

void check_ranges(const session_cursor& cursor) {
  const auto& order = cursor.order;
  require(order.samples >= 0 && order.samples <= dispatch::most_samples, "the samples can be counted");
  require(order.block >= 1 && order.block <= INT32_MAX, "a block has a size");
  require(!order.shuffle || (order.shuffle->window >= 1 && cursor.counts_samples()), "what is shuffled is counted");
  require(cursor.position >= 0, "a position is none before the first");
  require(!cursor.counts_samples() || cursor.position <= order.samples, "a position is in the epoch, or its end");
  require(cursor.skips.size() <= dispatch::most_skips, "there are not too many skips");
  const dispatch::skipped_range* before = nullptr;
  for (const auto& skip : cursor.skips) {
    const auto& range = skip.positions;
    require(skip.epoch >= cursor.epoch, "nothing is skipped in an epoch that is over");
    require(range.from >= 0 && range.from < range.to && range.to <= order.samples, "a skip is in its epoch");
    require(before == nullptr || before->epoch < skip.epoch || before->positions.to < range.from,
            "skips are sorted and do not touch");
    before = &skip;
  }
}

/// Somebody can go on from there.
void check_order(const session_cursor& cursor) {
  if (!cursor.counts_samples())
    return;
  std::vector<dispatch::position_range> skipped;
  for (const auto& skip : cursor.skips)
    if (skip.epoch == cursor.epoch)
      skipped.push_back(skip.positions);
  const dispatch::policy::left_positions left{cursor.order.samples, skipped};
  const auto next = left.position_of(left.number_at(cursor.position));
  require(next >= cursor.position && next <= cursor.order.samples, "what is next stands behind");
  if (next == cursor.order.samples)
    return;
  const dispatch::policy::epoch_order order{cursor.order, cursor.epoch};
  const auto sample = order.sample_at(next);
  require(sample >= 0 && sample < cursor.order.samples, "a position has a sample");
  require(order.position_of(sample) == next, "a sample has its position");
}

void check(std::string_view text) {
  const auto got = dispatch::parse_cursor(text);
  if (const auto* problem = std::get_if<std::string>(&got)) {
    require(!problem->empty(), "what is wrong is said");
    return;
  }
  const auto& cursor = std::get<session_cursor>(got);
  check_ranges(cursor);
  const auto written = to_text(cursor);
  const auto again = dispatch::parse_cursor(written);
  require(std::holds_alternative<session_cursor>(again), "a cursor written anew is one");
  require(std::get<session_cursor>(again) == cursor, "a cursor written anew is the same");
  require(to_text(std::get<session_cursor>(again)) == written, "a cursor has one text");
  require(dispatch::test::is_one_line(written), "a cursor is one line");
  require(written.find_first_of(" \"\\") == std::string::npos, "a cursor is one word, also in JSON");
  check_order(cursor);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::vector<char> exact(bytes, bytes + size);
  const std::string_view text{exact.data(), exact.size()};
  check(text);
  check(with_check(text));
  return 0;
}
