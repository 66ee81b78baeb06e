#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <memory>
#include <string>

/// @file
/// The one block of type ids: every type that travels between actors stands here. No message leaves the process, so
/// none is serialised: CAF is told not to ask how ("unsafe"), and no message needs an `inspect`.

namespace dispatch {

class batch;
using batch_ptr = std::shared_ptr<const batch>;
class batch_source;
using batch_source_ptr = std::shared_ptr<batch_source>;

enum class status_code : std::uint8_t;

struct abort_connection;
struct actor_report;
struct allow_input;
struct attach_owner;
struct await_connection_end;
struct batch_cache_report;
struct batch_failed;
struct batch_result;
struct batches_arrived;
struct batches_handed;
struct begin_drain;
struct check_health;
struct check_peer;
struct check_some_peers;
struct client_report;
struct connection_opened;
struct consumer_tick;
struct dataset_description;
struct delete_group;
struct describe_dataset;
struct described_dataset;
struct description_result;
struct drain_clients;
struct drop_unsent;
struct end_pass;
struct fetch_batch;
struct find_group;
struct finish_sending;
struct get_actor_report;
struct get_batch_cache_report;
struct get_client_report;
struct get_group_report;
struct get_group_wait;
struct get_groups_report;
struct get_health_report;
struct get_history;
struct get_latest_batch;
struct get_listener_report;
struct get_orders_report;
struct get_pool_report;
struct get_service_report;
struct get_session_history;
struct group_closed;
struct group_list;
struct group_moved;
struct group_progress;
struct group_report;
struct group_sync;
struct group_synced;
struct group_view;
struct group_wait;
struct groups_report;
struct hasten_restarts;
struct health_report;
struct health_result;
struct history_report;
struct input_ended;
struct input_received;
struct join_group;
struct join_order;
struct joined_group;
struct keep_position;
struct latest_batch;
struct leave_group;
struct linger_over;
struct list_groups;
struct listener_report;
struct lookup_result;
struct member_turn;
struct messages_sent;
struct next_batch;
struct open_group;
struct open_order;
struct open_stream;
struct opened_group;
struct opened_order;
struct orders_report;
struct park_batch;
struct peer_lost;
struct peer_stalled;
struct pool_report;
struct probe_connection;
struct record_acks;
struct resolve_name;
struct resolved_name;
struct return_batches;
struct rows_arrived;
struct rows_failed;
struct run_store_jobs;
struct seek_group;
struct send_pieces;
struct service_report;
struct session_heard;
struct session_history_report;
struct session_over;
struct share_connection;
struct show_group;
struct socket_failed;
struct socket_readable;
struct socket_writable;
struct stop_accepting;
struct stream_broke;
struct stream_opened;
struct sync_due;
struct take_position;
struct taken_position;
struct unsent_dropped;
struct upstreams_away;
struct upstreams_changed;
struct want_batches;
struct want_rows;
struct watch_upstreams;
struct withdraw_fetch;

} // namespace dispatch

#define DISPATCH_MESSAGE(type)                                                                                         \
  CAF_ADD_TYPE_ID(dispatch, (dispatch::type))                                                                          \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dispatch::type)

CAF_BEGIN_TYPE_ID_BLOCK(dispatch, first_custom_type_id)
  CAF_ADD_TYPE_ID(dispatch, (dispatch::status_code)) // an error's code, which CAF prints
  DISPATCH_MESSAGE(batch_ptr)
  DISPATCH_MESSAGE(batch_source_ptr)
  DISPATCH_MESSAGE(abort_connection)
  DISPATCH_MESSAGE(actor_report)
  DISPATCH_MESSAGE(allow_input)
  DISPATCH_MESSAGE(attach_owner)
  DISPATCH_MESSAGE(await_connection_end)
  DISPATCH_MESSAGE(batch_cache_report)
  DISPATCH_MESSAGE(batch_failed)
  DISPATCH_MESSAGE(batch_result)
  DISPATCH_MESSAGE(batches_arrived)
  DISPATCH_MESSAGE(batches_handed)
  DISPATCH_MESSAGE(begin_drain)
  DISPATCH_MESSAGE(check_health)
  DISPATCH_MESSAGE(check_peer)
  DISPATCH_MESSAGE(check_some_peers)
  DISPATCH_MESSAGE(client_report)
  DISPATCH_MESSAGE(connection_opened)
  DISPATCH_MESSAGE(consumer_tick)
  DISPATCH_MESSAGE(dataset_description)
  DISPATCH_MESSAGE(delete_group)
  DISPATCH_MESSAGE(describe_dataset)
  DISPATCH_MESSAGE(described_dataset)
  DISPATCH_MESSAGE(description_result)
  DISPATCH_MESSAGE(drain_clients)
  DISPATCH_MESSAGE(drop_unsent)
  DISPATCH_MESSAGE(end_pass)
  DISPATCH_MESSAGE(fetch_batch)
  DISPATCH_MESSAGE(find_group)
  DISPATCH_MESSAGE(finish_sending)
  DISPATCH_MESSAGE(get_actor_report)
  DISPATCH_MESSAGE(get_batch_cache_report)
  DISPATCH_MESSAGE(get_client_report)
  DISPATCH_MESSAGE(get_group_report)
  DISPATCH_MESSAGE(get_group_wait)
  DISPATCH_MESSAGE(get_groups_report)
  DISPATCH_MESSAGE(get_health_report)
  DISPATCH_MESSAGE(get_history)
  DISPATCH_MESSAGE(get_latest_batch)
  DISPATCH_MESSAGE(get_listener_report)
  DISPATCH_MESSAGE(get_orders_report)
  DISPATCH_MESSAGE(get_pool_report)
  DISPATCH_MESSAGE(get_service_report)
  DISPATCH_MESSAGE(get_session_history)
  DISPATCH_MESSAGE(group_closed)
  DISPATCH_MESSAGE(group_list)
  DISPATCH_MESSAGE(group_moved)
  DISPATCH_MESSAGE(group_progress)
  DISPATCH_MESSAGE(group_report)
  DISPATCH_MESSAGE(group_sync)
  DISPATCH_MESSAGE(group_synced)
  DISPATCH_MESSAGE(group_view)
  DISPATCH_MESSAGE(group_wait)
  DISPATCH_MESSAGE(groups_report)
  DISPATCH_MESSAGE(hasten_restarts)
  DISPATCH_MESSAGE(health_report)
  DISPATCH_MESSAGE(health_result)
  DISPATCH_MESSAGE(history_report)
  DISPATCH_MESSAGE(input_ended)
  DISPATCH_MESSAGE(input_received)
  DISPATCH_MESSAGE(join_group)
  DISPATCH_MESSAGE(join_order)
  DISPATCH_MESSAGE(joined_group)
  DISPATCH_MESSAGE(keep_position)
  DISPATCH_MESSAGE(latest_batch)
  DISPATCH_MESSAGE(leave_group)
  DISPATCH_MESSAGE(linger_over)
  DISPATCH_MESSAGE(list_groups)
  DISPATCH_MESSAGE(listener_report)
  DISPATCH_MESSAGE(lookup_result)
  DISPATCH_MESSAGE(member_turn)
  DISPATCH_MESSAGE(messages_sent)
  DISPATCH_MESSAGE(next_batch)
  DISPATCH_MESSAGE(open_group)
  DISPATCH_MESSAGE(open_order)
  DISPATCH_MESSAGE(open_stream)
  DISPATCH_MESSAGE(opened_group)
  DISPATCH_MESSAGE(opened_order)
  DISPATCH_MESSAGE(orders_report)
  DISPATCH_MESSAGE(park_batch)
  DISPATCH_MESSAGE(peer_lost)
  DISPATCH_MESSAGE(peer_stalled)
  DISPATCH_MESSAGE(pool_report)
  DISPATCH_MESSAGE(probe_connection)
  DISPATCH_MESSAGE(record_acks)
  DISPATCH_MESSAGE(resolve_name)
  DISPATCH_MESSAGE(resolved_name)
  DISPATCH_MESSAGE(return_batches)
  DISPATCH_MESSAGE(rows_arrived)
  DISPATCH_MESSAGE(rows_failed)
  DISPATCH_MESSAGE(run_store_jobs)
  DISPATCH_MESSAGE(seek_group)
  DISPATCH_MESSAGE(send_pieces)
  DISPATCH_MESSAGE(service_report)
  DISPATCH_MESSAGE(session_heard)
  DISPATCH_MESSAGE(session_history_report)
  DISPATCH_MESSAGE(session_over)
  DISPATCH_MESSAGE(share_connection)
  DISPATCH_MESSAGE(show_group)
  DISPATCH_MESSAGE(socket_failed)
  DISPATCH_MESSAGE(socket_readable)
  DISPATCH_MESSAGE(socket_writable)
  DISPATCH_MESSAGE(stop_accepting)
  DISPATCH_MESSAGE(stream_broke)
  DISPATCH_MESSAGE(stream_opened)
  DISPATCH_MESSAGE(sync_due)
  DISPATCH_MESSAGE(take_position)
  DISPATCH_MESSAGE(taken_position)
  DISPATCH_MESSAGE(unsent_dropped)
  DISPATCH_MESSAGE(upstreams_away)
  DISPATCH_MESSAGE(upstreams_changed)
  DISPATCH_MESSAGE(want_batches)
  DISPATCH_MESSAGE(want_rows)
  DISPATCH_MESSAGE(watch_upstreams)
  DISPATCH_MESSAGE(withdraw_fetch)
CAF_END_TYPE_ID_BLOCK(dispatch)

#undef DISPATCH_MESSAGE

namespace dispatch {

/// Makes CAF know the types above. Called once, before the first actor system.
void init_message_types();

} // namespace dispatch
