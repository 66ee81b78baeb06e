#include "apps/pull/session/session_run.hpp"

#include <utility>
#include <variant>

#include "apps/pull/other_server.hpp"
#include "apps/pull/printable_text.hpp"
#include "apps/pull/session/cursor_file.hpp"
#include "apps/pull/session/payload_checker.hpp"

namespace dispatch::pull {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_size = std::size_t{256} << 10;
constexpr auto display_interval = 100ms;

/// How long nothing comes, not even the `welcome`, until that is said.
constexpr auto unexplained_silence = 3s;

/// How long batches of a group that are written wait for others to come into their file.
constexpr auto longest_hold = 200ms;

constexpr auto which_port = "; with --session, --connect takes the port of a dispatcher's --sessions, which is 8090 "
                            "unless it says otherwise";

std::string batch_text(const batch_line& batch) {
  return "batch " + std::to_string(batch.seq);
}

bool needs_welcome(const server_line& said) {
  return std::holds_alternative<batch_line>(said) || std::holds_alternative<epoch_line>(said)
         || std::holds_alternative<eof_line>(said);
}

} // namespace

session_run::session_run(const options& opts, tcp_stream& stream, epoch_progress& display, int stop_fd)
  : options_(opts),
    stream_(stream),
    display_(display),
    stop_fd_(stop_fd),
    lines_(opts.max_line),
    checker_(*opts.session),
    output_(opts),
    start_(clock::now()),
    epoch_start_(start_),
    last_data_(start_),
    last_message_(start_) {}

session_summary session_run::run() {
  stream_.send(hello_text(*options_.session));
  try {
    while (!over_)
      read_some();
  } catch (const sink_error& error) {
    output_.give_up();
    fail(error.what());
  } catch (const cursor_file_error& error) {
    fail(error.what());
  }
  display_.finish();
  finish_output();
  summarize();
  return result_;
}

void session_run::read_some() {
  auto room = lines_.prepare(read_size);
  const auto read = stream_.read(room.data, room.size, display_interval);
  const auto now = clock::now();
  switch (read.what) {
  case tcp_stream::event::data:
    if (!std::exchange(any_bytes_, true))
      take_first_bytes({room.data, read.size});
    lines_.commit(read.size);
    take_messages();
    last_data_ = clock::now();
    break;
  case tcp_stream::event::closed:
    on_end("");
    break;
  case tcp_stream::event::broken:
    on_end(" (" + read.reason + ")");
    break;
  case tcp_stream::event::timeout:
    on_silence(now);
    break;
  case tcp_stream::event::stopped:
    fail("interrupted");
    break;
  }
  display_.update(counts_, clock::now());
}

void session_run::take_first_bytes(std::string_view bytes) {
  if (const auto other = other_server_of(bytes))
    fail(io::to_string(options_.server) + " serves no sessions: " + other->text + which_port);
}

void session_run::take_messages() {
  while (!over_ && (batch_ ? take_payload() : take_next_line())) {
  }
}

bool session_run::take_next_line() {
  std::string_view line;
  switch (lines_.next(line)) {
  case line_reader::status::line:
    take_line(line);
    return true;
  case line_reader::status::need_more:
    return false;
  case line_reader::status::too_long:
    fail("a line is longer than " + std::to_string(options_.max_line >> 20) + " MiB (--max-frame-mib)");
    break;
  }
  return false;
}

bool session_run::take_payload() {
  std::string_view payload;
  switch (lines_.next_bytes(static_cast<std::size_t>(batch_->payload_bytes), payload)) {
  case line_reader::status::line:
    accept_payload(*std::exchange(batch_, std::nullopt), payload);
    return true;
  case line_reader::status::need_more:
    return false;
  case line_reader::status::too_long:
    fail(batch_text(*batch_) + ": no line ends behind its " + std::to_string(batch_->payload_bytes) + " payload_bytes");
    break;
  }
  return false;
}

void session_run::take_line(std::string_view line) {
  if (!checker_.is_open() && line.substr(0, 40).find("\"batch_id\"") != std::string_view::npos) {
    fail(io::to_string(options_.server) + " is a dispatcher's port for passes" + which_port);
    return;
  }
  auto said = parse_server_line(line);
  if (!checker_.is_open() && needs_welcome(said)) {
    fail("the dispatcher did not begin with a welcome: \"" + printable_text(line, 80) + '"');
    return;
  }
  if (!std::holds_alternative<wait_line>(said))
    last_message_ = clock::now();
  std::visit([this](const auto& x) { take(x); }, said);
}

void session_run::take(const welcome_line& said) {
  if (auto wrong = checker_.accept(said)) {
    fail(*wrong);
    return;
  }
  output_.open(said);
  counts_.epoch = checker_.epoch();
  counts_.batches = said.batches;
  epoch_start_ = clock::now();
}

void session_run::take(const batch_line& next) {
  auto wrong = checker_.accept(next);
  if (!wrong)
    wrong = layout_problem(next, checker_.welcome().columns);
  if (wrong)
    fail(batch_text(next) + ": " + *wrong);
  else if (next.payload_bytes > options_.max_line)
    fail(batch_text(next) + " has " + std::to_string(next.payload_bytes) + " bytes, more than "
         + std::to_string(options_.max_line >> 20) + " MiB (--max-frame-mib); a smaller --batch-size makes it smaller");
  else
    batch_ = next;
}

void session_run::accept_payload(const batch_line& batch, std::string_view payload) {
  if (auto wrong = payload_problem(batch, payload, options_.session->has_checksum)) {
    fail(batch_text(batch) + ": " + *wrong);
    return;
  }
  if (confirms_)
    return;
  output_.write(column_bytes(batch, payload), batch);
  const auto samples = static_cast<std::uint64_t>(batch.samples.value_or(0));
  ++result_.batches;
  result_.samples += samples;
  counts_.samples += samples;
  for (const auto& column : batch.columns) {
    result_.bytes += column.bytes;
    counts_.bytes += column.bytes;
  }
  result_.redelivered += batch.is_redelivered ? 1 : 0;
  note_written(batch);
  counts_.batch = batch_of_epoch(batch, checker_.welcome());
  display_.update(counts_, clock::now());
  if (options_.delay > 0ms && !pause_for(options_.delay, stop_fd_))
    fail("interrupted");
}

void session_run::take(const epoch_line& over) {
  if (auto wrong = checker_.accept(over)) {
    fail(*wrong);
    return;
  }
  const auto now = clock::now();
  const std::chrono::duration<double> took = now - epoch_start_;
  display_.say(epoch_over_text(over, counts_.bytes, took.count()));
  display_.begin_epoch(now);
  epoch_start_ = now;
  ++epochs_;
  counts_ = {over.epoch + 1, 0, checker_.welcome().batches, 0, 0};
  // Without --epochs, a session has the epoch in which it starts. The cursor of an `epoch` line is the beginning of the
  // next epoch, and a session that went on there would get all of that. So the last epoch's cursor stays in it.
  if (checker_.welcome().epochs == over.epoch + 1)
    return;
  output_.move_to(over.cursor);
  output_.keep_between();
}

void session_run::take(const eof_line& over) {
  if (auto wrong = checker_.accept(over)) {
    fail(*wrong);
    return;
  }
  output_.move_to(over.cursor);
  // A group is over when all is acknowledged.
  is_confirmed_ = !options_.session->group.empty();
  over_ = true;
}

void session_run::take(const wait_line& said) {
  display_.say("dispatcher-pull: " + wait_text(said));
}

void session_run::take(const pong_line&) {
  is_confirmed_ = true;
  over_ = over_ || confirms_;
}

void session_run::take(const drain_line& said) {
  result_.error_code = "UNAVAILABLE";
  fail("the dispatcher ended the session after " + std::to_string(result_.batches)
       + " batches: " + printable_text(said.message, 1000));
}

void session_run::take(const error_line& said) {
  result_.error_code = said.code;
  is_connected_ = false;
  fail("the dispatcher ended the session after " + std::to_string(result_.batches) + " batches with "
       + printable_text(said.code, 40) + ": " + printable_text(said.message, 1000));
}

void session_run::take(const malformed_line& line) {
  fail("the dispatcher said something that is no line of a session: " + line.reason);
}

void session_run::on_silence(clock::time_point now) {
  // Others may wait for what this program has.
  if (unacked_ > 0 && !options_.session->group.empty() && now - last_data_ >= longest_hold)
    acknowledge();
  if (options_.idle_timeout > 0ms && now - last_message_ >= options_.idle_timeout) {
    fail("no batch came for " + std::to_string(options_.idle_timeout.count()) + " ms (--idle-timeout), after "
         + std::to_string(result_.batches) + " batches");
  } else if (!any_bytes_ && now - last_data_ >= unexplained_silence && !std::exchange(explained_, true)) {
    display_.say("dispatcher-pull: nothing has come from " + io::to_string(options_.server)
                 + " for 3 s: the dispatcher may wait for its dataset service, or this is no port for sessions"
                 + which_port);
  }
}

void session_run::on_end(const std::string& how) {
  is_connected_ = false;
  const auto after = ", after " + std::to_string(result_.batches) + " batches" + how;
  if (batch_)
    fail("the connection ended within the payload of " + batch_text(*batch_) + ", of which "
         + std::to_string(lines_.pending()) + " of " + std::to_string(batch_->payload_bytes) + " bytes came" + after);
  else if (lines_.pending() > 0)
    fail("the connection ended within a line" + after);
  else
    fail("the connection ended without eof" + after);
}

void session_run::fail(std::string why) {
  over_ = true;
  if (result_.error.empty())
    result_.error = std::move(why);
}

void session_run::summarize() {
  result_.complete = result_.error.empty();
  result_.epochs = epochs_;
  result_.said = checker_.sums();
  // Of a group, and of a position that the dispatcher keeps, no cursor is needed to go on.
  if (!options_.session->has_acks())
    result_.cursor = output_.cursor();
  result_.out = output_.file();
  result_.files = output_.files();
  result_.sha256 = output_.digests();
  result_.time = clock::now() - start_;
  if (checker_.is_open())
    result_.dataset = checker_.welcome().dataset;
}

} // namespace dispatch::pull
