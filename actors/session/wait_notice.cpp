#include "actors/session/wait_notice.hpp"

#include <caf/all.hpp>

#include <utility>

namespace dispatch {

namespace {

constexpr std::chrono::seconds first_after{1};
constexpr std::chrono::seconds interval{5};

/// How long the pool or the group has to say why batches do not come.
constexpr std::chrono::milliseconds report_timeout{500};

constexpr const char* unknown_reason = "the dataset service has not given what is next";

std::string reason_of(const pool_report& report) {
  std::string result;
  for (const auto& each : failures_of_those_down(report.upstreams))
    result += (result.empty() ? "" : "; ") + each;
  return result.empty() ? unknown_reason : result;
}

waiting_note of_upstreams(std::string why) {
  return {"upstream", {}, std::move(why)};
}

} // namespace

wait_notice::wait_notice(session_actor::pointer self, pool_report_actor pool, std::function<void(waiting_note)> say)
  : self_(self),
    pool_(std::move(pool)),
    say_(std::move(say)) {}

bool wait_notice::is_due(time_point since, time_point now) {
  if (now - since < first_after || (said_at_ && now - *said_at_ < interval))
    return false;
  said_at_ = now;
  return true;
}

void wait_notice::waits_for_store(time_point since, time_point now, const std::string& why) {
  if (is_due(since, now))
    say_({"store", {}, why});
}

void wait_notice::waits_for_acks(time_point since, time_point now, std::size_t unacked) {
  if (is_due(since, now))
    say_({"acks",
          {},
          "this session holds " + std::to_string(unacked)
            + " batches that it has not acknowledged, and may hold no more"});
}

void wait_notice::waits(time_point since, time_point now, const session_group* group) {
  if (!is_due(since, now))
    return;
  if (group != nullptr)
    ask_group(*group);
  else
    ask_pool();
}

void wait_notice::ask_pool() {
  if (pool_ == nullptr)
    return say_(of_upstreams(unknown_reason));
  self_->request(pool_, report_timeout, get_pool_report{})
    .then([this](const pool_report& report) { say_(of_upstreams(reason_of(report))); },
          [this](const caf::error&) { say_(of_upstreams(unknown_reason)); });
}

void wait_notice::ask_group(const session_group& group) {
  self_->request(group.actor(), report_timeout, get_group_wait{group.member()})
    .then(
      [this](const group_wait& wait) {
        say_({wait.on, {}, wait.why, wait.own, wait.others});
      },
      [this](const caf::error&) {
        say_({"group", {}, "the group has not given what is next"});
      });
}

} // namespace dispatch
