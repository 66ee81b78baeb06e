#pragma once

#include <chrono>
#include <memory>

#include "actors/policy/lookahead.hpp"
#include "actors/policy/order/session_plan.hpp"
#include "messages/assembler.hpp"
#include "messages/batch_provider.hpp"
#include "messages/consumer.hpp"
#include "messages/group.hpp"
#include "messages/group_store.hpp"
#include "messages/run_clock.hpp"
#include "messages/session_recorder.hpp"

namespace dispatch {

struct session_options {
  policy::session_defaults defaults;
  /// Batches that may be requested or unsent at a time, where the client does not say. A session begins with `least`,
  /// and gets more when its client has shown that it reads: one that never does costs little.
  policy::lookahead::options window{2, 64, std::uint64_t{16} << 20, std::chrono::seconds{1}};
  /// The bytes of `window` where batches are put together, and so are no blocks of the cache.
  std::uint64_t most_assembled_bytes = std::uint64_t{4} << 20;
  /// How long a session waits for one batch until it ends with an error; zero: without a limit.
  std::chrono::milliseconds give_up_after{60000};
  /// How long a client has to say hello.
  std::chrono::milliseconds hello_timeout{5000};
  /// Deadlines are kept in time that was run; null: all was.
  run_clock_ptr ran = nullptr;
  /// Is told how far sessions are that have a name. Null: their history is not kept.
  session_recorder_actor recorder{};
  /// Null: there are none.
  group_directory_actor groups{};
  /// Keeps positions. Null: none are kept.
  group_store_actor store{};
};

/// Shared by the parts of one session.
using session_plan_ptr = std::shared_ptr<const policy::session_plan>;

/// A session also takes blocks, batches that were put together, and what a group tells its members.
using session_actor =
  consumer_actor::extend_with<batch_taker_actor>::extend_with<rows_taker_actor>::extend_with<group_member_actor>;

} // namespace dispatch
