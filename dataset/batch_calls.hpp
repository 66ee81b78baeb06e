#pragma once

#include "dataset/call_wait.hpp"
#include "dataset/fault_injector.hpp"
#include "dataset/sample_table.hpp"

#include "dataset_service.pb.h"

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace dispatch::dataset {

/// A valid GetBatch call. Belongs to itself: gRPC says when it is over.
class get_batch_call final : public grpc::ServerUnaryReactor {
public:
  /// @param reply lives as long as the call
  get_batch_call(fault_injector& faults, std::shared_ptr<const sample_table> table, std::int32_t batch_size,
                 std::int32_t batch_index, ::dataset_service::DataBatch& reply);

  void OnCancel() override { wait_.interrupt(); }
  void OnDone() override { delete this; }

private:
  void answer(const grpc::Status& status, const distortion& changes);

  std::shared_ptr<const sample_table> table_;
  std::int32_t batch_size_;
  std::int32_t batch_index_;
  ::dataset_service::DataBatch& reply_;
  call_wait wait_;
};

/// A valid StreamBatches call. Belongs to itself: gRPC says when it is over.
class stream_batches_call final : public grpc::ServerWriteReactor<::dataset_service::DataBatch> {
public:
  /// @param batches how many to send, from the first one
  /// @param order of the samples; empty: their own
  stream_batches_call(fault_injector& faults, std::shared_ptr<const sample_table> table, std::int32_t batch_size,
                      std::int32_t batches, std::vector<std::int32_t> order);

  void OnWriteDone(bool ok) override;
  void OnCancel() override { wait_.interrupt(); }
  void OnDone() override { delete this; }

private:
  void next();
  void send(const grpc::Status& status, const distortion& changes);

  fault_injector& faults_;
  std::shared_ptr<const sample_table> table_;
  std::int32_t batch_size_;
  std::int32_t batches_;
  std::int32_t sent_ = 0;
  std::vector<std::int32_t> order_;
  ::dataset_service::DataBatch batch_;
  call_wait wait_;
};

} // namespace dispatch::dataset
