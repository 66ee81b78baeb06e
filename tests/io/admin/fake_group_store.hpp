#pragma once

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "messages/group_store.hpp"
#include "messages/status_code.hpp"

namespace dispatch::test {

/// What a store of groups says to what it is asked by people, and what that was.
class fake_group_store {
public:
  /// Answers everything with this from now on.
  void fail(failure reason) {
    const std::lock_guard guard{mutex_};
    problem_ = std::move(reason);
  }

  /// The last request, in words.
  std::string asked() const {
    const std::lock_guard guard{mutex_};
    return asked_;
  }

  /// Takes a request. @returns what it is to be refused with
  std::optional<failure> take(std::string request) {
    const std::lock_guard guard{mutex_};
    asked_ = std::move(request);
    return problem_;
  }

private:
  mutable std::mutex mutex_;
  std::optional<failure> problem_;
  std::string asked_;
};

/// A group of which a dispatcher has a run, and of which a batch is parked.
inline group_view sample_group() {
  using namespace std::chrono_literals;
  group_view result;
  result.summary.name = "run/42";
  result.summary.dataset = "mnist";
  result.summary.position = 64;
  result.summary.end_epoch = 1;
  result.summary.acked = 1;
  result.spec.start.dataset = "mnist";
  result.spec.start.order.samples = 100;
  result.spec.start.order.block = 10;
  result.out = {{0, 1, 63, 1, "host:1", 7500ms, "client_a: 1"}, {0, 64, 2, 0, "", -3s, ""}};
  result.parked = {{0, 5, 3, "client_b"}};
  return result;
}

inline group_store_actor::behavior_type fake_group_store_behavior(group_store_actor::pointer,
                                                                  const std::shared_ptr<fake_group_store>& store) {
  const auto place = [](const auto& request) {
    return request.name + " " + std::to_string(request.epoch) + " " + std::to_string(request.position);
  };
  const auto unused = make_error(failure{status_code::unimplemented, "nobody asks for this"});
  return {
    [=](const open_group&) -> caf::result<opened_group> { return unused; },
    [=](const group_sync&) -> caf::result<group_synced> { return unused; },
    [=](list_groups) -> caf::result<group_list> {
      if (const auto problem = store->take("list"))
        return make_error(*problem);
      return group_list{{sample_group().summary}};
    },
    [=](const show_group& request) -> caf::result<group_view> {
      if (const auto problem = store->take("show " + request.name))
        return make_error(*problem);
      return sample_group();
    },
    [=](const seek_group& request) -> caf::result<group_progress> {
      if (const auto problem = store->take("seek " + place(request)))
        return make_error(*problem);
      group_progress result;
      result.generation = 2;
      return result;
    },
    [=](const delete_group& request) -> caf::result<void> {
      if (const auto problem = store->take("delete " + request.name))
        return make_error(*problem);
      return caf::unit;
    },
    [=](const park_batch& request) -> caf::result<group_progress> {
      if (const auto problem = store->take("park " + place(request)))
        return make_error(*problem);
      group_progress result;
      result.parked = 3;
      return result;
    },
    [=](const take_position&) -> caf::result<taken_position> { return unused; },
    [=](const keep_position&) -> caf::result<void> { return unused; },
    [](run_store_jobs) {},
    [](get_actor_report) { return actor_report{}; },
  };
}

} // namespace dispatch::test
