#include "actors/pool/core.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace dispatch::pool {

namespace {

policy::call_scheduler::options scheduler_options(const pool_options& options) {
  return {{}, options.max_attempts};
}

} // namespace

core::core(fetcher_pool_actor::pointer self_, pool_options options_, batch_source_factory sources_, event_log_ptr log_)
  : self(self_),
    options(std::move(options_)),
    sources(std::move(sources_)),
    log(std::move(log_)),
    scheduler(scheduler_options(options)),
    retries(make_retry_counters(self->system().metrics())),
    held_up(client_metrics{self->system().metrics()}.held_up) {
  for (const auto& address : options.upstreams)
    add_upstream(address, address);
}

policy::upstream_id core::add_upstream(const std::string& address, const std::string& name) {
  upstream added{address, name, self->system().metrics(), log, outages, now()};
  for (policy::upstream_id id = 0; id < upstreams.size(); ++id)
    if (upstreams[id].is_retired() && upstreams[id].is_idle() && scheduler.upstream(id).is_idle()) {
      upstreams[id] = std::move(added);
      scheduler.replace_upstream(id, options.limit);
      return id;
    }
  upstreams.push_back(std::move(added));
  scheduler.add_upstream(options.limit);
  return upstreams.size() - 1;
}

std::size_t core::count() const {
  const auto is_retired = [](const upstream& each) { return each.is_retired(); };
  return upstreams.size() + unresolved.size()
         - static_cast<std::size_t>(std::count_if(upstreams.begin(), upstreams.end(), is_retired));
}

std::chrono::steady_clock::time_point core::now() const {
  return run_time(options.ran, self->clock().now());
}

std::chrono::steady_clock::duration core::lost() const {
  return lost_until(options.ran, self->clock().now());
}

bool core::any_up() const {
  return std::any_of(upstreams.begin(), upstreams.end(), [](const upstream& each) { return each.is_up(); });
}

std::string core::what_is_wrong() const {
  std::string result;
  const auto add = [&](const std::string& where, const std::string& what) {
    result += (result.empty() ? "" : "; ") + where + ": " + what;
  };
  for (const auto& each : upstreams)
    if (!each.is_retired())
      add(each.address(), each.last_failure().empty() ? "busy" : each.last_failure());
  for (const auto& [name, trouble] : unresolved)
    add(name, trouble);
  return result;
}

} // namespace dispatch::pool
