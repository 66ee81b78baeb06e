#include "apps/pull/pass.hpp"

#include "apps/pull/frame_parser.hpp"
#include "apps/pull/other_server.hpp"

#include <algorithm>
#include <numeric>
#include <system_error>
#include <utility>
#include <variant>

namespace dispatch::pull {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_size = std::size_t{256} << 10;
constexpr auto display_interval = 100ms;

// A server closes the connection after its last frame. The pass is complete by then, so one that does not is
// not waited for long.
constexpr auto closing_time = 2s;

// How long nothing comes until it is said why, and how long a server that was sent a request has to answer it.
constexpr auto unexplained_silence = 3s;
constexpr auto request_time = 1s;

/// How an error begins at a dispatcher's port for sessions.
constexpr std::string_view session_error = R"({"type":"error",)";

bool is_npy(std::string_view name) {
  return name.size() >= 4 && name.substr(name.size() - 4) == ".npy";
}

} // namespace

pass::pass(const options& opts, tcp_stream& stream, sample_sink& sink, admin_view& admin, progress& display,
           int stop_fd)
  : options_(opts),
    stream_(stream),
    sink_(sink),
    admin_(admin),
    display_(display),
    stop_fd_(stop_fd),
    lines_(opts.max_line),
    checker_(opts.expected),
    start_(clock::now()),
    last_data_(start_),
    last_frame_(start_) {
  if (opts.json)
    digest_.emplace();
}

summary pass::run() {
  try {
    read_all();
    if (result_.error.empty() && asked_sample_.valid())
      take_description();
    if (result_.error.empty())
      sink_.commit();
  } catch (const sink_error& error) {
    fail(error.what());
  }
  display_.finish(counts(), clock::now());
  result_.complete = result_.error.empty();
  result_.batches = checker_.batches();
  const auto& sample = described_sample_ ? *described_sample_ : options_.sample;
  if (batch_unit_ % sample.bytes == 0)
    result_.samples = result_.bytes / sample.bytes;
  if (result_.samples > 0u) {
    result_.sample = sample.text();
    result_.said_by = described_sample_           ? sample_source::dispatcher
                      : options_.sample_was_given ? sample_source::option
                                                  : sample_source::nobody;
  }
  result_.time = (checker_.complete() ? last_frame_ : clock::now()) - start_;
  if (digest_)
    result_.sha256 = digest_->hex();
  return result_;
}

void pass::read_all() {
  while (!over_)
    read_some();
}

void pass::read_some() {
  auto room = lines_.prepare(read_size);
  auto read = stream_.read(room.data, room.size, display_interval);
  auto now = clock::now();
  switch (read.what) {
  case tcp_stream::event::data:
    if (!std::exchange(any_bytes_, true))
      take_first_bytes({room.data, read.size});
    lines_.commit(read.size);
    take_lines();
    // A pause of our own is no silence of the server.
    last_data_ = clock::now();
    explained_ = false;
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
    over_ = true;
    if (!checker_.complete())
      fail("interrupted");
    break;
  }
  if (!over_ && asked_sample_.valid() && asked_sample_.wait_for(0s) == std::future_status::ready)
    take_description();
  display_.update(counts(), clock::now());
}

void pass::take_first_bytes(std::string_view bytes) {
  const auto other = other_server_of(bytes);
  if (!other)
    return;
  const auto where = io::to_string(options_.server);
  const auto dispatcher = other->speaks_http ? state_at(options_.server) : std::nullopt;
  if (dispatcher)
    fail(where + " is a dispatcher's admin endpoint; its consumers connect to port "
         + std::to_string(dispatcher->port));
  else
    fail(where + " is not a dispatcher: " + other->text
         + "; --connect takes the port of a dispatcher's --listen, which is 8080 unless it says otherwise");
}

void pass::take_lines() {
  while (!over_) {
    std::string_view line;
    switch (lines_.next(line)) {
    case line_reader::status::line:
      take_line(line);
      break;
    case line_reader::status::need_more:
      return;
    case line_reader::status::too_long:
      fail("a line is longer than " + std::to_string(options_.max_line >> 20) + " MiB (--max-frame-mib), after "
           + std::to_string(checker_.batches()) + " batches");
      break;
    }
  }
}

void pass::take_line(std::string_view line) {
  // Such a dispatcher says what it dislikes about our silence, or about the request that followed it.
  if (checker_.batches() == 0 && line.substr(0, session_error.size()) == session_error) {
    fail(io::to_string(options_.server) + " is a dispatcher's port for sessions; --session opens one");
    return;
  }
  auto parsed = parse_frame(line);
  if (auto malformed = std::get_if<malformed_frame>(&parsed)) {
    fail("line " + std::to_string(checker_.batches() + 1) + " is no frame: " + malformed->reason);
    return;
  }
  take_frame(std::get<frame>(parsed));
}

void pass::take_frame(const frame& next) {
  if (auto wrong = checker_.accept(next)) {
    if (next.error)
      result_.error_code = next.error->code;
    fail(*wrong);
    return;
  }
  last_frame_ = clock::now();
  if (!result_.first_frame) {
    result_.first_frame = last_frame_ - start_;
    ask_for_sample();
  }
  result_.bytes += next.data.size();
  count_samples(next);
  sink_.write(next.data);
  if (digest_)
    digest_->add(next.data);
  if (auto wrong = checker_.shortfall())
    fail(*wrong);
  display_.update(counts(), last_frame_);
  if (options_.delay > 0ms && !checker_.complete() && !pause_for(options_.delay, stop_fd_))
    fail("interrupted");
}

void pass::count_samples(const frame& next) {
  batch_unit_ = std::gcd(batch_unit_, std::uint64_t{next.data.size()});
  if (options_.sample_was_given && !options_.sample.count(next.data.size()))
    throw sink_error{"batch " + std::to_string(next.batch_index) + " has " + std::to_string(next.data.size())
                     + " bytes, which are not whole samples of " + options_.sample.text() + " ("
                     + std::to_string(options_.sample.bytes) + " bytes each, --sample)"};
}

// Beside the pass, which shall not wait for it. The dispatcher knows when the first batch has come.
void pass::ask_for_sample() {
  if (!options_.admin)
    return;
  try {
    asked_sample_ = std::async(std::launch::async, [&admin = admin_] { return admin.sample(); });
  } catch (const std::system_error&) {
    // There is no thread to spare: nothing is confirmed.
  }
}

void pass::take_description() {
  described_sample_ = asked_sample_.get();
  if (!described_sample_ || described_sample_->text() == options_.sample.text())
    return;
  const auto said = described_sample_->text();
  if (options_.sample_was_given)
    fail("--sample: got " + options_.sample.text() + ", and the dispatcher's samples are " + said + "; take --sample "
         + said + ", or --admin none to ask nobody");
  else if (is_npy(options_.out))
    fail("--out: " + options_.out + " was begun for samples of " + options_.sample.text()
         + ", the default of --sample, and the dispatcher's are " + said + "; take --sample " + said);
}

void pass::on_silence(clock::time_point now) {
  if (checker_.complete()) {
    if (now - last_frame_ >= closing_time) {
      notice_ = "the server has not closed the connection after its last frame";
      on_end("");
    }
  } else if (options_.idle_timeout > 0ms && now - last_data_ >= options_.idle_timeout) {
    fail("nothing came for " + std::to_string(options_.idle_timeout.count()) + " ms (--idle-timeout), after "
         + std::to_string(checker_.batches()) + " batches");
  } else {
    explain_silence(now - last_data_);
  }
}

void pass::explain_silence(clock::duration quiet_for) {
  if (explained_ || quiet_for < unexplained_silence + (sent_request_ ? request_time : 0s))
    return;
  const auto dispatcher = admin_.state();
  const auto other_port = dispatcher && dispatcher->port != options_.server.port;
  // An HTTP server never speaks first, but it answers. A dispatcher throws away what consumers send.
  if ((!dispatcher || other_port) && !any_bytes_ && !std::exchange(sent_request_, true)) {
    stream_.send(http_request);
    return;
  }
  explained_ = true;
  auto why = dispatcher ? dispatcher->waits_for
             : any_bytes_
               ? "the dispatcher may wait for its dataset service; `dispatcher status` on its machine says more"
               : "it is a dispatcher that waits for its dataset service, or no dispatcher; `dispatcher status` on its "
                 "machine says which";
  if (other_port && dispatcher->port != 0)
    why += "; its consumers connect to port " + std::to_string(dispatcher->port);
  if (!dispatcher && options_.admin)
    why += " (its admin endpoint is not at " + io::to_string(*options_.admin) + "; --admin says where)";
  display_.say("dispatcher-pull: nothing has come from " + io::to_string(options_.server) + " for "
               + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(quiet_for).count()) + " s: " + why);
}

void pass::on_end(const std::string& how) {
  over_ = true;
  if (auto wrong = checker_.finish(lines_.pending()))
    fail(*wrong + how);
}

void pass::fail(std::string why) {
  over_ = true;
  if (result_.error.empty())
    result_.error = std::move(why);
}

} // namespace dispatch::pull
