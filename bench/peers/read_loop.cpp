#include "bench/peers/read_loop.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace dispatch::bench {

namespace {

/// The end is looked for so often.
constexpr int tick_ms = 10;

} // namespace

read_loop::read_loop(std::vector<std::unique_ptr<consumer>> consumers, std::size_t frames,
                     std::optional<std::size_t> passes)
  : frames_(frames),
    passes_(passes),
    unfinished_(consumers.size()),
    epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_)
    throw std::system_error{errno, std::generic_category(), "epoll_create1"};
  // Events point into it.
  readers_.reserve(consumers.size());
  for (auto& each : consumers) {
    auto& one = readers_.emplace_back(reader{std::move(each)});
    ::epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &one;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, one.from->fd(), &event) != 0)
      throw std::system_error{errno, std::generic_category(), "epoll_ctl"};
  }
}

void read_loop::read_until(clock::time_point end, bool is_cut, pace& own) {
  for (auto& one : readers_)
    begin(one);
  std::array<::epoll_event, 256> events;
  while (unfinished_ > 0 && clock::now() < end && !own.closed()) {
    const auto count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), tick_ms);
    for (int i = 0; i < count; ++i)
      serve(*static_cast<reader*>(events[static_cast<std::size_t>(i)].data.ptr));
    own.taken(slowest());
  }
  end_open_passes(is_cut);
}

void read_loop::begin(reader& one) {
  one.check.emplace(static_cast<std::int64_t>(frames_));
  one.from->begin_pass();
}

void read_loop::serve(reader& one) {
  if (one.finished)
    return;
  try {
    const auto passes = one.passes;
    one.from->read([this, &one](std::string_view frame) { take(one, frame); });
    if (one.passes > passes && !one.finished)
      one.from->begin_pass();
  } catch (const peer_error& problem) {
    if (counts_.error_message.empty())
      counts_.error_message = problem.what();
    fail(one, "connection_lost");
  }
}

void read_loop::take(reader& one, std::string_view frame) {
  if (one.finished)
    return;
  if (one.check->take(frame) == 1) {
    ++one.frames;
    ++counts_.frames;
    counts_.bytes += frame.size();
  }
  if (const auto fault = one.check->fault())
    return fail(one, std::string{to_string(*fault)});
  if (!one.check->complete())
    return;
  ++counts_.passes_complete;
  ++one.passes;
  if (passes_ && one.passes == *passes_)
    return finish(one);
  // Where a broker is not asked for it, the next pass follows at once.
  one.check.emplace(static_cast<std::int64_t>(frames_));
}

void read_loop::finish(reader& one) {
  one.finished = true;
  --unfinished_;
  // Where the connection has ended, its socket is gone already.
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, one.from->fd(), nullptr);
}

void read_loop::fail(reader& one, const std::string& fault) {
  ++counts_.passes_incomplete;
  ++counts_.faults[fault];
  finish(one);
}

void read_loop::end_open_passes(bool is_cut) {
  for (auto& one : readers_) {
    if (one.finished)
      continue;
    if (is_cut)
      ++counts_.passes_cut;
    else
      fail(one, "timeout");
  }
}

std::uint64_t read_loop::slowest() const {
  std::uint64_t least = UINT64_MAX;
  for (const auto& one : readers_)
    if (!one.finished)
      least = std::min(least, one.frames);
  return least;
}

} // namespace dispatch::bench
