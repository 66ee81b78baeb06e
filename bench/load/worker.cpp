#include "bench/load/worker.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "bench/load/hello_line.hpp"
#include "bench/stream/member_check.hpp"
#include "bench/stream/pass_check.hpp"
#include "bench/stream/session_check.hpp"

namespace dispatch::bench {

namespace {

/// Fits into a core's second-level cache together with the rest, and takes two frames of MNIST at a time.
constexpr std::size_t buffer_size = 256 * 1024;

/// So many clients connect before those that are connected are read from again.
constexpr std::size_t starts_at_once = 64;

constexpr int tick_ms = 10;

} // namespace

worker::worker(const load_options& options, const std::vector<server_address>& servers, run_state& run, share own)
  : options_(options),
    servers_(servers),
    run_(run),
    epoll_(::epoll_create1(EPOLL_CLOEXEC)),
    buffer_(buffer_size),
    slow_unfinished_(own.slow),
    all_slow_(options.slow == options.clients),
    ended_(run.started) {
  if (!epoll_)
    throw std::system_error{errno, std::generic_category(), "epoll_create1"};
  clients_.reserve(own.clients);
  for (std::size_t i = 0; i < own.clients; ++i) {
    load_client::manner how;
    if (i < own.slow)
      how.rate = options.slow_rate;
    if (options.is_session)
      how.hello = hello_line(options.hello, own.first + i).value_or("");
    how.acknowledges = options.acknowledges;
    clients_.emplace_back(std::move(how));
  }
}

void worker::work() {
  const auto limit = run_.started + options_.limit;
  const auto end = options_.duration ? std::min(limit, run_.started + *options_.duration) : limit;
  for (;;) {
    const auto now = load_client::clock::now();
    // Slow clients may take hours for their passes: nobody waits for them alone, unless there are no others.
    if (finished_ + (all_slow_ ? 0 : slow_unfinished_) == clients_.size())
      break;
    limit_reached_ = now >= limit && !(options_.duration && end < limit);
    if (now >= end || run_.stop) {
      ended_ = now;
      break;
    }
    start_due(now);
    resume_paused(now);
    wait_and_serve();
    publish();
  }
  cut_open_passes();
}

std::size_t worker::start_limit(time_point now) const {
  if (options_.sequential)
    return finished_ + 1;
  if (options_.ramp.count() == 0)
    return clients_.size();
  const auto share = std::chrono::duration<double>(now - run_.started) / options_.ramp;
  return static_cast<std::size_t>(share * static_cast<double>(clients_.size())) + 1;
}

void worker::start_due(time_point now) {
  const auto last = std::min({clients_.size(), start_limit(now), started_ + starts_at_once});
  while (started_ < last)
    start_pass(clients_[started_++]);
}

std::unique_ptr<stream_check> worker::make_check() {
  if (options_.is_group)
    return std::make_unique<member_check>(group_);
  if (options_.is_session)
    return std::make_unique<session_check>(options_.expected);
  return std::make_unique<pass_check>(options_.expected);
}

void worker::start_pass(load_client& client) {
  if (!client.connect(servers_[client.address], make_check()))
    return fail(client, "connect_failed");
  watch(client, EPOLL_CTL_ADD);
}

void worker::watch(load_client& client, int operation) {
  ::epoll_event event{};
  event.events = client.wants_to_speak() ? EPOLLOUT : EPOLLIN;
  event.data.ptr = &client;
  if (::epoll_ctl(epoll_.get(), operation, client.fd(), &event) != 0)
    throw std::system_error{errno, std::generic_category(), "epoll_ctl"};
}

void worker::wait_and_serve() {
  std::array<::epoll_event, 256> events;
  // Whoever waits to be started or to go on needs no more than a tick's precision.
  const auto starting = started_ < std::min(clients_.size(), options_.sequential ? finished_ + 1 : clients_.size());
  const auto timeout = starting && options_.ramp.count() == 0 ? 0 : tick_ms;
  const auto count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
  const auto now = slow_unfinished_ > 0 ? load_client::clock::now() : time_point{};
  for (int i = 0; i < count; ++i)
    serve(*static_cast<load_client*>(events[static_cast<std::size_t>(i)].data.ptr), now);
}

load_client::state worker::speak(load_client& client) {
  const auto result = client.speak();
  if (!client.wants_to_speak())
    watch(client, EPOLL_CTL_MOD);
  return result;
}

void worker::serve(load_client& client, time_point now) {
  const auto room = client.allowance(now, buffer_.size());
  const auto speaks = client.wants_to_speak();
  if (room == 0 && !speaks)
    return pause(client);
  switch (speaks ? speak(client) : client.read(buffer_.data(), room, counts_of(client))) {
  case load_client::state::waiting:
    return;
  case load_client::state::reading:
    if (client.wants_to_speak())
      watch(client, EPOLL_CTL_MOD);
    // It has had what it may for now, and would get what a microsecond allows if it were asked again.
    return room < buffer_.size() ? pause(client) : void();
  case load_client::state::refused:
    return try_next_address(client);
  case load_client::state::ended:
    return end_pass(client);
  case load_client::state::lost:
    return fail(client, client.check().complete() ? "reset_after_eof" : "connection_lost");
  }
}

void worker::pause(load_client& client) {
  watch(client, EPOLL_CTL_DEL);
  client.paused = true;
  ++paused_;
}

void worker::resume_paused(time_point now) {
  if (now < next_resume_)
    return;
  next_resume_ = now + std::chrono::milliseconds{tick_ms};
  for (std::size_t i = 0; paused_ > 0 && i < clients_.size(); ++i) {
    auto& client = clients_[i];
    if (!client.paused || client.allowance(now, buffer_.size()) == 0)
      continue;
    client.paused = false;
    --paused_;
    watch(client, EPOLL_CTL_ADD);
  }
}

void worker::try_next_address(load_client& client) {
  client.disconnect();
  if (++client.address == servers_.size())
    return fail(client, "connect_failed");
  start_pass(client);
}

void worker::end_pass(load_client& client) {
  auto& counts = counts_of(client);
  if (const auto fault = client.check().fault()) {
    if (client.check().error())
      counts.add_error(*client.check().error());
    client.disconnect();
    client.failed = true;
    counts.add_fault(std::string{to_string(*fault)});
    return finish(client);
  }
  client.disconnect();
  ++client.passes_complete;
  ++counts.passes_complete;
  if (!options_.passes || client.passes_complete < *options_.passes)
    return start_pass(client);
  finish(client);
}

void worker::fail(load_client& client, const std::string& why) {
  client.disconnect();
  client.failed = true;
  counts_of(client).add_fault(why);
  finish(client);
}

void worker::finish(load_client& client) {
  client.finished = true;
  ++finished_;
  if (client.slow())
    --slow_unfinished_;
  if (!client.slow() || all_slow_)
    ended_ = load_client::clock::now();
}

void worker::cut_open_passes() {
  for (auto& client : clients_) {
    const auto may_be_late = client.slow() && !all_slow_;
    if (!client.finished && limit_reached_ && !may_be_late)
      fail(client, client.fd() >= 0 && client.check().complete() ? "not_closed" : "timeout");
    else if (client.fd() >= 0)
      ++counts_of(client).passes_cut;
    client.disconnect();
    if (client.failed)
      ++counts_of(client).clients_incomplete;
    else if (client.passes_complete > 0)
      ++counts_of(client).clients_complete;
  }
}

void worker::publish() {
  const auto frames = normal_.frames + slow_.frames;
  const auto bytes = normal_.bytes + slow_.bytes;
  run_.frames.fetch_add(frames - frames_published_, std::memory_order_relaxed);
  run_.bytes.fetch_add(bytes - bytes_published_, std::memory_order_relaxed);
  frames_published_ = frames;
  bytes_published_ = bytes;
}

} // namespace dispatch::bench
