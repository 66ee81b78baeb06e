#include "actors/pool/upstream_names.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "messages/named_address.hpp"

namespace dispatch::pool {

upstream_names::upstream_names(core& pool, listener to) : pool_(pool), to_(std::move(to)) {
  for (const auto& name : pool.options.names)
    names_.push_back({name});
  for (const auto& each : names_)
    pool_.unresolved[each.name.text] = "not looked up yet";
}

void upstream_names::on_tick() {
  for (auto& each : names_)
    if (each.watch.begin_if_due(pool_.now()))
      look_up(each);
}

void upstream_names::look_up(entry& of) {
  pool_.self->request(pool_.options.resolver, caf::infinite, resolve_name{of.name.host, of.name.port})
    .then([this, &of](const resolved_name& found) { on_answer(of, found); },
          [this, &of](const caf::error& reason) { on_failure(of, to_failure(reason)); });
}

void upstream_names::on_answer(entry& of, const resolved_name& found) {
  const auto change = of.watch.note_answer(of.upstreams, found.addresses, pool_.now());
  pool_.unresolved.erase(of.name.text);
  // Those that come first: work of those that go can move to them.
  for (const auto& address : change.added)
    of.upstreams[address] = to_.on_added(to_string(named_address{of.name.host, address}), of.name.text);
  for (const auto& address : change.removed)
    to_.on_removed(of.upstreams.extract(address).mapped());
  const auto unused = std::count_if(found.addresses.begin(), found.addresses.end(),
                                    [&](const auto& each) { return of.upstreams.count(each) == 0; });
  if (unused > 0 && !change.added.empty())
    pool_.log->write(severity::warning, "addresses_unused",
                     {{"upstream", of.name.text}, {"used", of.upstreams.size()}, {"unused", unused}});
}

void upstream_names::on_failure(entry& of, const failure& what) {
  of.last_failure = to_string(what.code) + ": the name is not found: " + what.message;
  of.last_failure_at = caf::make_timestamp();
  if (of.upstreams.empty())
    pool_.unresolved[of.name.text] = of.last_failure;
  if (of.watch.note_failure(pool_.now()))
    pool_.log->write(severity::warning, "name_not_found",
                     {{"upstream", of.name.text}, {"message", what.message}, {"addresses", of.upstreams.size()}});
}

void upstream_names::note_trouble(policy::upstream_id upstream) {
  for (auto& each : names_)
    if (std::any_of(each.upstreams.begin(), each.upstreams.end(),
                    [=](const auto& known) { return known.second == upstream; }))
      each.watch.note_trouble();
}

void upstream_names::report(std::vector<upstream_report>& upstreams) const {
  for (const auto& each : names_) {
    if (!each.upstreams.empty())
      continue;
    upstream_report row;
    row.address = each.name.text;
    row.name = each.name.text;
    row.last_failure = each.last_failure;
    row.last_failure_at = each.last_failure_at;
    upstreams.push_back(std::move(row));
  }
}

} // namespace dispatch::pool
