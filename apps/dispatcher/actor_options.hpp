#pragma once

#include "actors/batch_cache.hpp"
#include "actors/client.hpp"
#include "actors/fetcher_pool.hpp"
#include "actors/session/order_directory.hpp"
#include "actors/session/session_types.hpp"
#include "apps/dispatcher/client_room.hpp"
#include "apps/dispatcher/config.hpp"
#include "io/tcp/server_broker.hpp"
#include "messages/run_clock.hpp"

namespace dispatch {

// What each kind of actor is given of the configuration. `ran` is the clock of the time in which the process ran.

pool_options pool_options_of(const config& values, run_clock_ptr ran);

batch_cache_options cache_options_of(const config& values, run_clock_ptr ran);

client_options client_options_of(const config& values, run_clock_ptr ran);

/// @param room how many consumers there may be at a time
io::server_options server_options_of(const config& values, client_room room, run_clock_ptr ran);

session_options session_options_of(const config& values, run_clock_ptr ran);

order_directory_options directory_options_of(const config& values, run_clock_ptr ran);

} // namespace dispatch
