#include "actors/pool/streams.hpp"

#include <caf/all.hpp>

#include "actors/batch_stream.hpp"
#include "actors/other_fingerprint.hpp"

namespace dispatch::pool {

caf::result<stream_opened> streams::open(const open_stream& request) {
  const auto chosen = pool_.scheduler.best_upstream(pool_.now(), request.dataset);
  const auto fetcher = chosen ? slots_.ready_fetcher(*chosen) : fetcher_actor{};
  if (fetcher == nullptr)
    return make_error(failure{status_code::unavailable, pool_.what_is_wrong()});
  auto& at = pool_.upstreams[*chosen];
  auto& known = pool_.scheduler.upstream(*chosen);
  if (!known.has_room_for_stream())
    return make_error(failure{status_code::resource_exhausted, at.address() + " gets one call at a time: no stream"});
  at.count_stream();
  known.begin_stream();
  auto promise = pool_.self->make_response_promise<stream_opened>();
  const auto begin = [this, promise, request, of = *chosen,
                      owner = pool_.self->current_sender()](const batch_source_ptr& source) mutable {
    if (source != nullptr)
      return promise.deliver(stream_opened{spawn(request, of, source, owner)});
    release(of);
    promise.deliver(make_error(other_fingerprint(request.dataset)));
  };
  pool_.self->request(fetcher, caf::infinite, share_connection{request.dataset, request.fingerprint})
    .then(begin, [this, promise, of = *chosen](const caf::error& reason) mutable {
      release(of);
      promise.deliver(make_error(to_failure(reason)));
    });
  return promise;
}

batch_stream_actor streams::spawn(const open_stream& request, policy::upstream_id upstream,
                                  const batch_source_ptr& source, const caf::strong_actor_ptr& owner) {
  batch_stream_actor stream =
    pool_.self->spawn<batch_stream_impl>(source, request, owner, pool_.upstreams[upstream].brought());
  open_.emplace(stream.address(), purpose{upstream, request.dataset});
  pool_.self->monitor(stream);
  return stream;
}

void streams::release(policy::upstream_id upstream) {
  pool_.scheduler.upstream(upstream).end_stream();
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
  release(of.upstream);
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
