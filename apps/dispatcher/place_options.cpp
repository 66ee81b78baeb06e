#include "apps/dispatcher/place_options.hpp"

#include <cstdint>
#include <utility>
#include <variant>

#include "apps/dispatcher/option_table.hpp"

namespace dispatch {

namespace {

void apply_shuffle(const place_options& given, order_spec& order) {
  if (!given.seed && !given.window)
    return;
  if (!order.shuffle) {
    require_given(given.seed.has_value(), "--seed", "the seed of the shuffle that --window belongs to");
    require_given(given.window.has_value(), "--window", "the number of blocks that --seed mixes with each other");
    order.shuffle = shuffle_spec{};
  }
  order.shuffle->seed = given.seed.value_or(order.shuffle->seed);
  order.shuffle->window = given.window.value_or(order.shuffle->window);
}

/// Skips of a cursor that is told of fewer samples may reach behind its end.
void check_skips(const session_cursor& cursor) {
  for (const auto& [epoch, positions] : cursor.skips)
    if (positions.to > cursor.order.samples)
      throw CLI::ValidationError("--samples", "got '" + std::to_string(cursor.order.samples)
                                                + "'; the cursor skips positions up to " + std::to_string(positions.to)
                                                + " of epoch " + std::to_string(epoch));
  if (cursor.skips.size() > most_skips)
    throw CLI::ValidationError("--skip", "got " + std::to_string(cursor.skips.size())
                                           + " ranges that do not touch; it takes at most "
                                           + std::to_string(most_skips));
}

} // namespace

void add_options(option_table& table, place_options& values) {
  table.number("--samples", values.samples, "Samples of the dataset", std::int64_t{1}, most_samples);
  table.number("--block", values.block, "Samples in a block", std::int64_t{1}, std::int64_t{INT32_MAX});
  table.number("--seed", values.seed, "Of the shuffle; without one the order is the dataset's own", std::uint64_t{0},
               UINT64_MAX);
  table.number("--window", values.window, "Blocks that a shuffle mixes with each other", std::int64_t{1}, INT64_MAX);
  table.number("--epoch", values.epoch, "Counted from 0", std::uint64_t{0}, UINT64_MAX);
  table.texts("--skip", values.skips, "Positions that are never delivered, FROM among them and TO not",
              "EPOCH:FROM-TO,...");
}

void apply(const place_options& given, session_cursor& cursor) {
  cursor.order.samples = given.samples.value_or(cursor.order.samples);
  cursor.order.block = given.block.value_or(cursor.order.block);
  apply_shuffle(given, cursor.order);
  cursor.epoch = given.epoch.value_or(cursor.epoch);
  for (const auto& text : given.skips) {
    const auto skip = parse_skip(text, cursor.order.samples);
    if (!skip)
      throw CLI::ValidationError("--skip", "got '" + text + "'; it takes EPOCH:FROM-TO, positions from 0 to "
                                             + std::to_string(cursor.order.samples));
    cursor.skips.push_back(*skip);
  }
  cursor.skips = normalized(std::move(cursor.skips), cursor.epoch);
  check_skips(cursor);
}

void require_given(bool is_given, const char* option, const char* takes) {
  if (!is_given)
    throw CLI::ValidationError(option, std::string{"got nothing; it takes "} + takes);
}

session_cursor read_cursor(const std::string& option, const std::string& text) {
  auto read = parse_cursor(text);
  if (const auto* problem = std::get_if<std::string>(&read))
    throw CLI::ValidationError(option, *problem);
  return std::get<session_cursor>(std::move(read));
}

} // namespace dispatch
