#include "actors/session/session_position.hpp"

#include <caf/all.hpp>

#include <utility>

#include "messages/status_code.hpp"

namespace dispatch {

session_position::session_position(session_actor::pointer self, const session_options& options,
                                   std::function<void(const failure&)> on_lost)
  : self_(self),
    options_(options),
    on_lost_(std::move(on_lost)) {}

void session_position::take(const std::string& name, const std::string& session,
                            std::function<void(const std::string&)> on_taken,
                            std::function<void(const failure&)> on_refused) {
  name_ = name;
  if (options_.store == nullptr)
    return on_refused({status_code::unimplemented, "name: this dispatcher keeps no positions"});
  self_->request(options_.store, caf::infinite, take_position{name, session})
    .then(
      [this, on_taken](const taken_position& taken) {
        token_ = taken.token;
        on_taken(taken.cursor);
      },
      [on_refused](const caf::error& reason) { on_refused(to_failure(reason)); });
}

void session_position::keep(std::string cursor) {
  next_ = std::move(cursor);
  if (problem_.empty())
    send();
}

void session_position::when_kept(std::function<void()> done) {
  if (!next_ && !keeping_ && !volatile_)
    return done();
  waiting_.push_back(std::move(done));
  send();
}

void session_position::send() {
  if (keeping_)
    return;
  if (!next_ && !waiting_.empty())
    next_ = volatile_;
  if (!next_)
    return;
  keeping_ = std::exchange(next_, std::nullopt);
  const auto is_awaited = !waiting_.empty();
  self_->request(options_.store, caf::infinite, keep_position{name_, token_, *keeping_, is_awaited})
    .then([this, cursor = *keeping_, is_awaited] { on_kept(cursor, is_awaited); },
          [this](const caf::error& reason) { on_not_kept(reason); });
}

void session_position::on_kept(const std::string& cursor, bool was_awaited) {
  keeping_.reset();
  problem_.clear();
  volatile_ = was_awaited ? std::nullopt : std::optional{cursor};
  send();
  if (!keeping_)
    for (const auto& each : std::exchange(waiting_, {}))
      each();
}

void session_position::on_not_kept(const caf::error& reason) {
  auto last = std::exchange(keeping_, std::nullopt);
  const auto what = to_failure(reason);
  if (what.code == status_code::aborted)
    return on_lost_(what);
  problem_ = what.message;
  if (!next_)
    next_ = std::move(last);
}

} // namespace dispatch
