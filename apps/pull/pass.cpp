#include "apps/pull/pass.hpp"

#include "apps/pull/frame_parser.hpp"

#include <algorithm>
#include <variant>

namespace dispatch::pull {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_size = std::size_t{256} << 10;
constexpr auto display_interval = 100ms;

// A server closes the connection after its last frame. The pass is complete by then, so one that does not is
// not waited for long.
constexpr auto closing_time = 2s;

} // namespace

pass::pass(const options& opts, tcp_stream& stream, sample_sink& sink, progress& display, int stop_fd)
  : options_(opts),
    stream_(stream),
    sink_(sink),
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
    if (result_.error.empty())
      sink_.commit();
  } catch (const sink_error& error) {
    fail(error.what());
  }
  display_.finish(counts(), clock::now());
  result_.complete = result_.error.empty();
  result_.batches = checker_.batches();
  if (whole_samples_)
    result_.samples = samples_;
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
    last_data_ = now;
    lines_.commit(read.size);
    take_lines();
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
  display_.update(counts(), clock::now());
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
  if (!result_.first_frame)
    result_.first_frame = last_frame_ - start_;
  result_.bytes += next.data.size();
  count_samples(next);
  sink_.write(next.data);
  if (digest_)
    digest_->add(next.data);
  if (auto wrong = checker_.shortfall())
    fail(*wrong);
  display_.update(counts(), last_frame_);
  if (options_.delay > 0ms && !checker_.complete())
    pause_for(options_.delay, stop_fd_);
}

void pass::count_samples(const frame& next) {
  auto count = options_.sample.count(next.data.size());
  if (count) {
    samples_ += *count;
    return;
  }
  whole_samples_ = false;
  if (options_.sample_was_given)
    throw sink_error{"batch " + std::to_string(next.batch_index) + " has " + std::to_string(next.data.size())
                     + " bytes, which are not whole samples of " + options_.sample.text() + " ("
                     + std::to_string(options_.sample.bytes) + " bytes each, --sample)"};
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
  }
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
