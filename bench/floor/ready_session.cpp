#include "bench/floor/ready_session.hpp"

#include <memory>
#include <utility>

#include "bench/floor/bundled_table.hpp"
#include "wire/session/batch_encoder.hpp"
#include "wire/session/cursor.hpp"
#include "wire/session/server_lines.hpp"
#include "wire/session/session_column.hpp"

namespace dispatch::bench {

namespace {

dataset_description describe(const std::string& name, const dataset::sample_table& table) {
  const auto& data = table.data();
  dataset_description result{name, data.total_samples(), data.sample_shape(), data.type_name(), table.data_name()};
  for (const auto& each : table.columns())
    result.columns.push_back({each.name, each.samples.sample_shape(), each.samples.type_name()});
  return result;
}

/// Makes the frames of a session one after the other.
class session_maker {
public:
  session_maker(const std::string& name, std::int32_t batch_size)
    : table_(bundled_table(name)),
      batch_size_(batch_size),
      batches_(table_->data().batch_count(batch_size)),
      description_(describe(name, *table_)),
      columns_(columns_of(description_)),
      encoder_(columns_, {payload_form::raw, false}) {
    for (std::int32_t i = 0; i < batches_; ++i)
      received_.push_back(receive(i));
  }

  void add_welcome(std::uint64_t epochs) {
    add_line(encode_welcome({"floor",
                             description_.dataset,
                             fingerprint_of(description_),
                             samples(),
                             batches_,
                             batch_size_,
                             epochs,
                             order(),
                             {},
                             columns_,
                             to_text(place(0, 0))}));
  }

  void add_epoch(std::uint64_t epoch) {
    const cursor_writer cursors{place(epoch, 0)};
    for (std::int32_t i = 0; i < batches_; ++i) {
      const auto rows = table_->data().batch_samples(batch_size_, i);
      const auto position = std::int64_t{i} * batch_size_;
      pieces parts;
      encoder_.encode({sequence_++, epoch, position, rows, cursors.text(position + rows)}, received_[index(i)], parts);
      if (payloads_.size() == index(i))
        payloads_.push_back(joined(parts));
      frames_.push_back({parts.front().bytes, payloads_[index(i)]});
    }
    add_line(encode_epoch(epoch, given(1), to_text(place(epoch + 1, 0))));
  }

  void add_end(std::uint64_t epochs) { add_line(encode_eof(given(epochs), to_text(place(epochs, 0)))); }

  std::vector<ready_frame> take() { return std::move(frames_); }

private:
  static std::size_t index(std::int32_t i) { return static_cast<std::size_t>(i); }

  std::int64_t samples() const { return table_->data().total_samples(); }

  order_spec order() const { return {samples(), batch_size_, std::nullopt}; }

  session_cursor place(std::uint64_t epoch, std::int64_t position) const {
    return {description_.dataset, fingerprint_of(description_), order(), epoch, position, {}};
  }

  session_tally given(std::uint64_t epochs) const {
    return {epochs * static_cast<std::uint64_t>(batches_), epochs * static_cast<std::uint64_t>(samples())};
  }

  std::shared_ptr<const received_batch> receive(std::int32_t i) const {
    received_batch result{i, false, {{{}, received_bytes{std::string{table_->data().batch(batch_size_, i)}}}}};
    for (const auto& each : table_->columns())
      result.columns.push_back({each.name, received_bytes{std::string{each.samples.batch(batch_size_, i)}}});
    return std::make_shared<const received_batch>(std::move(result));
  }

  /// All behind the line.
  static shared_bytes joined(const pieces& parts) {
    std::string bytes;
    for (auto part = parts.begin() + 1; part != parts.end(); ++part)
      bytes.append(part->bytes.view());
    return shared_bytes{std::move(bytes)};
  }

  void add_line(std::string line) { frames_.push_back({shared_bytes{std::move(line)}, {}}); }

  std::shared_ptr<const dataset::sample_table> table_;
  std::int32_t batch_size_;
  std::int32_t batches_;
  dataset_description description_;
  std::vector<session_column> columns_;
  batch_encoder encoder_;
  std::vector<std::shared_ptr<const received_batch>> received_;
  std::vector<shared_bytes> payloads_;
  std::vector<ready_frame> frames_;
  std::uint64_t sequence_ = 0;
};

} // namespace

std::vector<ready_frame> encode_session(const std::string& name, std::int32_t batch_size, std::uint64_t epochs) {
  session_maker maker{name, batch_size};
  maker.add_welcome(epochs);
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch)
    maker.add_epoch(epoch);
  maker.add_end(epochs);
  return maker.take();
}

} // namespace dispatch::bench
