#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "actors/policy/order/session_pass.hpp"
#include "actors/policy/order/session_plan.hpp"
#include "actors/session/session_types.hpp"

namespace dispatch {

/// The part of a session that asks for its batches: whole blocks from the batch cache, others from the assembler of its
/// order. The assembler is looked for when it is first needed, and again when it is down.
class batch_requests {
public:
  using wanted_batches = std::vector<policy::session_pass::wanted>;

  /// @param awaited gives all that was asked for and is awaited
  /// @param on_failure called where there is no assembler
  batch_requests(session_actor::pointer self, batch_provider source, order_directory_actor orders,
                 std::function<wanted_batches()> awaited, std::function<void(const failure&)> on_failure);

  void begin(const policy::session_plan& plan) { plan_ = plan; }

  /// @param until when it is to be answered
  void ask(const wanted_batches& wanted, deadline until);

  void ask_block(std::int32_t index, deadline until) { ask_blocks(index, 1, until); }

  /// An actor is down. The assembler is looked for again where it is that.
  void down(const caf::actor_addr& who);

  /// The assembler has answered.
  void answered() noexcept { assemblers_lost_ = 0; }

private:
  void ask_blocks(std::int32_t first, std::int32_t count, deadline until);
  void ask_rows(std::vector<wanted_rows> wanted, deadline until);
  void look_for_assembler(deadline until);

  session_actor::pointer self_;
  batch_provider source_;
  order_directory_actor orders_;
  std::function<wanted_batches()> awaited_;
  std::function<void(const failure&)> on_failure_;
  /// Nothing before the session begins.
  std::optional<policy::session_plan> plan_;
  /// Null: it was not needed yet, or is looked for.
  assembler_actor assembler_;
  bool is_looking_ = false;
  int assemblers_lost_ = 0;
  deadline until_ = no_deadline;
};

} // namespace dispatch
