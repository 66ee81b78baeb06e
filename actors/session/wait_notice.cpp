#include "actors/session/wait_notice.hpp"

#include <caf/all.hpp>

#include <utility>

namespace dispatch {

namespace {

constexpr std::chrono::seconds first_after{1};
constexpr std::chrono::seconds interval{5};

/// How long the pool has to say why batches do not come.
constexpr std::chrono::milliseconds pool_timeout{500};

constexpr const char* unknown_reason = "the dataset service has not given what is next";

std::string reason_of(const pool_report& report) {
  std::string result;
  for (const auto& each : failures_of_those_down(report.upstreams))
    result += (result.empty() ? "" : "; ") + each;
  return result.empty() ? unknown_reason : result;
}

} // namespace

wait_notice::wait_notice(session_actor::pointer self, pool_report_actor pool,
                         std::function<void(const std::string&)> say)
  : self_(self),
    pool_(std::move(pool)),
    say_(std::move(say)) {}

void wait_notice::waits(time_point since, time_point now) {
  if (now - since < first_after || (said_at_ && now - *said_at_ < interval))
    return;
  said_at_ = now;
  if (pool_ == nullptr)
    return say_(unknown_reason);
  self_->request(pool_, pool_timeout, get_pool_report{})
    .then([this](const pool_report& report) { say_(reason_of(report)); },
          [this](const caf::error&) { say_(unknown_reason); });
}

} // namespace dispatch
