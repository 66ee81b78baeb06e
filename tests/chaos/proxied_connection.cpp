#include "tests/chaos/proxied_connection.hpp"

#include <poll.h>

#include <utility>

#include "tests/chaos/loopback_socket.hpp"

namespace dispatch::chaos {

namespace {

/// What to wait for at a socket that one flow comes from and the other goes to.
short events_for(const byte_flow& from, const byte_flow& to, byte_flow::time_point now, const link_manner& manner) {
  const int in = from.has_room() && !manner.silent ? POLLIN : 0;
  const int out = to.has_due(now, manner) ? POLLOUT : 0;
  return static_cast<short>(in | out);
}

/// A socket that is waited for without an event would report its failure again and again.
poll_set::slot watch_for(poll_set& set, const io::unique_fd& socket, short events) {
  return events != 0 ? set.watch(socket.get(), events) : poll_set::none;
}

} // namespace

proxied_connection::proxied_connection(io::unique_fd near, io::unique_fd far)
  : near_(std::move(near)),
    far_(std::move(far)) {}

void proxied_connection::watch(poll_set& set, time_point now, const link_manner& manner) {
  near_slot_ = watch_for(set, near_, events_for(requests_, replies_, now, manner));
  far_slot_ = watch_for(set, far_, events_for(replies_, requests_, now, manner));
}

void proxied_connection::serve(const poll_set& set, time_point now, const link_manner& manner) {
  if (!move_bytes(set, now, manner))
    reset();
  else if (replies_.stopped())
    cut_with_reset_ ? reset() : close();
  else if (requests_.over() && replies_.over())
    close();
}

bool proxied_connection::move_bytes(const poll_set& set, time_point now, const link_manner& manner) {
  const auto read = [&](byte_flow& flow, const io::unique_fd& socket, poll_set::slot slot) {
    return !set.happened(slot, POLLIN) || !flow.has_room() || flow.read_from(socket, now, manner);
  };
  const auto write = [&](byte_flow& flow, const io::unique_fd& socket, poll_set::slot slot) {
    return !set.happened(slot, POLLOUT) || !flow.has_due(now, manner) || flow.write_to(socket, now, manner);
  };
  return read(requests_, near_, near_slot_) && read(replies_, far_, far_slot_) && write(requests_, far_, far_slot_)
         && write(replies_, near_, near_slot_);
}

void proxied_connection::cut_after(std::uint64_t bytes, bool with_reset) {
  replies_.stop_after(bytes);
  cut_with_reset_ = with_reset;
}

void proxied_connection::request_damage(damage what, bool of_requests) {
  (of_requests ? requests_ : replies_).damager().request(what);
}

void proxied_connection::reset() {
  close_with_reset(near_);
  close_with_reset(far_);
}

void proxied_connection::close() {
  near_ = io::unique_fd{};
  far_ = io::unique_fd{};
}

} // namespace dispatch::chaos
