#include "wire/batch.hpp"

#include <algorithm>
#include <utility>

#include "wire/classic_codec.hpp"

namespace dispatch {

namespace {

/// What a batch takes besides its bytes, about: the object, its slices, and its place in a cache.
constexpr std::size_t overhead = 384;

std::size_t footprint_of(const received_batch& from) {
  std::size_t received = 0;
  for (const auto& each : from.columns)
    received += each.bytes.size();
  return overhead + std::max(received, classic_text_size(from.index, from.data_bytes()));
}

} // namespace

batch::batch(received_batch from)
  : index_(from.index),
    marked_last_(from.marked_last),
    data_bytes_(from.data_bytes()),
    footprint_(footprint_of(from)),
    received_(std::make_shared<const received_batch>(std::move(from))) {}

std::shared_ptr<const received_batch> batch::received() const {
  const std::lock_guard guard{mutex_};
  return received_;
}

shared_bytes batch::classic_text() const {
  const std::lock_guard guard{mutex_};
  if (received_ != nullptr) {
    text_ = encode_classic_text(*received_);
    received_.reset();
  }
  return text_;
}

} // namespace dispatch
