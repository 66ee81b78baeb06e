#include "apps/dispatcher/order_options.hpp"

#include <cstdint>
#include <string_view>

#include "apps/dispatcher/number_text.hpp"
#include "apps/dispatcher/option_table.hpp"
#include "apps/dispatcher/place_options.hpp"
#include "apps/dispatcher/subcommand_parser.hpp"

namespace dispatch {

namespace {

constexpr const char* description =
  R"(Prints the samples of the batch that a shard gets in a step: numbers in the dataset, a batch a line. docs/order.md
defines the order; no dispatcher is asked.)";

constexpr const char* examples = R"(Examples:
  dispatcher order --samples 60000 --block 30 --seed 7 --window 100 --epoch 3 --shard 1/4 --batch-size 64 --step 17
      what the second of four ranks was given in step 17 (the 18th) of epoch 3
  dispatcher order --cursor "$C" --shard 1/4 --batch-size 64 --steps 3
      what it will be given in the next three steps after a checkpoint with cursor C
  dispatcher order --cursor "$C" --shard 0/4 --batch-size 64 --sample 4711
      where sample 4711 stands, and which step gives it to which of four ranks

Steps are counted from 0, from the beginning of the epoch or from the cursor's place.
Exit codes: 0 it was printed, 1 the result could not be written, 2 wrong options.)";

/// What was typed, before it is put together.
struct typed_options {
  place_options place;
  std::string cursor;
  std::optional<std::int64_t> batch_size;
  std::optional<std::int64_t> step;
  std::optional<std::int64_t> from_step;
  std::optional<std::int64_t> steps;
};

/// `I/N` with I below N.
std::optional<shard_spec> parse_shard(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos)
    return std::nullopt;
  const auto count = parse_number<std::int64_t>(text.substr(slash + 1), 1, INT32_MAX);
  const auto index = parse_number<std::int64_t>(text.substr(0, slash), 0, count.value_or(0) - 1);
  return index ? std::optional<shard_spec>{{*index, *count}} : std::nullopt;
}

void add_options(option_table& table, typed_options& typed, order_options& values) {
  constexpr std::int64_t none = 0;
  add_options(table, typed.place);
  table.text("--cursor", typed.cursor, "The order and the place to count from, for all of these but --skip", "CURSOR");
  table.parsed("--shard", values.shard, "Shard I of N, I from 0", parse_shard, "I/N with I below N, such as 0/4")
    ->type_name("I/N")
    ->default_str("0/1");
  table.number("--batch-size", typed.batch_size, "Samples in a batch of one shard; else as many as in a block",
               std::int64_t{1}, std::int64_t{INT32_MAX});
  table.word("--ends", values.ends, "What becomes of samples that do not fill the last step",
             words<epoch_end>{{"uneven", epoch_end::uneven}, {"drop", epoch_end::drop}, {"pad", epoch_end::pad}});
  table.number("--step", typed.step, "The step to print", none, INT64_MAX);
  table.number("--from-step", typed.from_step, "The first of several", none, INT64_MAX);
  table.number("--steps", typed.steps, "How many", std::int64_t{1}, INT64_MAX);
  table.number("--sample", values.sample, "Print where this sample stands, and who gets it when", none,
               most_samples - 1);
  table.flag("--json", values.json, "One object a line");
}

/// The order and the place that the steps are counted from.
void put_place(const CLI::App& app, const typed_options& typed, order_options& to) {
  to.has_cursor = app.count("--cursor") > 0;
  if (to.has_cursor) {
    for (const auto* name : {"--samples", "--block", "--seed", "--window", "--epoch"})
      if (app.count(name) > 0)
        throw CLI::ValidationError(name, "got a value beside --cursor, which has one");
    to.from = read_cursor("--cursor", typed.cursor);
    if (!to.from.counts_samples())
      throw CLI::ValidationError("--cursor",
                                 "got one of a dataset whose samples are not counted: its blocks are served "
                                 "in order; it takes one with 'samples='");
  } else {
    require_given(typed.place.samples.has_value(), "--samples", "the number of samples of the dataset, or --cursor");
    require_given(typed.place.block.has_value(), "--block", "the number of samples in a block");
  }
  apply(typed.place, to.from);
}

void put_steps(const typed_options& typed, order_options& to) {
  if (typed.step && (typed.from_step || typed.steps))
    throw CLI::ValidationError("--step", "got a value beside --from-step or --steps, which are for several");
  if (typed.from_step)
    to.first_step_option = "--from-step";
  to.first_step = typed.step.value_or(typed.from_step.value_or(0));
  to.steps = typed.steps.value_or(1);
  to.batch_size = typed.batch_size.value_or(to.from.order.block);
  if (to.sample && (typed.step || typed.from_step || typed.steps))
    throw CLI::ValidationError("--sample", "got a value beside a step; the step is what it finds");
  if (to.sample && *to.sample >= to.from.order.samples)
    throw CLI::ValidationError("--sample", "got '" + std::to_string(*to.sample) + "'; there are "
                                             + std::to_string(to.from.order.samples) + ", counted from 0");
  if (!to.sample && to.batch_size > most_printed_samples / to.steps)
    throw CLI::ValidationError(to.steps > 1 ? "--steps" : "--batch-size",
                               "got '" + std::to_string(to.steps > 1 ? to.steps : to.batch_size)
                                 + "'; one call prints at most " + std::to_string(most_printed_samples) + " samples");
}

} // namespace

std::variant<order_options, early_exit> read_order_options(const std::vector<std::string>& arguments) {
  order_options result;
  typed_options typed;
  CLI::App app{description, "dispatcher order"};
  app.footer(examples);
  option_table table{app, option_source::flags};
  add_options(table, typed, result);
  const auto check = [&] {
    put_place(app, typed, result);
    put_steps(typed, result);
  };
  if (auto leave = parse_subcommand(app, arguments, check))
    return *leave;
  return result;
}

} // namespace dispatch
