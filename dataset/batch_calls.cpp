#include "dataset/batch_calls.hpp"

#include "dataset/sample_order.hpp"

#include <cstddef>
#include <utility>

namespace dispatch::dataset {

namespace {

void distort(::dataset_service::DataBatch& batch, const distortion& changes, std::size_t sample_bytes) {
  if (changes.empty)
    batch.clear_data();
  if (changes.is_short && batch.data().size() >= sample_bytes)
    batch.mutable_data()->resize(batch.data().size() - sample_bytes);
  if (changes.misnumbered)
    batch.set_batch_index(batch.batch_index() + 1);
  if (changes.marked_last)
    batch.set_is_last_batch(*changes.marked_last);
}

} // namespace

get_batch_call::get_batch_call(fault_injector& faults, std::shared_ptr<const sample_array> samples,
                               std::int32_t batch_size, std::int32_t batch_index, ::dataset_service::DataBatch& reply)
  : samples_(std::move(samples)),
    batch_size_(batch_size),
    batch_index_(batch_index),
    reply_(reply) {
  faults.next_batch(wait_, batch_index_,
                    [this](const grpc::Status& status, const distortion& changes) { answer(status, changes); });
}

void get_batch_call::answer(const grpc::Status& status, const distortion& changes) {
  if (status.ok()) {
    auto bytes = samples_->batch(batch_size_, batch_index_);
    reply_.set_data(bytes.data(), bytes.size());
    reply_.set_batch_index(batch_index_);
    reply_.set_is_last_batch(batch_index_ + 1 == samples_->batch_count(batch_size_));
    distort(reply_, changes, samples_->sample_bytes());
  }
  Finish(status);
}

stream_batches_call::stream_batches_call(fault_injector& faults, std::shared_ptr<const sample_array> samples,
                                         std::int32_t batch_size, std::int32_t batches, std::vector<std::int32_t> order)
  : faults_(faults),
    samples_(std::move(samples)),
    batch_size_(batch_size),
    batches_(batches),
    order_(std::move(order)) {
  next();
}

void stream_batches_call::next() {
  if (sent_ == batches_)
    return Finish(grpc::Status::OK);
  faults_.next_batch(wait_, sent_,
                     [this](const grpc::Status& status, const distortion& changes) { send(status, changes); });
}

void stream_batches_call::send(const grpc::Status& status, const distortion& changes) {
  if (!status.ok())
    return Finish(status);
  if (order_.empty()) {
    auto bytes = samples_->batch(batch_size_, sent_);
    batch_.set_data(bytes.data(), bytes.size());
  } else {
    copy_batch_in_order(*samples_, order_, batch_size_, sent_, *batch_.mutable_data());
  }
  batch_.set_batch_index(sent_);
  batch_.set_is_last_batch(++sent_ == batches_);
  distort(batch_, changes, samples_->sample_bytes());
  StartWrite(&batch_);
}

void stream_batches_call::OnWriteDone(bool ok) {
  if (ok)
    next();
  else
    Finish({grpc::StatusCode::CANCELLED, "the client is gone"});
}

} // namespace dispatch::dataset
