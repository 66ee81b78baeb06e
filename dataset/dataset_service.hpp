#pragma once

#include "dataset/dataset_catalog.hpp"
#include "dataset/fault_injector.hpp"
#include "dataset/fault_plan.hpp"

#include "dataset_service.grpc.pb.h"

#include <atomic>
#include <cstdint>

namespace dispatch::dataset {

/// How often each method was called, refused and failed calls included.
struct call_counts {
  std::uint64_t get_batch = 0;
  std::uint64_t stream_batches = 0;
  std::uint64_t get_dataset_info = 0;
  std::uint64_t health_check = 0;
};

/// The dataset service of proto/dataset_service.proto over a catalog of arrays in memory. Calls that wait
/// hold no thread.
///
/// Refusals: NOT_FOUND for a dataset that is not in the catalog (the message names those that are),
/// INVALID_ARGUMENT for a batch size below 1, a batch of more bytes than a message can hold or a negative
/// max_batches, OUT_OF_RANGE for a batch index outside the dataset (the message names the valid ones).
class dataset_service final : public ::dataset_service::DatasetService::CallbackService {
public:
  /// @param serving what HealthCheck says at first; see set_serving
  explicit dataset_service(dataset_catalog catalog, const fault_plan& faults = {}, bool serving = true);

  /// One batch in the samples' own order. Its is_last_batch says that it is the last one of the dataset.
  grpc::ServerUnaryReactor* GetBatch(grpc::CallbackServerContext* context,
                                     const ::dataset_service::GetBatchRequest* request,
                                     ::dataset_service::DataBatch* reply) override;

  /// All batches, or the first max_batches of them when that is not 0. Their indexes count from 0, shuffled
  /// or not; is_last_batch marks the last one that is sent, also where max_batches cuts the stream short.
  /// Each shuffled stream has an order of its own: the n-th one of a service's life is the same in every
  /// life.
  grpc::ServerWriteReactor<::dataset_service::DataBatch>*
  StreamBatches(grpc::CallbackServerContext* context, const ::dataset_service::StreamBatchesRequest* request) override;

  grpc::ServerUnaryReactor* GetDatasetInfo(grpc::CallbackServerContext* context,
                                           const ::dataset_service::GetDatasetInfoRequest* request,
                                           ::dataset_service::DatasetInfo* reply) override;

  /// SERVING or NOT_SERVING.
  grpc::ServerUnaryReactor* HealthCheck(grpc::CallbackServerContext* context,
                                        const ::dataset_service::HealthCheckRequest* request,
                                        ::dataset_service::HealthCheckResponse* reply) override;

  /// Changes what HealthCheck says, and nothing else: the other methods answer in any case.
  void set_serving(bool serving) noexcept { serving_ = serving; }

  /// Ends the calls that the plan made hang, and lets none hang from now on, so that a server can stop.
  void end_hung_calls() { faults_.end_hung_calls(); }

  call_counts calls() const noexcept;

private:
  grpc::Status not_found(const std::string& name) const;

  dataset_catalog catalog_;
  bool undescribed_;
  std::optional<std::int32_t> own_batch_;
  fault_injector faults_;
  std::atomic<bool> serving_;
  std::atomic<std::uint64_t> shuffled_streams_{0};
  std::atomic<std::uint64_t> get_batch_calls_{0};
  std::atomic<std::uint64_t> stream_batches_calls_{0};
  std::atomic<std::uint64_t> get_dataset_info_calls_{0};
  std::atomic<std::uint64_t> health_check_calls_{0};
};

} // namespace dispatch::dataset
