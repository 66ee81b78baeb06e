#include "wire/batch.hpp"

#include <algorithm>
#include <utility>

#include "wire/classic_codec.hpp"

namespace dispatch {

namespace {

/// What a batch takes besides its bytes, about: the object, its slices, and its place in a cache.
constexpr std::size_t overhead = 384;

std::size_t bytes_of(const received_batch& from) {
  std::size_t sum = 0;
  for (const auto& each : from.columns)
    sum += each.bytes.size();
  return sum;
}

} // namespace

batch::batch(received_batch from)
  : index_(from.index),
    marked_last_(from.marked_last),
    data_bytes_(from.data_bytes()),
    received_bytes_(bytes_of(from)),
    received_(std::make_shared<const received_batch>(std::move(from))) {}

batch::~batch() {
  if (text_bytes_ != nullptr)
    *text_bytes_ -= text_.size();
}

std::size_t batch::footprint() const {
  const std::lock_guard guard{mutex_};
  return overhead
         + (text_bytes_ != nullptr ? received_bytes_
                                   : std::max(received_bytes_, classic_text_size(index_, data_bytes_)));
}

bool batch::keep_received(const text_bytes_ptr& text_bytes) const {
  const std::lock_guard guard{mutex_};
  if (received_ == nullptr)
    return false;
  if (text_bytes_ == nullptr)
    text_bytes_ = text_bytes;
  return true;
}

std::shared_ptr<const received_batch> batch::received() const {
  const std::lock_guard guard{mutex_};
  return received_;
}

shared_bytes batch::classic_text() const {
  const std::lock_guard guard{mutex_};
  if (!has_text_) {
    text_ = encode_classic_text(*received_);
    has_text_ = true;
    if (text_bytes_ != nullptr)
      *text_bytes_ += text_.size();
    else
      received_.reset();
  }
  return text_;
}

} // namespace dispatch
