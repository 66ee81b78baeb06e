#pragma once

#include <chrono>
#include <map>
#include <string>

#include "actors/group/group.hpp"
#include "messages/event_log.hpp"
#include "messages/group.hpp"
#include "messages/group_store.hpp"

namespace dispatch {

/// See `group_directory_actor`.
class group_directory_state {
public:
  static inline const char* name = "group_directory";

  group_directory_state(group_directory_actor::pointer self, group_options options, group_store_actor store,
                        event_log_ptr log);

  group_directory_state(const group_directory_state&) = delete;
  group_directory_state& operator=(const group_directory_state&) = delete;

  /// Ends all groups, also one whose store is away.
  ~group_directory_state();

  group_directory_actor::behavior_type make_behavior();

private:
  /// A group that has members here, or had some lately.
  struct running {
    group_actor group;
    std::int64_t generation = 1;
  };

  caf::result<joined_group> on_find(const find_group& request);
  void on_opened(const opened_group& opened, const find_group& request,
                 caf::typed_response_promise<joined_group> promise);
  void join(const opened_group& opened, const find_group& request, caf::typed_response_promise<joined_group> promise,
            int tries);
  const group_actor& group_of(const opened_group& opened);
  groups_report on_get_report();
  void on_down(const caf::down_msg& msg);

  group_directory_actor::pointer self_;
  group_options options_;
  group_store_actor store_;
  event_log_ptr log_;
  std::map<std::string, running> groups_;
  std::chrono::steady_clock::time_point started_at_;
};

using group_directory_impl = group_directory_actor::stateful_impl<group_directory_state>;

} // namespace dispatch
