#include "actors/policy/order/session_plan.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "actors/policy/order/left_positions.hpp"
#include "wire/fingerprint.hpp"

namespace dispatch::policy {

namespace {

/// A batch is put together in one piece of memory.
constexpr std::uint64_t most_batch_bytes = std::uint64_t{256} << 20;
constexpr std::uint64_t most_batch_rows = std::uint64_t{1} << 20;

/// No message of protobuf is larger.
constexpr std::uint64_t most_message_bytes = std::uint64_t{1} << 31;

/// Why a session cannot be had.
struct refusal {
  status_code code;
  std::string message;
};

std::string text_of(dispatch::fingerprint value) {
  return value.is_known() ? to_text(value) : "none";
}

const session_cursor* cursor_of(const hello& asked) {
  return std::get_if<session_cursor>(&asked.start);
}

/// A cursor and what is said beside it, or what there is, are two values of one thing.
template <class A, class B>
void check_same(status_code code, const char* what, const A& in_cursor, const char* of_other, const B& other,
                const char* way_out) {
  const auto text = [](const auto& value) {
    if constexpr (std::is_convertible_v<decltype(value), std::string>)
      return "'" + std::string{value} + "'";
    else
      return std::to_string(value);
  };
  if (in_cursor != other)
    throw refusal{code, std::string{"start.cursor: its "} + what + " is " + text(in_cursor) + ", and " + of_other
                          + " is " + text(other) + ": " + way_out};
}

constexpr const char* leave_out = "leave that out, or begin without this cursor";
constexpr const char* other_dataset = "the cursor is of another dataset, or the dataset has changed";

void check_cursor_with_hello(const session_cursor& cursor, const hello& asked) {
  constexpr auto code = status_code::invalid_argument;
  if (!asked.shuffle)
    return;
  if (!cursor.order.shuffle)
    throw refusal{code, std::string{"shuffle: start.cursor is of an order without a shuffle: "} + leave_out};
  check_same(code, "seed", cursor.order.shuffle->seed, "shuffle.seed", asked.shuffle->seed, leave_out);
  if (asked.shuffle->window)
    check_same(code, "window", cursor.order.shuffle->window, "shuffle.window", *asked.shuffle->window, leave_out);
  if (asked.shuffle->block)
    check_same(code, "block", cursor.order.block, "shuffle.block", *asked.shuffle->block, leave_out);
}

void check_cursor_with_dataset(const session_cursor& cursor, const dataset_description& description, bool is_counted) {
  constexpr auto code = status_code::failed_precondition;
  if (cursor.counts_samples() && is_counted)
    check_same(code, "number of samples", cursor.order.samples, "that of the dataset",
               std::int64_t{description.total_samples}, other_dataset);
  if (cursor.counts_samples() != is_counted)
    throw refusal{code, std::string{"start.cursor: it counts "} + (cursor.counts_samples() ? "samples" : "blocks")
                          + ", and the samples of dataset '" + description.dataset + "' can" + (is_counted ? "" : "not")
                          + " be counted: " + other_dataset};
  if (!cursor.fingerprint.may_be(fingerprint_of(description)))
    throw refusal{code, "start.cursor: its fingerprint is " + text_of(cursor.fingerprint)
                          + ", and that of the dataset is " + text_of(fingerprint_of(description)) + ": "
                          + other_dataset};
}

/// A shuffle and a shard need to know where each sample begins.
bool can_be_counted(const dataset_description& description) {
  const auto columns = columns_of(description);
  const auto fits = [](const session_column& each) {
    return each.row_bytes > 0 && each.row_bytes <= most_message_bytes;
  };
  return description.total_samples > 0 && std::all_of(columns.begin(), columns.end(), fits);
}

class planner {
public:
  planner(const hello& asked, const session_defaults& defaults, const dataset_description& description,
          const batch_layout& layout)
    : asked_(asked),
      defaults_(defaults),
      description_(description),
      layout_(layout) {}

  session_plan plan() {
    plan_.description = description_;
    plan_.fingerprint = fingerprint_of(description_);
    plan_.asked_block = block_of(asked_, defaults_);
    plan_.columns = columns_of(description_);
    const auto is_counted = layout_.is_known() && can_be_counted(description_);
    if (const auto* cursor = cursor_of(asked_))
      check_cursor_with_dataset(*cursor, description_, is_counted);
    choose_order(is_counted);
    choose_steps(is_counted);
    choose_place();
    choose_columns();
    check_steps();
    return std::move(plan_);
  }

private:
  void choose_order(bool is_counted) {
    if (const auto* cursor = cursor_of(asked_)) {
      if (is_counted)
        check_same(status_code::failed_precondition, "block", cursor->order.block, "that of the dataset service",
                   layout_.batch_samples(), "the service cuts its blocks in another way now");
      plan_.order = cursor->order;
      return;
    }
    plan_.order.samples = is_counted ? description_.total_samples : 0;
    plan_.order.block = is_counted ? layout_.batch_samples() : plan_.asked_block;
    if (!asked_.shuffle)
      return;
    if (!is_counted)
      throw refusal{status_code::failed_precondition, not_counted("shuffle")};
    if (asked_.shuffle->block && *asked_.shuffle->block != plan_.order.block)
      throw refusal{status_code::failed_precondition, "shuffle.block: got " + std::to_string(*asked_.shuffle->block)
                                                        + ", and the dataset service makes blocks of "
                                                        + std::to_string(plan_.order.block)
                                                        + " samples: ask for those"};
    plan_.order.shuffle = shuffle_spec{asked_.shuffle->seed, asked_.shuffle->window.value_or(default_window())};
  }

  std::int64_t default_window() const {
    const auto block_bytes = static_cast<std::uint64_t>(plan_.order.block) * row_bytes_of(plan_.columns);
    return std::max(static_cast<std::int64_t>(window_bytes / block_bytes), least_window);
  }

  void choose_steps(bool is_counted) {
    plan_.steps.shard = asked_.shard;
    plan_.steps.ends = asked_.ends;
    plan_.steps.batch_size = asked_.batch_size.value_or(is_counted ? defaults_.batch_size : plan_.order.block);
    if (is_counted)
      return;
    if (asked_.shard.count > 1)
      throw refusal{status_code::failed_precondition, not_counted("shard")};
    if (asked_.ends != epoch_end::uneven)
      throw refusal{status_code::failed_precondition, not_counted("ends")};
    if (!asked_.skips.empty())
      throw refusal{status_code::failed_precondition, not_counted("skip")};
    if (plan_.steps.batch_size != plan_.order.block)
      throw refusal{status_code::failed_precondition, not_counted("batch_size")};
  }

  std::string not_counted(const char* member) const {
    return std::string{member} + ": the samples of dataset '" + description_.dataset
           + "' cannot be counted, so it is served in whole blocks, in order, to one shard: leave this out, or let "
             "GetDatasetInfo describe total, shape and type of the samples";
  }

  void choose_place() {
    plan_.skips = asked_.skips;
    if (const auto* cursor = cursor_of(asked_)) {
      plan_.epoch = cursor->epoch;
      plan_.position = cursor->position;
      plan_.skips.insert(plan_.skips.end(), cursor->skips.begin(), cursor->skips.end());
    } else if (const auto* place = std::get_if<epoch_position>(&asked_.start)) {
      plan_.epoch = place->epoch;
      plan_.position = place->position;
    }
    plan_.skips = normalized(std::move(plan_.skips), plan_.epoch);
    if (plan_.skips.size() > most_skips)
      throw refusal{status_code::invalid_argument, "skip: there are " + std::to_string(plan_.skips.size())
                                                     + " ranges with those of the cursor; it takes at most "
                                                     + std::to_string(most_skips)};
    if (plan_.counts_samples())
      check_positions();
    if (plan_.epoch > most_epochs)
      throw refusal{status_code::out_of_range, "start.cursor: its epoch is " + std::to_string(plan_.epoch)
                                                 + "; a session takes epochs up to " + std::to_string(most_epochs)};
    if (asked_.epochs != std::optional<std::uint64_t>{0})
      plan_.end_epoch = asked_.epochs.value_or(plan_.epoch + 1);
    // Right at its end it has been given everything, and is told so.
    if (plan_.end_epoch && std::tie(plan_.epoch, plan_.position) > std::make_tuple(*plan_.end_epoch, std::int64_t{0}))
      throw refusal{status_code::out_of_range, "epochs: got " + std::to_string(*plan_.end_epoch)
                                                 + ", and the session begins in epoch " + std::to_string(plan_.epoch)
                                                 + ": epochs are counted from epoch 0, wherever a session begins"};
  }

  void check_positions() const {
    if (plan_.position > plan_.order.samples)
      throw refusal{status_code::out_of_range, "start.sample: got " + std::to_string(plan_.position)
                                                 + ", and the dataset has " + std::to_string(plan_.order.samples)
                                                 + " samples"};
    for (const auto& each : plan_.skips)
      if (each.positions.to > plan_.order.samples)
        throw refusal{status_code::out_of_range, "skip: got a range up to " + std::to_string(each.positions.to)
                                                   + ", and an epoch has " + std::to_string(plan_.order.samples)
                                                   + " positions"};
  }

  void choose_columns() {
    if (asked_.columns.empty()) {
      plan_.wanted_columns = plan_.columns;
      return;
    }
    for (const auto& name : asked_.columns) {
      const auto found = std::find_if(plan_.columns.begin(), plan_.columns.end(),
                                      [&](const session_column& each) { return each.name == name; });
      if (found == plan_.columns.end())
        throw refusal{status_code::not_found,
                      "columns: got '" + name + "'; dataset '" + description_.dataset + "' has " + names_of_columns()};
      plan_.wanted_columns.push_back(*found);
    }
  }

  std::string names_of_columns() const {
    std::string result;
    for (const auto& each : plan_.columns)
      result += (result.empty() ? "'" : ", '") + each.name + "'";
    return result;
  }

  void check_steps() const {
    if (!plan_.counts_samples())
      return;
    const auto most = std::min<std::uint64_t>(most_batch_bytes / row_bytes_of(plan_.columns), most_batch_rows);
    const auto is_padded = plan_.steps.ends == epoch_end::pad;
    const auto rows = is_padded ? plan_.steps.batch_size : std::min(plan_.steps.batch_size, plan_.order.samples);
    if (static_cast<std::uint64_t>(rows) > most)
      throw refusal{status_code::invalid_argument, "batch_size: got " + std::to_string(plan_.steps.batch_size)
                                                     + "; it takes at most " + std::to_string(most)
                                                     + " samples of this dataset: a batch has at most 256 MiB, and "
                                                     + std::to_string(most_batch_rows) + " rows"};
    const auto step = plan_.steps.batch_size * plan_.steps.shard.count;
    if (plan_.steps.ends == epoch_end::drop && step > plan_.order.samples)
      throw refusal{status_code::failed_precondition, "ends: with \"drop\" an epoch has no batch: a step takes "
                                                        + std::to_string(step) + " samples, and the dataset has "
                                                        + std::to_string(plan_.order.samples)
                                                        + ": ask for smaller batches, fewer shards, or other ends"};
  }

  const hello& asked_;
  const session_defaults& defaults_;
  const dataset_description& description_;
  const batch_layout& layout_;
  session_plan plan_;
};

} // namespace

std::uint64_t session_plan::batch_bytes() const noexcept {
  return counts_samples() ? static_cast<std::uint64_t>(steps.batch_size) * row_bytes_of(columns) : 0;
}

std::int64_t session_plan::batches_of_epoch() const {
  return epoch_steps{left_positions{order.samples, {}}, steps, 0}.batches();
}

session_cursor session_plan::cursor_at(std::uint64_t at_epoch, std::int64_t at_position) const {
  return {dataset(), fingerprint, order, at_epoch, at_position, skips};
}

std::variant<std::string, failure> dataset_of(const hello& asked, const session_defaults& defaults) {
  const auto* cursor = cursor_of(asked);
  if (cursor == nullptr)
    return asked.dataset.value_or(defaults.dataset);
  try {
    check_same(status_code::invalid_argument, "dataset", cursor->dataset, "dataset",
               asked.dataset.value_or(cursor->dataset), leave_out);
    check_cursor_with_hello(*cursor, asked);
    return cursor->dataset;
  } catch (const refusal& reason) {
    return failure{reason.code, reason.message};
  }
}

std::int32_t block_of(const hello& asked, const session_defaults& defaults) {
  if (const auto* cursor = cursor_of(asked))
    return static_cast<std::int32_t>(cursor->order.block);
  if (asked.shuffle && asked.shuffle->block)
    return static_cast<std::int32_t>(*asked.shuffle->block);
  return defaults.batch_size;
}

std::variant<session_plan, failure> plan_session(const hello& asked, const session_defaults& defaults,
                                                 const dataset_description& description, const batch_layout& layout) {
  try {
    return planner{asked, defaults, description, layout}.plan();
  } catch (const refusal& reason) {
    return failure{reason.code, reason.message};
  }
}

} // namespace dispatch::policy
