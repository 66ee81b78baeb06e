#pragma once

#include <caf/typed_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "messages/batch_provider.hpp"
#include "messages/reports.hpp"
#include "messages/status_code.hpp"
#include "messages/type_ids.hpp"
#include "wire/batch.hpp"
#include "wire/session/order_spec.hpp"
#include "wire/session/session_column.hpp"

namespace dispatch {

/// A batch that was put together: all columns of the dataset, in its order.
using rows_ptr = std::shared_ptr<const received_batch>;

/// A batch that was wanted, named by its taker's ticket.
struct assembled_batch {
  std::uint64_t ticket = 0;
  rows_ptr rows;
};

struct rows_arrived {
  std::vector<assembled_batch> batches;
};

/// A batch that was wanted cannot be had.
struct rows_failed {
  std::uint64_t ticket = 0;
  failure reason;
};

/// The actor that batches are put together for.
using rows_taker_actor = caf::typed_actor<
  /// Those that were at hand, or those that have come since; in any order.
  caf::result<void>(rows_arrived),
  /// This one will not come.
  caf::result<void>(rows_failed)>;

/// A batch to put together from the rows at these positions of an epoch.
struct wanted_rows {
  std::uint64_t ticket = 0;
  std::uint64_t epoch = 0;
  std::vector<position_range> positions;
};

struct want_rows {
  rows_taker_actor taker;
  std::vector<wanted_rows> batches;
  deadline until = no_deadline;
};

/// A taker is there, and may ask for batches.
struct join_order {
  rows_taker_actor taker;
};

/// Puts together the batches of one order, for all sessions that read it: each batch once, however many want it at
/// about the same time. Keeps the blocks of two windows, so that each costs the batch cache one question per epoch.
///
/// Owner: the order directory. Lifetime: until its last taker is down. Errors: those of the blocks that a batch needs.
/// The questions of a taker that is down are dropped.
using assembler_actor = caf::typed_actor<
  /// Watches the taker.
  caf::result<void>(join_order),
  /// Each of the batches is answered once.
  caf::result<void>(want_rows),
  /// From the batch cache.
  caf::result<void>(batches_arrived),
  /// From the batch cache.
  caf::result<void>(batch_failed),
  /// Its state is `serving`.
  caf::result<actor_report>(get_actor_report)>;

/// What sessions have in common that share one assembler.
struct order_key {
  std::string dataset;
  dispatch::fingerprint fingerprint;
  /// Samples that the dataset service is asked to put into a block.
  std::int32_t asked_block = 0;
  order_spec order;

  friend bool operator<(const order_key& a, const order_key& b) {
    const auto tied = [](const order_key& x) {
      const auto shuffle = x.order.shuffle.value_or(shuffle_spec{0, 0});
      return std::make_tuple(x.dataset, x.fingerprint, x.asked_block, x.order.samples, x.order.block, shuffle.seed,
                             shuffle.window);
    };
    return tied(a) < tied(b);
  }
};

struct open_order {
  order_key key;
  /// Of the dataset.
  std::vector<session_column> columns;
  rows_taker_actor taker;
};

struct opened_order {
  assembler_actor assembler;
};

struct get_orders_report {};

/// An assembler that can be asked for more.
struct listed_order {
  assembler_actor assembler;
  /// The dataset, and the seed where there is one.
  std::string label;
};

struct orders_report {
  actor_report actor;
  std::vector<listed_order> orders;
};

/// Finds the assembler of an order, or starts it.
///
/// Owner: the service. Lifetime: as long as the service; without it the service stops. Errors: none are answered.
using order_directory_actor = caf::typed_actor<
  /// The assembler; the taker has joined it.
  caf::result<opened_order>(open_order),
  /// Which orders are read.
  caf::result<orders_report>(get_orders_report)>;

} // namespace dispatch
