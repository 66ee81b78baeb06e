#include "dataset/dataset_service.hpp"

#include "dataset/batch_calls.hpp"
#include "dataset/batch_message.hpp"
#include "dataset/sample_order.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace dispatch::dataset {

namespace {

constexpr std::uint64_t shuffle_seed = 0x73687566666c65u; // "shuffle"

/// A stream that ends before its first batch.
class refused_stream final : public grpc::ServerWriteReactor<::dataset_service::DataBatch> {
public:
  explicit refused_stream(grpc::Status reason) { Finish(std::move(reason)); }
  void OnDone() override { delete this; }
};

grpc::ServerUnaryReactor* finish(grpc::CallbackServerContext& context, grpc::Status status) {
  auto* reactor = context.DefaultReactor();
  reactor->Finish(std::move(status));
  return reactor;
}

std::string quantity(std::size_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (auto& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

grpc::Status check_batch_size(const sample_table& table, std::int32_t batch_size) {
  if (batch_size < 1)
    return {grpc::StatusCode::INVALID_ARGUMENT,
            "batch_size is " + std::to_string(batch_size) + ", but must be at least 1"};
  if (auto problem = problem_of_size(table, batch_size))
    return {grpc::StatusCode::INVALID_ARGUMENT, std::move(*problem)};
  return grpc::Status::OK;
}

grpc::Status check_batch_index(const sample_array& samples, const ::dataset_service::GetBatchRequest& request,
                               std::int32_t batch_size) {
  auto count = samples.batch_count(batch_size);
  if (request.batch_index() >= 0 && request.batch_index() < count)
    return grpc::Status::OK;
  return {grpc::StatusCode::OUT_OF_RANGE,
          "batch_index is " + std::to_string(request.batch_index()) + ", but '" + request.dataset_name() + "' has "
            + quantity(static_cast<std::size_t>(samples.total_samples()), "sample") + ", in batches of "
            + std::to_string(batch_size) + " indexes from 0 to " + std::to_string(count - 1)};
}

grpc::Status check_max_batches(std::int32_t max_batches) {
  if (max_batches >= 0)
    return grpc::Status::OK;
  return {grpc::StatusCode::INVALID_ARGUMENT,
          "max_batches is " + std::to_string(max_batches) + ", but must be 0 (all) or more"};
}

} // namespace

dataset_service::dataset_service(dataset_catalog catalog, const fault_plan& faults, bool serving)
  : catalog_(std::move(catalog)),
    undescribed_(faults.undescribed),
    own_batch_(faults.own_batch),
    faults_(faults),
    serving_(serving) {}

grpc::Status dataset_service::not_found(const std::string& name) const {
  // A name is quoted only as far as it can be one: the status travels in a header of limited size.
  auto asked =
    name.size() <= 100 ? "no dataset '" + name + "'" : "no dataset with a name of " + quantity(name.size(), "byte");
  auto there = catalog_.empty() ? "there are none" : "there are: " + join(catalog_.names());
  return {grpc::StatusCode::NOT_FOUND, asked + "; " + there};
}

grpc::ServerUnaryReactor* dataset_service::GetBatch(grpc::CallbackServerContext* context,
                                                    const ::dataset_service::GetBatchRequest* request,
                                                    ::dataset_service::DataBatch* reply) {
  ++get_batch_calls_;
  auto table = catalog_.find(request->dataset_name());
  if (!table)
    return finish(*context, not_found(request->dataset_name()));
  const auto batch_size = own_batch_.value_or(request->batch_size());
  auto status = check_batch_size(*table, batch_size);
  if (status.ok())
    status = check_batch_index(table->data(), *request, batch_size);
  if (!status.ok())
    return finish(*context, std::move(status));
  return new get_batch_call(faults_, std::move(table), batch_size, request->batch_index(), *reply);
}

grpc::ServerWriteReactor<::dataset_service::DataBatch>*
dataset_service::StreamBatches(grpc::CallbackServerContext*, const ::dataset_service::StreamBatchesRequest* request) {
  ++stream_batches_calls_;
  auto table = catalog_.find(request->dataset_name());
  if (!table)
    return new refused_stream(not_found(request->dataset_name()));
  const auto batch_size = own_batch_.value_or(request->batch_size());
  auto status = check_batch_size(*table, batch_size);
  if (status.ok())
    status = check_max_batches(request->max_batches());
  if (!status.ok())
    return new refused_stream(std::move(status));
  auto batches = table->data().batch_count(batch_size);
  if (request->max_batches() != 0)
    batches = std::min(batches, request->max_batches());
  std::vector<std::int32_t> order;
  if (request->shuffle())
    order = shuffled_order(table->data().total_samples(), shuffle_seed + shuffled_streams_.fetch_add(1));
  return new stream_batches_call(faults_, std::move(table), batch_size, batches, std::move(order));
}

grpc::ServerUnaryReactor* dataset_service::GetDatasetInfo(grpc::CallbackServerContext* context,
                                                          const ::dataset_service::GetDatasetInfoRequest* request,
                                                          ::dataset_service::DatasetInfo* reply) {
  ++get_dataset_info_calls_;
  if (undescribed_)
    return finish(*context, {grpc::StatusCode::UNIMPLEMENTED, "made not to describe"});
  auto table = catalog_.find(request->dataset_name());
  if (!table)
    return finish(*context, not_found(request->dataset_name()));
  reply->set_dataset_name(request->dataset_name());
  fill_description(*table, *reply);
  reply->set_is_available(true);
  return finish(*context, grpc::Status::OK);
}

grpc::ServerUnaryReactor* dataset_service::HealthCheck(grpc::CallbackServerContext* context,
                                                       const ::dataset_service::HealthCheckRequest*,
                                                       ::dataset_service::HealthCheckResponse* reply) {
  ++health_check_calls_;
  auto names = catalog_.names();
  reply->set_status(serving_ ? "SERVING" : "NOT_SERVING");
  reply->set_message(quantity(names.size(), "dataset") + (names.empty() ? "" : ": " + join(names)));
  return finish(*context, grpc::Status::OK);
}

call_counts dataset_service::calls() const noexcept {
  return {get_batch_calls_, stream_batches_calls_, get_dataset_info_calls_, health_check_calls_};
}

} // namespace dispatch::dataset
