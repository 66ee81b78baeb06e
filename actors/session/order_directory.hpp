#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <vector>

#include "actors/metrics.hpp"
#include "actors/session/assembler.hpp"
#include "messages/assembler.hpp"
#include "messages/batch_provider.hpp"
#include "messages/event_log.hpp"

namespace dispatch {

struct order_directory_options {
  assembler_options assembler;
  /// What the batch cache may hold, in bytes.
  std::size_t cache_bytes = 0;
};

/// See `order_directory_actor`.
class order_directory_state {
public:
  static inline const char* name = "order_directory";

  order_directory_state(order_directory_actor::pointer self, order_directory_options options, batch_provider source,
                        event_log_ptr log);

  order_directory_actor::behavior_type make_behavior();

private:
  opened_order on_open(const open_order& request);
  orders_report on_get_report();
  /// An order that is read.
  struct running {
    assembler_actor assembler;
    bool exceeds_cache = false;
  };

  const running& start(const open_order& request);
  /// Whether it is shuffled, and of more than the cache holds. Says so once for an order.
  bool exceeds_cache(const open_order& request) const;
  void on_down(const caf::down_msg& msg);

  order_directory_actor::pointer self_;
  order_directory_options options_;
  batch_provider source_;
  event_log_ptr log_;
  std::map<order_key, running> orders_;
  order_metrics metrics_;
  std::chrono::steady_clock::time_point started_at_;
};

using order_directory_impl = order_directory_actor::stateful_impl<order_directory_state>;

} // namespace dispatch
