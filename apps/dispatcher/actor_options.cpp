#include "apps/dispatcher/actor_options.hpp"

#include <chrono>
#include <random>
#include <utility>

#include "apps/dispatcher/upstream_options.hpp"

namespace dispatch {

namespace {

/// How long a stream may bring nothing where another upstream can be asked.
constexpr std::chrono::milliseconds stall_timeout{500};

} // namespace

pool_options pool_options_of(const config& values, run_clock_ptr ran) {
  pool_options result;
  auto places = upstreams_of(values);
  result.upstreams = std::move(places.addresses);
  result.names = std::move(places.names);
  result.fetchers_per_upstream = values.fetchers;
  if (values.in_flight)
    result.limit = {*values.in_flight, *values.in_flight, *values.in_flight};
  result.max_attempts = values.max_attempts;
  result.fetcher.call_timeout = values.call_timeout;
  result.ran = std::move(ran);
  result.fetcher.probe_timeout = grpc_options_of(values).silence_limit;
  result.seed = std::random_device{}();
  return result;
}

batch_cache_options cache_options_of(const config& values, run_clock_ptr ran) {
  batch_cache_options result;
  result.capacity_bytes = values.cache_mb << 20;
  result.ran = ran;
  result.prefetch.ran = std::move(ran);
  result.prefetch.choice.mode = values.fetch_mode;
  result.prefetch.call_timeout = values.call_timeout;
  result.dataset = values.dataset;
  result.upstreams = values.upstreams;
  result.is_warmed = values.prefetch;
  result.batch_size = values.batch_size;
  result.has_sessions = values.sessions != no_endpoint;
  result.give_up_after = values.give_up_after;
  // Calls go to another upstream, where there may be one.
  const auto places = upstreams_of(values);
  const auto is_alone = places.names.empty() && places.addresses.size() == 1;
  result.prefetch.stall_timeout = is_alone ? values.call_timeout : stall_timeout;
  return result;
}

client_options client_options_of(const config& values, run_clock_ptr ran) {
  client_options result;
  result.ran = std::move(ran);
  result.dataset = values.dataset;
  result.batch_size = values.batch_size;
  if (values.window)
    result.window = {*values.window, *values.window};
  result.give_up_after = values.give_up_after;
  return result;
}

io::server_options server_options_of(const config& values, client_room room, run_clock_ptr ran) {
  io::server_options result;
  auto& connection = result.connection;
  connection.socket.dead_peer_timeout = std::chrono::duration_cast<std::chrono::seconds>(values.dead_peer_timeout);
  connection.stall_timeout = values.stall_timeout;
  connection.ran = std::move(ran);
  result.max_connections = room.clients + room.refused;
  return result;
}

session_options session_options_of(const config& values, run_clock_ptr ran) {
  session_options result;
  result.ran = std::move(ran);
  result.defaults = {values.dataset, values.batch_size};
  if (values.window)
    result.window = {*values.window, *values.window};
  result.give_up_after = values.give_up_after;
  return result;
}

order_directory_options directory_options_of(const config& values, run_clock_ptr ran) {
  order_directory_options result;
  result.assembler.give_up_after = values.give_up_after;
  result.assembler.ran = std::move(ran);
  result.cache_bytes = values.cache_mb << 20;
  return result;
}

} // namespace dispatch
