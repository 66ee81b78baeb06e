#include "dataset/batch_message.hpp"

#include "dataset/sample_order.hpp"

#include <algorithm>

namespace dispatch::dataset {

namespace {

void copy_batch(const sample_array& samples, const std::vector<std::int32_t>& order, std::int32_t batch_size,
                std::int32_t index, std::string& out) {
  if (order.empty())
    out.assign(samples.batch(batch_size, index));
  else
    copy_batch_in_order(samples, order, batch_size, index, out);
}

void drop_last_sample(std::string& bytes, const sample_array& samples) {
  if (bytes.size() >= samples.sample_bytes())
    bytes.resize(bytes.size() - samples.sample_bytes());
}

/// Bytes of a message besides those of the samples, at most.
std::uint64_t framing_bytes(const sample_table& table) {
  // Tags, sizes and numbers of the message and of each column take less than this.
  constexpr std::uint64_t of_message = 1024;
  constexpr std::uint64_t of_column = 32;
  auto bytes = of_message;
  for (const auto& column : table.columns())
    bytes += of_column + column.name.size();
  return bytes;
}

} // namespace

void fill_batch(const sample_table& table, const std::vector<std::int32_t>& order, std::int32_t batch_size,
                std::int32_t index, ::dataset_service::DataBatch& message) {
  copy_batch(table.data(), order, batch_size, index, *message.mutable_data());
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const auto& column = table.columns()[i];
    const auto at = static_cast<int>(i);
    auto& sent = at < message.columns_size() ? *message.mutable_columns(at) : *message.add_columns();
    sent.set_name(column.name);
    copy_batch(column.samples, order, batch_size, index, *sent.mutable_data());
  }
}

void distort(::dataset_service::DataBatch& message, const distortion& changes, const sample_table& table) {
  if (changes.empty) {
    message.clear_data();
    for (auto& column : *message.mutable_columns())
      column.clear_data();
  }
  if (changes.is_short) {
    drop_last_sample(*message.mutable_data(), table.data());
    for (auto i = 0; i < message.columns_size(); ++i)
      drop_last_sample(*message.mutable_columns(i)->mutable_data(),
                       table.columns()[static_cast<std::size_t>(i)].samples);
  }
  if (changes.misnumbered)
    message.set_batch_index(message.batch_index() + 1);
  if (changes.marked_last)
    message.set_is_last_batch(*changes.marked_last);
}

void fill_description(const sample_table& table, ::dataset_service::DatasetInfo& message) {
  const auto& data = table.data();
  message.set_total_samples(data.total_samples());
  message.mutable_sample_shape()->Assign(data.sample_shape().begin(), data.sample_shape().end());
  message.set_data_type(data.type_name());
  message.set_data_name(table.data_name());
  for (const auto& column : table.columns()) {
    auto& said = *message.add_columns();
    said.set_name(column.name);
    said.mutable_shape()->Assign(column.samples.sample_shape().begin(), column.samples.sample_shape().end());
    said.set_data_type(column.samples.type_name());
  }
}

std::optional<std::string> problem_of_size(const sample_table& table, std::int32_t batch_size, std::uint64_t limit) {
  const auto samples = static_cast<std::uint64_t>(std::min(batch_size, table.data().total_samples()));
  const auto largest = table.sample_bytes() * samples;
  const auto most = limit - framing_bytes(table);
  if (largest <= most)
    return std::nullopt;
  return "a batch of " + std::to_string(batch_size) + " samples takes " + std::to_string(largest)
         + " bytes, but a message holds " + std::to_string(most);
}

} // namespace dispatch::dataset
