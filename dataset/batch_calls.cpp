#include "dataset/batch_calls.hpp"

#include "dataset/batch_message.hpp"

#include <utility>

namespace dispatch::dataset {

get_batch_call::get_batch_call(fault_injector& faults, std::shared_ptr<const sample_table> table,
                               std::int32_t batch_size, std::int32_t batch_index, ::dataset_service::DataBatch& reply)
  : table_(std::move(table)),
    batch_size_(batch_size),
    batch_index_(batch_index),
    reply_(reply) {
  faults.next_batch(wait_, batch_index_,
                    [this](const grpc::Status& status, const distortion& changes) { answer(status, changes); });
}

void get_batch_call::answer(const grpc::Status& status, const distortion& changes) {
  if (status.ok()) {
    fill_batch(*table_, {}, batch_size_, batch_index_, reply_);
    reply_.set_batch_index(batch_index_);
    reply_.set_is_last_batch(batch_index_ + 1 == table_->data().batch_count(batch_size_));
    distort(reply_, changes, *table_);
  }
  Finish(status);
}

stream_batches_call::stream_batches_call(fault_injector& faults, std::shared_ptr<const sample_table> table,
                                         std::int32_t batch_size, std::int32_t batches, std::vector<std::int32_t> order)
  : faults_(faults),
    table_(std::move(table)),
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
  fill_batch(*table_, order_, batch_size_, sent_, batch_);
  batch_.set_batch_index(sent_);
  batch_.set_is_last_batch(++sent_ == batches_);
  distort(batch_, changes, *table_);
  StartWrite(&batch_);
}

void stream_batches_call::OnWriteDone(bool ok) {
  if (ok)
    next();
  else
    Finish({grpc::StatusCode::CANCELLED, "the client is gone"});
}

} // namespace dispatch::dataset
