#include "actors/session/order_directory.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace dispatch {

order_directory_state::order_directory_state(order_directory_actor::pointer self, order_directory_options options,
                                             batch_provider source, event_log_ptr log)
  : self_(self),
    options_(std::move(options)),
    source_(std::move(source)),
    log_(std::move(log)),
    metrics_(self->system().metrics()),
    started_at_(self->clock().now()) {}

order_directory_actor::behavior_type order_directory_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) { on_down(msg); });
  return {
    [this](const open_order& request) { return on_open(request); },
    [this](get_orders_report) { return on_get_report(); },
  };
}

opened_order order_directory_state::on_open(const open_order& request) {
  const auto found = orders_.find(request.key);
  const auto& order = found != orders_.end() ? found->second : start(request);
  self_->send(order.assembler, join_order{request.taker});
  return {order.assembler};
}

const order_directory_state::running& order_directory_state::start(const open_order& request) {
  const auto started = self_->spawn<assembler_impl>(options_.assembler, request.key, request.columns, source_);
  self_->monitor(started);
  const auto& order = orders_.emplace(request.key, running{started, exceeds_cache(request)}).first->second;
  metrics_.orders->inc();
  if (order.exceeds_cache)
    metrics_.exceeding_cache->inc();
  return order;
}

bool order_directory_state::exceeds_cache(const open_order& request) const {
  const auto row_bytes = row_bytes_of(request.columns);
  const auto& order = request.key.order;
  const auto bytes = static_cast<std::uint64_t>(order.samples) * row_bytes;
  if (!order.shuffle || bytes <= options_.cache_bytes)
    return false;
  // A window may have more blocks than can be counted in samples.
  const auto block_count = (order.samples - 1) / order.block + 1;
  const auto in_windows = 2 * std::min(std::min(order.shuffle->window, block_count) * order.block, order.samples);
  log_->write(severity::warning, "order_exceeds_cache",
              {{"dataset", request.key.dataset},
               {"seed", order.shuffle->seed},
               {"dataset_mb", bytes >> 20},
               {"cache_mb", options_.cache_bytes >> 20},
               {"window_mb", (static_cast<std::uint64_t>(in_windows) * row_bytes) >> 20}});
  return true;
}

orders_report order_directory_state::on_get_report() {
  orders_report result;
  result.actor = row_of(self_, name, "serving", started_at_);
  for (const auto& [key, order] : orders_)
    result.orders.push_back(
      {order.assembler,
       key.dataset + (key.order.shuffle ? " seed " + std::to_string(key.order.shuffle->seed) : std::string{})});
  return result;
}

void order_directory_state::on_down(const caf::down_msg& msg) {
  const auto found = std::find_if(orders_.begin(), orders_.end(),
                                  [&](const auto& each) { return each.second.assembler.address() == msg.source; });
  if (found == orders_.end())
    return;
  if (msg.reason)
    log_->write(severity::error, "assembler_failed",
                {{"dataset", found->first.dataset}, {"message", caf::to_string(msg.reason)}});
  metrics_.orders->dec();
  if (found->second.exceeds_cache)
    metrics_.exceeding_cache->dec();
  orders_.erase(found);
}

} // namespace dispatch
