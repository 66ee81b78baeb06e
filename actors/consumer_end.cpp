#include "actors/consumer_end.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <utility>

namespace dispatch {

consumer_end::consumer_end(std::string client_id, event_log_ptr log, const client_account& account)
  : client_id_(std::move(client_id)),
    log_(std::move(log)),
    account_(account) {}

void consumer_end::come(pass_outcome how) {
  has_come_ = true;
  outcome_ = how;
}

void consumer_end::come(const failure& reason, pass_outcome how) {
  come(how);
  account_.count_error(reason.code);
  log_->write(severity::warning, "client_error",
              {{"client", client_id_}, {"code", to_string(reason.code)}, {"message", reason.message}});
}

void consumer_end::log(const caf::error& reason, std::string_view event, bool all_left, client_account::time_point now,
                       std::vector<event_field> more) const {
  if (reason)
    log_->write(severity::error, "connection_failed", {{"client", client_id_}, {"message", caf::to_string(reason)}});
  const std::chrono::duration<double> seconds = now - account_.connected_at();
  const auto how = outcome(all_left);
  account_.count_end(how);
  std::vector<event_field> fields{{"client", client_id_},
                                  {"outcome", name_of(how)},
                                  {"batches", account_.batches()},
                                  {"bytes", account_.bytes()},
                                  {"seconds", seconds.count()}};
  if (!why_lost_.empty())
    fields.push_back({"why", why_lost_});
  fields.insert(fields.end(), more.begin(), more.end());
  log_->write(severity::info, event, fields);
}

} // namespace dispatch
