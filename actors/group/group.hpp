#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "actors/policy/group/group_epochs.hpp"
#include "actors/policy/group/group_share.hpp"
#include "actors/policy/rate_meter.hpp"
#include "messages/event_log.hpp"
#include "messages/group.hpp"
#include "messages/group_store.hpp"
#include "messages/run_clock.hpp"

namespace dispatch {

struct group_options {
  /// Names this run of this dispatcher.
  std::string dispatcher;
  std::chrono::milliseconds lease_ttl{10'000};
  /// How often the store is told what is new, at least.
  std::chrono::milliseconds sync_interval{200};
  /// Members' times are kept in time that was run; null: all was. Leases expire by the store's clock, which always
  /// runs.
  run_clock_ptr ran = nullptr;
};

/// See `group_actor`. Who gets what is decided by `policy::group_share`.
class group_state {
public:
  static inline const char* name = "group";

  group_state(group_actor::pointer self, group_options options, const opened_group& opened, group_store_actor store,
              event_log_ptr log);

  group_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;

  struct member {
    group_member_actor actor;
    std::string client;
    bool acks_in_order = true;
  };

  member_id on_join(const join_group& request);
  void on_turn(const member_turn& turn);
  void on_return(const return_batches& request);
  void on_leave(const leave_group& request);
  caf::result<void> on_record(const record_acks& request);
  void on_down(const caf::down_msg& msg);
  void on_tick();
  group_wait on_get_wait(member_id who) const;
  group_report on_get_report() const;
  actor_report row() const;
  /// Why the store is not there; empty where it answers.
  std::string store_problem() const;

  void leave(member_id who, const std::vector<group_batch>& untouched);
  /// Hands out what there is, and asks the store for more where that is needed.
  void pump();
  /// Whether the store knows more, or should.
  bool should_sync() const;
  void sync();
  void on_synced(const group_synced& answer, clock::time_point said_at);
  void on_not_synced(const caf::error& reason);
  void note_progress(const group_progress& progress);
  void log_parked();
  void answer_recorders();
  /// The group is another one now, or none.
  void close(const failure& reason);
  void quit_if_unused();

  /// In time that was run.
  clock::time_point now() const;

  group_actor::pointer self_;
  group_options options_;
  std::string name_;
  policy::group_epochs epochs_;
  group_progress progress_;
  group_store_actor store_;
  event_log_ptr log_;
  policy::group_share share_;
  std::map<member_id, member> members_;
  bool is_syncing_ = false;
  clock::time_point asked_store_at_{};
  /// Members that wait until what they have acknowledged is kept: by the answer that is under way, and by the next one.
  std::vector<caf::typed_response_promise<void>> recorders_;
  std::vector<caf::typed_response_promise<void>> next_recorders_;
  /// Whether the store knows acknowledgements that its own crash could lose.
  bool has_volatile_acks_ = false;
  std::vector<open_batches> elsewhere_;
  /// Empty: the store answers.
  std::string store_problem_;
  policy::rate_meter acked_;
  clock::time_point started_at_;
};

using group_impl = group_actor::stateful_impl<group_state>;

} // namespace dispatch
