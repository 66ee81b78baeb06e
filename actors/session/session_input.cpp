#include <caf/all.hpp>

#include <utility>
#include <variant>

#include "actors/consumer_patience.hpp"
#include "actors/session/session.hpp"
#include "wire/session/server_lines.hpp"

/// @file
/// What the client of a session says.

namespace dispatch {

namespace {

/// A client that does not read its answers is not read either.
constexpr std::size_t most_unsent_lines = 64;

} // namespace

void session_state::on_input(const input_received& input) {
  lines_.add(input.bytes);
  read_lines();
}

void session_state::on_input_ended() {
  lines_.end();
  read_lines();
  if (!end_.has_come() && group_.has_joined())
    return on_member_silent();
  if (!end_.has_come() && !hello_)
    fail({status_code::invalid_argument, R"(the input ended before a hello; say {"type":"hello"} and a newline)"});
}

void session_state::read_lines() {
  // What a line brings about may want to read on.
  if (std::exchange(is_reading_, true))
    return;
  while (!end_.has_come() && output_.unsent_lines() + open_pings_ < most_unsent_lines && read_line()) {
  }
  is_reading_ = false;
  if (plan_ != nullptr)
    pump();
  end_if_acked();
  // The connection drops what the client sends after the end.
  if (const auto more = end_.has_come() ? 0 : lines_.allow(); more > 0)
    self_->send(connection_, allow_input{more});
}

bool session_state::read_line() {
  if (lines_.is_too_long()) {
    fail({status_code::invalid_argument, "a line has more than " + std::to_string(longest_client_line) + " bytes"});
    return false;
  }
  const auto line = lines_.next();
  if (line)
    on_line(*line);
  return line.has_value();
}

void session_state::on_line(std::string_view line) {
  auto parsed = parse_client_message(line);
  if (const auto* reason = std::get_if<failure>(&parsed))
    return fail(*reason);
  auto message = std::get<client_message>(std::move(parsed));
  if (!hello_ && !std::holds_alternative<hello>(message))
    return fail({status_code::failed_precondition, R"(type: the first line of a session is a "hello")"});
  std::visit([this](auto&& said) { on_message(std::move(said)); }, std::move(message));
}

void session_state::on_message(hello&& said) {
  if (hello_)
    return fail({status_code::failed_precondition, "type: this session has had its hello"});
  hello_ = std::move(said);
  served_at_ = now();
  if (hello_->position)
    take_position();
  else
    open();
}

void session_state::open() {
  opening_.begin(*hello_, deadline_of(now(), options_.give_up_after));
}

void session_state::on_message(bye) {
  finish(pass_outcome::left);
}

} // namespace dispatch
