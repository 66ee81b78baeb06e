#pragma once

#include <caf/event_based_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "messages/assembler.hpp"
#include "messages/batch_provider.hpp"
#include "messages/fetcher_pool.hpp"
#include "tests/support/numbered_dataset.hpp"

namespace dispatch::test {

/// What a batch provider was asked for; what is not at hand is answered by the test.
struct block_record {
  numbered_dataset dataset;
  std::vector<describe_dataset> described;
  std::vector<caf::typed_response_promise<dataset_description>> descriptions;
  std::vector<want_batches> questions;
  /// Who waits for a block.
  std::multimap<std::int32_t, batch_taker_actor> wanted;
  /// Whether all blocks need no fetching.
  bool has_all = false;

  std::vector<std::int32_t> requested() const {
    std::vector<std::int32_t> result;
    for (const auto& [index, taker] : wanted)
      result.push_back(index);
    return result;
  }

  /// One that waits for a block, which counts as answered now.
  std::optional<batch_taker_actor> take(std::int32_t index) {
    const auto found = wanted.find(index);
    if (found == wanted.end())
      return std::nullopt;
    auto taker = found->second;
    wanted.erase(found);
    return taker;
  }
};

using block_record_ptr = std::shared_ptr<block_record>;

inline batch_provider::behavior_type fake_blocks(batch_provider::pointer self, block_record_ptr record) {
  return {
    [=](const describe_dataset& request) -> caf::result<dataset_description> {
      auto promise = self->make_response_promise<dataset_description>();
      record->described.push_back(request);
      record->descriptions.push_back(promise);
      return promise;
    },
    [=](const want_batches& request) {
      record->questions.push_back(request);
      batches_arrived found;
      for (auto i = request.first.index; i < request.first.index + request.count; ++i) {
        if (record->has_all)
          found.batches.push_back(record->dataset.block_at(i));
        else
          record->wanted.emplace(i, request.taker);
      }
      if (!found.batches.empty())
        self->send(request.taker, std::move(found));
    },
  };
}

/// What an order directory and its assembler were asked for.
struct order_record {
  std::vector<open_order> opened;
  std::vector<want_rows> questions;
  /// Batches that are awaited, by their tickets.
  std::map<std::uint64_t, wanted_rows> wanted;
  /// The one that was opened last.
  assembler_actor assembler;
};

using order_record_ptr = std::shared_ptr<order_record>;

inline assembler_actor::behavior_type fake_assembler(assembler_actor::pointer, order_record_ptr record) {
  return {
    [](const join_order&) {},
    [record](const want_rows& request) {
      record->questions.push_back(request);
      for (const auto& each : request.batches)
        record->wanted[each.ticket] = each;
    },
    [](const batches_arrived&) {},
    [](const batch_failed&) {},
    [](get_actor_report) { return actor_report{}; },
  };
}

/// Starts an assembler for each that opens an order.
inline order_directory_actor::behavior_type fake_orders(order_directory_actor::pointer self, order_record_ptr record) {
  return {
    [=](const open_order& request) {
      record->opened.push_back(request);
      record->assembler = self->spawn(fake_assembler, record);
      return opened_order{record->assembler};
    },
    [](get_orders_report) { return orders_report{}; },
  };
}

struct report_record {
  std::size_t questions = 0;
  std::vector<upstream_report> upstreams;
};

using report_record_ptr = std::shared_ptr<report_record>;

inline pool_report_actor::behavior_type fake_reports(pool_report_actor::pointer, report_record_ptr record) {
  return {
    [record](get_pool_report) {
      ++record->questions;
      pool_report result;
      result.upstreams = record->upstreams;
      return result;
    },
  };
}

} // namespace dispatch::test
