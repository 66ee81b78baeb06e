#include "actors/pool/streams.hpp"

#include <caf/all.hpp>

#include "actors/batch_stream.hpp"

namespace dispatch::pool {

caf::result<stream_opened> streams::open(const open_stream& request) {
  const auto chosen = pool_.scheduler.best_upstream(pool_.now(), request.dataset);
  if (!chosen)
    return make_error(failure{status_code::unavailable, pool_.what_is_wrong()});
  auto& at = pool_.upstreams[*chosen];
  if (!at.has_room_for_stream())
    return make_error(failure{status_code::resource_exhausted, at.address() + " gets one call at a time: no stream"});
  // A stream has a connection of its own, over which the fingerprint has to be asked for first.
  if (request.fingerprint.is_known() && described_.is_slow(*chosen, request.dataset))
    return make_error(failure{status_code::unavailable, too_slow(request.dataset).message});
  batch_stream_actor stream =
    pool_.self->spawn<batch_stream_impl>(pool_.sources(at.address()), request, pool_.self->current_sender(),
                                         batch_stream_options{pool_.options.fetcher.call_timeout, at.brought()});
  open_.emplace(stream.address(), purpose{*chosen, request.dataset});
  pool_.self->monitor(stream);
  at.begin_stream();
  pool_.share_out(*chosen);
  return stream_opened{std::move(stream)};
}

std::optional<streams::purpose> streams::find(const caf::actor_addr& stream) const {
  const auto found = open_.find(stream);
  return found != open_.end() ? std::optional{found->second} : std::nullopt;
}

std::optional<streams::purpose> streams::take(const caf::actor_addr& stream) {
  const auto ended = open_.extract(stream);
  if (ended.empty())
    return std::nullopt;
  const auto of = ended.mapped();
  pool_.upstreams[of.upstream].end_stream();
  pool_.share_out(of.upstream);
  return of;
}

void streams::end_all(policy::upstream_id upstream) {
  const failure reason{status_code::resource_exhausted,
                       pool_.upstreams[upstream].address() + " has no room for a stream beside its calls"};
  for (const auto& [stream, of] : open_)
    if (const auto open = caf::actor_cast<caf::actor>(stream); open && of.upstream == upstream)
      pool_.self->send_exit(open, make_error(reason));
}

} // namespace dispatch::pool
