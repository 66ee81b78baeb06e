#pragma once

#include <caf/actor_addr.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "actors/policy/order/session_pass.hpp"
#include "actors/policy/order/session_plan.hpp"
#include "actors/session/session_types.hpp"
#include "wire/status_code.hpp"

namespace dispatch {

/// Brings one session its batches: asks the batch provider for those that are blocks, and the assembler of its order
/// for the others. Asks again where an answer has come too early, or where the assembler is gone.
class batch_supply {
public:
  /// @param options outlive it
  /// @param on_failure called where nothing will come any more
  batch_supply(session_actor::pointer self, const session_options& options, batch_provider source,
               order_directory_actor orders, std::function<void(const failure&)> on_failure);

  /// @param pass says which batches to ask for
  void begin(session_plan_ptr plan, std::unique_ptr<policy::session_pass> pass);

  /// From now on, nothing is asked for.
  void stop() noexcept { is_over_ = true; }

  /// Null before it has begun.
  policy::session_pass* pass() const noexcept { return pass_.get(); }

  /// Asks for what there is room for.
  void request_missing();

  // What comes from the batch provider and the assembler, once it has begun:

  void take(const batches_arrived& arrived);
  void take(const rows_arrived& arrived);
  void take(const batch_failed& failed);
  void take(const rows_failed& failed);

  /// An actor is gone; maybe the assembler.
  void down(const caf::actor_addr& who);

private:
  using wanted_batches = std::vector<policy::session_pass::wanted>;

  void ask(const wanted_batches& wanted);
  void ask_blocks(std::int32_t first, std::int32_t count);
  void ask_rows(const wanted_batches& wanted);
  void look_for_assembler();
  std::chrono::steady_clock::time_point now() const;
  deadline until() const;

  session_actor::pointer self_;
  const session_options& options_;
  batch_provider source_;
  order_directory_actor orders_;
  std::function<void(const failure&)> on_failure_;
  session_plan_ptr plan_;
  std::unique_ptr<policy::session_pass> pass_;
  bool is_over_ = false;
  /// Null until it is needed.
  assembler_actor assembler_;
  bool is_looking_ = false;
  /// Since the last answer of one.
  int assemblers_lost_ = 0;
};

} // namespace dispatch
