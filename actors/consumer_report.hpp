#pragma once

#include <caf/all.hpp>

#include <string>

#include "actors/client_account.hpp"
#include "messages/connection.hpp"
#include "messages/reports.hpp"

namespace dispatch {

/// What the actor of any consumer reports: all but its dataset and how far it is in it.
/// @param actor_name of `self`
template <class Self>
client_report report_of(Self* self, const char* actor_name, const connection_actor& connection,
                        const std::string& client_id, const client_account& account, consumer_stage stage,
                        client_account::time_point now) {
  client_report result;
  result.actor = row_of(self, actor_name, account.state_name(stage, now), account.connected_at());
  result.connection = {connection.id(), 0, "connection", client_id, stage.has_ended ? "closing" : "open", std::nullopt,
                       result.actor.age};
  result.client_id = client_id;
  account.report(result, now);
  return result;
}

} // namespace dispatch
