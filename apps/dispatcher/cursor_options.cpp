#include "apps/dispatcher/cursor_options.hpp"

#include <cstdint>
#include <optional>

#include "apps/dispatcher/number_text.hpp"
#include "apps/dispatcher/option_table.hpp"
#include "apps/dispatcher/place_options.hpp"
#include "apps/dispatcher/subcommand_parser.hpp"

namespace dispatch {

namespace {

constexpr const char* description =
  R"(Reads and writes cursors: places in an order of samples that a session can go on from. docs/order.md defines their
text; no dispatcher is asked.)";

constexpr const char* examples = R"(Examples:
  dispatcher cursor show "$C"                    what a cursor says, a member a line
  dispatcher cursor make --from "$C" --epoch 4 --sample 0
                                                 the same order, from the beginning of epoch 4
  dispatcher cursor make --dataset mnist --fingerprint 5d2f7f1f0a9c11e3 --samples 60000 --block 30 --seed 7 \
                         --window 100 --epoch 3 --sample 640 --skip 3:1000-1064,4:0-64
                                                 a cursor from its members

Exit codes: 0 it was printed, 1 the result could not be written, 2 wrong options, or no cursor that this program reads.)";

/// What was typed, before it is put together.
struct typed_options {
  std::string shown;
  bool json = false;
  std::string from;
  std::optional<std::string> dataset;
  std::optional<fingerprint> print;
  std::optional<std::int64_t> sample;
  std::optional<std::int64_t> batch;
  place_options place;
};

/// 16 hexadecimal digits, not all 0.
std::optional<fingerprint> parse_fingerprint(std::string_view text) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, value, 16);
  if (text.size() != 16 || problem != std::errc{} || stopped != end || value == 0)
    return std::nullopt;
  return fingerprint{value};
}

CLI::App* add_show(CLI::App& app, typed_options& typed) {
  auto* command = app.add_subcommand("show", "Print what a cursor says");
  command->add_option("cursor", typed.shown, "The cursor")->type_name("CURSOR");
  option_table{*command, option_source::flags}.flag("--json", typed.json, "As one object");
  return command;
}

CLI::App* add_make(CLI::App& app, typed_options& typed) {
  auto* command = app.add_subcommand("make", "Print a cursor of these members, or another one with some changed");
  option_table table{*command, option_source::flags};
  table.text("--from", typed.from, "The cursor to change; --skip adds to its skips", "CURSOR");
  const auto any_name = [](const std::string& text) { return std::optional<std::string>{text}; };
  table.parsed("--dataset", typed.dataset, "The dataset's name", any_name, "a name")->type_name("NAME");
  table
    .parsed("--fingerprint", typed.print, "The dataset's, where it is described", parse_fingerprint,
            "16 hexadecimal digits, not all 0")
    ->type_name("HEX");
  add_options(table, typed.place);
  table.number("--sample", typed.sample, "The position in the epoch, from 0", std::int64_t{0}, most_samples);
  table.number("--batch", typed.batch, "The batch to go on with, where samples are not counted", std::int64_t{0},
               std::int64_t{INT32_MAX});
  return command;
}

void put_position(const typed_options& typed, session_cursor& to) {
  if (typed.batch && to.counts_samples())
    throw CLI::ValidationError("--batch", "got '" + std::to_string(*typed.batch) + "'; the place in a dataset of "
                                            + std::to_string(to.order.samples) + " samples is a --sample");
  if (typed.sample && !to.counts_samples())
    throw CLI::ValidationError("--sample", "got '" + std::to_string(*typed.sample)
                                             + "'; the samples are not counted, and the place is a --batch");
  to.position = typed.sample ? *typed.sample : typed.batch.value_or(to.position);
  if (to.counts_samples() && to.position > to.order.samples)
    throw CLI::ValidationError("--sample", "got '" + std::to_string(to.position) + "'; it takes at most "
                                             + std::to_string(to.order.samples) + ", which is --samples");
}

session_cursor made_of(const typed_options& typed) {
  session_cursor result;
  if (!typed.from.empty()) {
    result = read_cursor("--from", typed.from);
  } else {
    require_given(typed.dataset.has_value(), "--dataset", "the dataset's name, or --from a cursor");
    require_given(typed.place.samples.has_value(), "--samples", "the number of samples of the dataset");
    require_given(typed.place.block.has_value(), "--block", "the number of samples in a block");
  }
  if (!result.counts_samples() && !typed.place.samples && typed.place.seed)
    throw CLI::ValidationError("--seed", "got a shuffle of samples that are not counted; it takes --samples beside it");
  result.dataset = typed.dataset.value_or(result.dataset);
  result.fingerprint = typed.print.value_or(result.fingerprint);
  // A cursor of uncounted batches that is told the samples counts these from now on.
  if (!result.counts_samples() && typed.place.samples && !typed.from.empty())
    require_given(typed.sample.has_value(), "--sample", "the position, now that the samples are counted");
  apply(typed.place, result);
  put_position(typed, result);
  return result;
}

} // namespace

std::variant<cursor_options, early_exit> read_cursor_options(const std::vector<std::string>& arguments) {
  cursor_options result;
  typed_options typed;
  CLI::App app{description, "dispatcher cursor"};
  app.footer(examples);
  auto* show = add_show(app, typed);
  auto* make = add_make(app, typed);
  const auto check = [&] {
    result.as = *make        ? cursor_options::form::cursor
                : typed.json ? cursor_options::form::json
                             : cursor_options::form::members;
    if (*show)
      require_given(!typed.shown.empty(), "CURSOR", "the cursor to show");
    result.cursor = *make ? made_of(typed) : read_cursor("CURSOR", typed.shown);
  };
  if (auto leave = parse_subcommand(app, arguments, check))
    return *leave;
  return result;
}

} // namespace dispatch
