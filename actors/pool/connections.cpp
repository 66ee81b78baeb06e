#include "actors/pool/connections.hpp"

#include <caf/all.hpp>

namespace dispatch::pool {

void connections::open(policy::fetcher_id id, const fetcher_actor& fetcher, policy::upstream_id upstream) {
  open_.emplace(id, connection{fetcher, upstream, policy::quiet_watch{pool_.now()}});
}

void connections::note_asked(policy::fetcher_id id) {
  open_.at(id).watch.asked(pool_.now());
}

void connections::note_answer(policy::fetcher_id id, status_code code, std::size_t calls_ended) {
  const auto from = open_.find(id);
  if (from == open_.end() || code == status_code::deadline_exceeded)
    return;
  auto& [fetcher, upstream, watch, is_probed] = from->second;
  watch.answered(pool_.now(), pool_.scheduler.in_flight_of(id) == calls_ended);
  // UNAVAILABLE says the upstream, or gRPC of a connection that is lost.
  if (code != status_code::unavailable)
    pool_.upstreams[upstream].note_answer(pool_.scheduler.live_fetchers(upstream) > 0, pool_.now());
}

bool connections::may_be_lost(policy::fetcher_id id) const {
  const auto found = open_.find(id);
  return found != open_.end() && found->second.watch.is_quiet(pool_.now()) && pool_.scheduler.in_flight_of(id) == 0;
}

void connections::on_tick() {
  // Where calls or a stream are under way, those find out; and a service that has one thread must not be asked beside
  // them.
  for (auto& [id, each] : open_)
    if (!each.is_probed && each.watch.is_quiet(pool_.now()) && pool_.scheduler.upstream(each.upstream).is_idle())
      probe(id, each);
}

void connections::probe(policy::fetcher_id id, connection& quiet) {
  quiet.is_probed = true;
  quiet.watch.asked(pool_.now());
  pool_.upstreams[quiet.upstream].begin_probe(pool_.now());
  const auto ended = [this, id, upstream = quiet.upstream](status_code code) { on_probed(id, upstream, code); };
  pool_.self->request(quiet.fetcher, caf::infinite, probe_connection{})
    .then([ended](const std::string&) { ended(status_code::ok); },
          [ended](const caf::error& reason) { ended(to_failure(reason).code); });
}

void connections::on_probed(policy::fetcher_id id, policy::upstream_id upstream, status_code code) {
  if (const auto from = open_.find(id); from != open_.end())
    from->second.is_probed = false;
  note_answer(id, code, 0);
  pool_.upstreams[upstream].end_probe();
}

} // namespace dispatch::pool
