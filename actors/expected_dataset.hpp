#pragma once

#include <functional>
#include <string>
#include <vector>

#include "actors/policy/dataset_question.hpp"
#include "messages/batch_cache.hpp"
#include "messages/event_log.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/run_clock.hpp"
#include "messages/status_code.hpp"

namespace dispatch {

/// The part of the batch cache that finds out before the first consumer comes whether upstreams know the dataset that
/// consumers get. It asks the pool like a pass does, so what one upstream refuses is asked of the others (ADR 24). When
/// to ask is decided by `policy::dataset_question`.
class expected_dataset {
public:
  struct options {
    /// Empty: nothing is asked.
    std::string dataset;
    /// As configured, for people.
    std::vector<std::string> upstreams;
    /// Whether each new connection is a reason to ask, also where the dataset is known: it may have become another.
    bool asks_anew = false;
    /// Time passes as it was run; null: all was.
    run_clock_ptr ran = nullptr;
  };

  /// @param on_described called with what an upstream says of the dataset
  expected_dataset(batch_cache_actor::pointer self, options opts, fetcher_pool_actor pool, event_log_ptr log,
                   std::function<void(const described_dataset&)> on_described);

  /// An upstream may have a new connection.
  void connected();

  /// Asks what is due.
  void on_tick();

  /// An upstream has described a dataset or has given a batch of it.
  void given(const std::string& dataset);

  /// A dataset was not described.
  void not_described(const std::string& dataset, const failure& reason);

  /// Says that no upstream knows the dataset, and what they answered; empty where that is not so, or not known yet.
  std::string trouble() const;

private:
  void ask();
  void note_unknown(const failure& reason);
  deadline now() const;

  batch_cache_actor::pointer self_;
  options options_;
  fetcher_pool_actor pool_;
  event_log_ptr log_;
  std::function<void(const described_dataset&)> on_described_;
  policy::dataset_question question_;
};

} // namespace dispatch
