#include "apps/dispatcher/order_command.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "actors/policy/order/epoch_order.hpp"
#include "actors/policy/order/epoch_steps.hpp"
#include "io/admin/json_text.hpp"

namespace dispatch {

namespace {

using admin::json;
using policy::batch_place;
using policy::epoch_order;
using policy::epoch_steps;
using policy::shard_batch;

epoch_steps steps_of(const order_options& options) {
  std::vector<position_range> skipped;
  for (const auto& skip : options.from.skips)
    if (skip.epoch == options.from.epoch)
      skipped.push_back(skip.positions);
  return {policy::left_positions{options.from.order.samples, std::move(skipped)},
          {options.batch_size, options.shard, options.ends},
          options.from.position};
}

// -- steps ------------------------------------------------------------------------------------------------------------

template <class Add>
void for_each_sample(const epoch_order& order, const shard_batch& batch, Add add) {
  for (const auto& range : batch.positions)
    for (auto position = range.from; position < range.to; ++position)
      add(order.sample_at(position));
}

std::string as_numbers(const epoch_order& order, const shard_batch& batch) {
  std::string line;
  for_each_sample(order, batch, [&line](std::int64_t sample) {
    line.append(line.empty() ? "" : " ").append(std::to_string(sample));
  });
  return line;
}

std::string as_object(const order_options& options, std::int64_t step, const epoch_order& order,
                      const shard_batch& batch) {
  json samples = json::array();
  for_each_sample(order, batch, [&samples](std::int64_t sample) { samples.push_back(sample); });
  json line{{"epoch", options.from.epoch},          {"step", step},           {"position", batch.step_position},
            {"next_position", batch.next_position}, {"padded", batch.padded}, {"samples", std::move(samples)}};
  if (options.has_cursor)
    line["cursor_after"] = cursor_writer{options.from}.text(batch.next_position);
  return admin::to_text(line);
}

/// What is wrong with the steps that are asked for. Nothing where there are all of them.
std::optional<early_exit> find_problem(const order_options& options, const epoch_steps& steps) {
  const auto all = steps.batches();
  if (options.first_step < all && options.steps <= all - options.first_step)
    return std::nullopt;
  const auto begin = options.from.position > 0 ? " from position " + std::to_string(options.from.position) : "";
  const auto there = "shard " + std::to_string(options.shard.index) + "/" + std::to_string(options.shard.count)
                     + " gets " + std::to_string(all) + (all == 1 ? " batch" : " batches") + " of epoch "
                     + std::to_string(options.from.epoch) + begin
                     + (all > 0 ? ", steps 0 to " + std::to_string(all - 1) : "");
  if (options.first_step < all)
    return usage_problem("--steps: got " + std::to_string(options.steps) + " from step "
                         + std::to_string(options.first_step) + "; " + there);
  return usage_problem(options.first_step_option + ": got " + std::to_string(options.first_step) + "; " + there);
}

early_exit print_steps(const order_options& options, const epoch_order& order, const epoch_steps& steps) {
  if (auto problem = find_problem(options, steps))
    return *problem;
  early_exit result;
  for (auto step = options.first_step; step < options.first_step + options.steps; ++step) {
    const auto batch = steps.batch(step);
    result.text += (options.json ? as_object(options, step, order, batch) : as_numbers(order, batch)) + "\n";
  }
  return result;
}

// -- a sample ---------------------------------------------------------------------------------------------------------

std::string text_of(const batch_place& place, const order_options& options) {
  return "step " + std::to_string(place.step) + ", shard " + std::to_string(place.shard) + "/"
         + std::to_string(options.shard.count) + ", number " + std::to_string(place.index) + " of its batch\n";
}

json object_of(const std::optional<batch_place>& place) {
  return place ? json{{"step", place->step}, {"shard", place->shard}, {"number", place->index}} : json{};
}

std::string why_nobody_gets(std::int64_t position, const order_options& options) {
  if (position < options.from.position)
    return "nobody: it stands before position " + std::to_string(options.from.position) + "\n";
  const auto covers = [position, &options](const skipped_range& skip) {
    return skip.epoch == options.from.epoch && skip.positions.from <= position && position < skip.positions.to;
  };
  const auto& skips = options.from.skips;
  return std::any_of(skips.begin(), skips.end(), covers) ? "nobody: it is skipped\n"
                                                         : "nobody: it is dropped with the last step\n";
}

early_exit print_sample(const order_options& options, const epoch_order& order, const epoch_steps& steps) {
  const auto sample = *options.sample;
  const auto position = order.position_of(sample);
  const auto block = sample / options.from.order.block;
  const auto row = sample % options.from.order.block;
  const auto place = steps.place_of(position);
  const auto padding = steps.padding_place_of(position);
  if (options.json)
    return {0, admin::to_text(json{{"sample", sample},
                                   {"block", block},
                                   {"row", row},
                                   {"epoch", options.from.epoch},
                                   {"position", position},
                                   {"given", object_of(place)},
                                   {"padding", object_of(padding)}})
                 + "\n"};
  early_exit result;
  result.text = "sample    " + std::to_string(sample) + ": row " + std::to_string(row) + " of block "
                + std::to_string(block) + "\nposition  " + std::to_string(position) + " of epoch "
                + std::to_string(options.from.epoch) + "\ngiven to  "
                + (place ? text_of(*place, options) : why_nobody_gets(position, options));
  if (padding)
    result.text += "padding   " + text_of(*padding, options);
  return result;
}

} // namespace

early_exit answer_order(const order_options& options) {
  const epoch_order order{options.from.order, options.from.epoch};
  const auto steps = steps_of(options);
  return options.sample ? print_sample(options, order, steps) : print_steps(options, order, steps);
}

} // namespace dispatch
