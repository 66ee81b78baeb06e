#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "wire/batch.hpp"

namespace dispatch::test {

/// A batch whose samples came in one slice.
inline received_batch receive(std::int32_t index, bool marked_last, std::string data) {
  return {index, marked_last, {{{}, received_bytes{std::move(data)}}}};
}

inline batch_ptr make_batch(std::int32_t index, bool marked_last, std::string data) {
  return std::make_shared<const batch>(receive(index, marked_last, std::move(data)));
}

/// A batch with one more column.
inline received_batch with_column(received_batch batch, std::string name, std::string bytes) {
  batch.columns.push_back({std::move(name), received_bytes{std::move(bytes)}});
  return batch;
}

/// All samples of a batch.
inline std::string data_of(const received_batch& from) {
  const auto& data = from.columns.at(0).bytes;
  return data.prefix(data.size());
}

/// The classic text of such a batch.
inline std::string classic_text(std::int32_t index, std::string data) {
  return std::string{make_batch(index, false, std::move(data))->classic_text().view()};
}

} // namespace dispatch::test
