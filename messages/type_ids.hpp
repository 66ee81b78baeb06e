#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <memory>
#include <string>

/// @file
/// The one block of type ids: every type that travels between actors stands here.

namespace dispatch {

class batch;
using batch_ptr = std::shared_ptr<const batch>;

enum class status_code : std::uint8_t;

struct batch_key;
struct dataset_description;
struct describe_dataset;
struct described_dataset;
struct fetch_batch;
struct want_batches;
struct batch_failed;
struct batches_arrived;

struct frame_cache_report;
struct get_frame_cache_report;
struct get_latest_batch;
struct latest_batch;

struct await_connection_end;
struct check_health;
struct probe_connection;
struct batch_result;
struct next_batch;
struct description_result;
struct health_result;

struct consumer_tick;
struct end_pass;
struct get_client_report;

struct input_ended;
struct input_received;
struct messages_sent;
struct peer_stalled;

struct abort_connection;
struct allow_input;
struct attach_owner;
struct check_peer;
struct drop_unsent;
struct finish_sending;
struct send_pieces;
struct unsent_dropped;

struct connection_opened;
struct drain_clients;
struct get_listener_report;
struct listener_report;

struct get_pool_report;
struct hasten_restarts;
struct stream_broke;
struct pool_report;
struct withdraw_fetch;
struct open_stream;
struct stream_opened;

struct lookup_result;
struct resolve_name;
struct resolved_name;

struct write_report;

struct actor_report;
enum class bottleneck : std::uint8_t;
struct cache_report;
struct client_report;
struct code_count;
struct fetcher_report;
struct get_actor_report;
struct get_health_report;
struct get_service_report;
struct health_report;
struct service_report;
struct totals_report;
struct upstream_report;
struct waiting_shares;
struct waiting_times;
struct window_report;

struct check_some_peers;
struct linger_over;
struct socket_failed;
struct socket_readable;
struct socket_writable;
struct stop_accepting;

} // namespace dispatch

CAF_BEGIN_TYPE_ID_BLOCK(dispatch, first_custom_type_id)
  CAF_ADD_TYPE_ID(dispatch, (dispatch::batch_ptr))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::status_code))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::batch_key))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::dataset_description))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::describe_dataset))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::described_dataset))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::fetch_batch))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::want_batches))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::batch_failed))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::batches_arrived))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::frame_cache_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::get_frame_cache_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::get_latest_batch))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::latest_batch))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::check_health))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::probe_connection))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::await_connection_end))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::batch_result))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::next_batch))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::description_result))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::health_result))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::consumer_tick))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::end_pass))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::get_client_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::input_ended))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::input_received))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::messages_sent))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::peer_stalled))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::abort_connection))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::allow_input))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::attach_owner))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::check_peer))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::drop_unsent))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::finish_sending))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::send_pieces))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::unsent_dropped))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::connection_opened))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::drain_clients))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::get_listener_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::listener_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::get_pool_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::hasten_restarts))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::pool_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::withdraw_fetch))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::stream_broke))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::open_stream))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::stream_opened))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::lookup_result))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::resolve_name))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::resolved_name))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::write_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::actor_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::bottleneck))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::cache_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::client_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::code_count))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::fetcher_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::get_actor_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::get_health_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::get_service_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::health_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::service_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::totals_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::upstream_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::waiting_shares))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::waiting_times))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::window_report))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::check_some_peers))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::linger_over))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::socket_failed))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::socket_readable))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::socket_writable))
  CAF_ADD_TYPE_ID(dispatch, (dispatch::stop_accepting))
CAF_END_TYPE_ID_BLOCK(dispatch)

// These hold pointers to shared objects: they never leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::batch_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::batches_arrived)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::want_batches)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::batch_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::stream_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::send_pieces)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::attach_owner)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::connection_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::listener_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::pool_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::frame_cache_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::latest_batch)

namespace dispatch {

/// Makes CAF know the types above. Called once, before the first actor system.
void init_message_types();

} // namespace dispatch
