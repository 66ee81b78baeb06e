#include "tests/chaos/session/session_judge.hpp"

#include <utility>
#include <variant>

#include "apps/pull/session/payload_checker.hpp"

namespace dispatch::chaos {

namespace {

std::string text_of(order_place place) {
  return "epoch " + std::to_string(place.epoch) + ", position " + std::to_string(place.position);
}

} // namespace

session_judge::session_judge(const known_samples& known, const session_wish& wish)
  : known_(known),
    wish_(wish),
    input_(wish.stint->payload),
    checker_(request_of(wish)) {
  if (wish.start)
    place_ = {wish.start->epoch, wish.start->position};
}

void session_judge::take(std::string_view bytes) {
  if (problem_ || enough_)
    return;
  input_.add(bytes);
  while (!problem_ && !enough_) {
    const auto next = input_.next();
    if (!next)
      return;
    judge(*next);
  }
}

void session_judge::judge(const session_messages::message& next) {
  if (over_) {
    problem_ = "something came behind the end of the session";
    return;
  }
  const auto& line = next.line;
  if (std::holds_alternative<pull::wait_line>(line))
    return;
  if (std::holds_alternative<pull::pong_line>(line)) {
    if (pongs_due_-- == 0)
      problem_ = "a pong came that nobody asked for";
    return;
  }
  ++messages_;
  if (const auto* malformed = std::get_if<pull::malformed_line>(&line))
    problem_ = "no message of a session: " + malformed->reason;
  else if (const auto* said = std::get_if<pull::welcome_line>(&line))
    problem_ = accept(*said);
  else if (const auto* batch = std::get_if<pull::batch_line>(&line); batch != nullptr && welcome_)
    problem_ = accept(*batch, next.payload);
  else if (const auto* epoch = std::get_if<pull::epoch_line>(&line); epoch != nullptr && welcome_)
    problem_ = accept(*epoch);
  else
    problem_ = accept_end(line);
  if (problem_)
    *problem_ = "behind " + text_of(place_) + ": " + *problem_;
}

std::optional<std::string> session_judge::accept(const pull::welcome_line& said) {
  if (auto problem = checker_.accept(said))
    return problem;
  if (said.samples != known_.count() || said.columns.size() != 1
      || said.columns.front().row_bytes() != known_.row_bytes())
    return "welcome is of another dataset";
  welcome_ = std::get<session_cursor>(parse_cursor(said.cursor));
  if (!wish_.start && !(welcome_->skips == wish_.team->skips))
    return "welcome has other skips than were asked for: " + said.cursor;
  if (order_place{welcome_->epoch, welcome_->position} != place_)
    return "welcome begins elsewhere: " + said.cursor;
  if (welcome_->order.shuffle.has_value() != wish_.team->shuffle.has_value())
    return "welcome has another order: " + said.cursor;
  begin_epoch(place_.epoch, place_.position);
  return std::nullopt;
}

void session_judge::begin_epoch(std::uint64_t epoch, std::int64_t from) {
  std::vector<position_range> skipped;
  for (const auto& each : welcome_->skips)
    if (each.epoch == epoch)
      skipped.push_back(each.positions);
  order_.emplace(welcome_->order, epoch);
  steps_.emplace(
    policy::left_positions{known_.count(), std::move(skipped)},
    policy::epoch_steps::options{wish_.stint->batch_size, {wish_.rank, wish_.stint->ranks()}, wish_.stint->ends}, from);
  step_ = 0;
}

std::optional<std::string> session_judge::accept(const pull::batch_line& batch, std::string_view payload) {
  if (auto problem = checker_.accept(batch))
    return problem;
  if (auto problem = pull::layout_problem(batch, checker_.welcome().columns))
    return problem;
  if (auto problem = pull::payload_problem(batch, payload, wish_.stint->has_checksum))
    return problem;
  if (step_ >= steps_->batches())
    return "a batch came where the epoch has no more";
  const auto due = steps_->batch(step_);
  if (batch.position != due.step_position || batch.samples != due.samples)
    return "a batch of " + std::to_string(batch.samples.value_or(0)) + " samples at "
           + text_of({batch.epoch, batch.position}) + " came, and one of " + std::to_string(due.samples)
           + " at position " + std::to_string(due.step_position) + " was due";
  given_batch given{batch.epoch, {batch.epoch, due.next_position}, {}};
  if (auto problem = check_rows(due, pull::column_bytes(batch, payload).front(), given))
    return problem;
  place_ = given.behind;
  if (auto problem = check_cursor(batch.cursor))
    return problem;
  batches_.push_back(std::move(given));
  ++step_;
  enough_ =
    batches_.size() == wish_.stint->steps.value_or(0) || (wish_.stint->to_epoch_end && step_ == steps_->batches());
  return std::nullopt;
}

std::optional<std::string> session_judge::check_rows(const policy::shard_batch& due, std::string_view rows,
                                                     given_batch& out) const {
  std::int64_t index = 0;
  for (const auto& range : due.positions)
    for (auto position = range.from; position < range.to; ++position, ++index) {
      const auto row = rows.substr(static_cast<std::size_t>(index) * known_.row_bytes(), known_.row_bytes());
      const auto number = known_.number_of(row);
      const auto wanted = order_->sample_at(position);
      if (number != wanted)
        return "row " + std::to_string(index) + " is " + (number ? "sample " + std::to_string(*number) : "no sample")
               + ", and sample " + std::to_string(wanted) + " is due at position " + std::to_string(position);
      if (index < due.samples - due.padded)
        out.samples.push_back(*number);
    }
  return std::nullopt;
}

std::optional<std::string> session_judge::accept(const pull::epoch_line& over) {
  if (auto problem = checker_.accept(over))
    return problem;
  if (step_ != steps_->batches())
    return "the epoch is said to be over after " + std::to_string(step_) + " batches of "
           + std::to_string(steps_->batches());
  const auto said = static_cast<std::int64_t>(over.given.dropped);
  if (said != steps_->dropped() || static_cast<std::int64_t>(over.given.skipped) != steps_->skipped())
    return "the epoch is said to have dropped " + std::to_string(said) + " samples and skipped "
           + std::to_string(over.given.skipped) + ", and these are " + std::to_string(steps_->dropped()) + " and "
           + std::to_string(steps_->skipped());
  dropped_[over.epoch] = said;
  place_ = {over.epoch + 1, 0};
  begin_epoch(place_.epoch, 0);
  return check_cursor(over.cursor);
}

std::optional<std::string> session_judge::accept_end(const pull::server_line& line) {
  over_ = true;
  if (const auto* eof = std::get_if<pull::eof_line>(&line); eof != nullptr && welcome_) {
    if (auto problem = checker_.accept(*eof))
      return problem;
    return place_ == order_place{wish_.team->epochs, 0} ? check_cursor(eof->cursor)
                                                        : std::optional<std::string>{"eof came too early"};
  }
  if (const auto* drain = std::get_if<pull::drain_line>(&line); drain != nullptr && may_drain_)
    return welcome_ ? check_cursor(drain->cursor) : std::nullopt;
  const auto* error = std::get_if<pull::error_line>(&line);
  if (error == nullptr)
    return "a message came that was not due";
  if (!may_fail_)
    return "the session ended with " + error->code + ": " + error->message;
  return welcome_ ? check_cursor(error->cursor) : std::nullopt;
}

std::optional<std::string> session_judge::check_cursor(const std::string& text) const {
  auto due = *welcome_;
  due.epoch = place_.epoch;
  due.position = place_.position;
  due.skips = normalized(std::move(due.skips), due.epoch);
  if (text == to_text(due))
    return std::nullopt;
  return "the cursor " + text + " came, and " + to_text(due) + " was due";
}

} // namespace dispatch::chaos
