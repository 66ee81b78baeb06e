#include "actors/pool/core.hpp"

#include <caf/all.hpp>

#include <utility>

namespace dispatch::pool {

namespace {

policy::pool_book::options book_options(const pool_options& options) {
  return {std::vector<std::size_t>(options.upstreams.size(), policy::concurrency_limit{options.limit}.limit()),
          options.max_attempts, options.give_up_after};
}

} // namespace

core::core(fetcher_pool_actor::pointer self_, pool_options options_, batch_source_factory sources_, event_log_ptr log_)
  : self(self_),
    options(std::move(options_)),
    sources(std::move(sources_)),
    log(std::move(log_)),
    book(book_options(options)),
    retries(make_retry_counters(self->system().metrics())) {
  for (const auto& address : options.upstreams)
    upstreams.emplace_back(address, options.limit, self->system().metrics(), log);
}

std::chrono::steady_clock::time_point core::now() const {
  return run_time(options.ran, self->clock().now());
}

std::chrono::steady_clock::duration core::lost() const {
  return lost_until(options.ran, self->clock().now());
}

std::string core::what_is_wrong() const {
  std::string result;
  for (const auto& each : upstreams)
    result += (result.empty() ? "" : "; ") + each.address() + ": "
              + (each.last_failure().empty() ? "busy" : each.last_failure());
  return result;
}

} // namespace dispatch::pool
