#include <utility>

#include "apps/pull/session/cursor_file.hpp"
#include "apps/pull/session/session_run.hpp"

/// @file
/// What a session leaves behind, and what it acknowledges.

namespace dispatch::pull {

namespace {

using namespace std::chrono_literals;

/// How long the dispatcher may take to keep the last acknowledgements.
constexpr auto longest_confirmation = 10s;

} // namespace

void session_run::note_written(const batch_line& batch) {
  if (!options_.session->has_acks())
    return;
  last_written_ = batch.seq;
  if (++unacked_ == options_.session->ack_every)
    acknowledge();
}

void session_run::acknowledge(const std::string& more) {
  if (!options_.session->group.empty())
    output_.commit_part();
  stream_.send(ack_text(last_written_) + more);
  has_pinged_ = !more.empty();
  unacked_ = 0;
}

void session_run::finish_acks() {
  if (!is_connected_ || !checker_.is_open()) {
    output_.give_up();
    return;
  }
  try {
    if (options_.session->group.empty())
      output_.commit(result_.batches == 0);
    // In one piece: a session that is over ends when all is acknowledged.
    if (unacked_ > 0)
      acknowledge(ping_text());
  } catch (const sink_error& error) {
    output_.give_up();
    fail(error.what());
    return;
  }
  if (is_confirmed_ || result_.batches == 0)
    return;
  confirms_ = true;
  over_ = false;
  stream_.ignore_stop();
  if (!has_pinged_)
    stream_.send(ping_text());
  const auto until = clock::now() + longest_confirmation;
  while (!over_ && clock::now() < until)
    read_some();
  if (!is_confirmed_)
    fail("the dispatcher did not say that it has kept the last acknowledgements: their batches may come again");
}

void session_run::finish_output() {
  if (options_.session->has_acks()) {
    finish_acks();
    return;
  }
  try {
    // A session that brought nothing and failed leaves an older file alone.
    output_.commit(!result_.error.empty() && result_.batches == 0);
  } catch (const sink_error& error) {
    output_.give_up();
    fail(error.what());
  }
  try {
    output_.keep_cursor();
  } catch (const cursor_file_error& error) {
    fail(error.what());
  }
}

} // namespace dispatch::pull
