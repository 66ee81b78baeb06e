#include "apps/dispatcher/status_tables.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/dispatcher/json_cells.hpp"
#include "apps/dispatcher/text_table.hpp"

namespace dispatch {

namespace {

using admin::json;
using lines = std::vector<std::string>;

constexpr std::size_t longest_name = 30;
constexpr std::size_t bar_width = 10;

constexpr auto left = text_table::side::left;
constexpr auto right = text_table::side::right;

void append(lines& to, lines more) {
  for (auto& line : more)
    to.push_back("  " + std::move(line));
}

lines summary(const json& status) {
  const auto& totals = status.at("totals");
  const auto& ready = status.at("ready");
  lines result;
  result.push_back("dispatcher " + text_of(status.at("version")) + ", " + text_of(status.at("state")) + " on "
                   + text_of(status.at("config").at("listen")) + " for " + duration_of(status.at("uptime_seconds"))
                   + (ready.at("ready").get<bool>() ? ", ready" : ", NOT READY: " + joined(ready.at("reasons"))));
  if (const auto& unanswered = status.at("unanswered"); !unanswered.empty())
    result.push_back("no answer from: " + joined(unanswered));
  result.push_back("sent " + count_of(totals.at("batches")) + " batches, "
                   + rough_bytes(totals.at("bytes").get<double>()) + "; now " + rate_of(totals.at("batches_per_second"))
                   + ", " + rough_bytes(totals.at("bytes_per_second").get<double>()) + "/s");
  result.push_back("passes: " + count_of(totals.at("streams_complete")) + " complete, "
                   + count_of(totals.at("streams_failed")) + " failed, " + count_of(totals.at("streams_lost"))
                   + " lost");
  return result;
}

/// How far a consumer is, from 0 to 1; negative: not known.
double progress_of(const json& client) {
  const auto& total = client.at("batches_total");
  if (total.is_null() || total.get<double>() <= 0)
    return -1;
  return std::min(client.at("batch_index").get<double>() / total.get<double>(), 1.0);
}

std::string bar_of(double share) {
  if (share < 0)
    return std::string(bar_width, '.');
  const auto full = static_cast<std::size_t>(share * bar_width);
  return std::string(full, '#') + std::string(bar_width - full, '-');
}

/// Those first that need a look.
std::vector<const json*> in_order_of_need(const json& rows) {
  std::vector<const json*> result;
  for (const auto& row : rows)
    result.push_back(&row);
  const auto need = [](const json* x) {
    const auto& remaining = x->at("remaining_seconds");
    return std::make_pair(x->at("stalled_seconds").get<double>(), remaining.is_null() ? 0 : remaining.get<double>());
  };
  std::stable_sort(result.begin(), result.end(), [&](const json* a, const json* b) { return need(a) > need(b); });
  return result;
}

/// `run-42, epoch 2 of 10, shard 0/4`; empty for a consumer of the classic protocol.
std::string session_of(const json& client) {
  const auto& session = client.at("session");
  if (session.is_null())
    return {};
  const auto& shard = session.at("shard");
  const auto& end = session.at("end_epoch");
  return (session.at("name").is_null() ? std::string{} : text_of(session.at("name"), longest_name) + ", ") + "epoch "
         + count_of(session.at("epoch")) + (end.is_null() ? std::string{} : " of " + count_of(end)) + ", shard "
         + count_of(shard.at("index")) + "/" + count_of(shard.at("count"));
}

lines clients_table(const json& clients, std::size_t most) {
  lines result{"CLIENTS  " + count_of(clients.at("connected")) + " connected, " + count_of(clients.at("accepted"))
               + " accepted, " + count_of(clients.at("refused")) + " refused"};
  text_table table{{{"ID"},
                    {"SESSION"},
                    {"STATE"},
                    {"PROGRESS"},
                    {"BATCH", right},
                    {"OF", right},
                    {"RATE", right},
                    {"LEFT", right},
                    {"BOTTLENECK"},
                    {"BOUND"},
                    {"UPSTREAM", right},
                    {"ENCODING", right},
                    {"SOCKET", right}}};
  auto rows = in_order_of_need(clients.at("rows"));
  const auto hidden = rows.size() - std::min(rows.size(), most);
  rows.resize(rows.size() - hidden);
  for (const auto* row : rows) {
    const auto& lately = row->at("waited_lately");
    const auto progress = progress_of(*row);
    table.add({text_of(row->at("id")), session_of(*row), text_of(row->at("state")),
               bar_of(progress) + (progress < 0 ? std::string{} : " " + share_of(progress)),
               count_of(row->at("batch_index")), count_of(row->at("batches_total")),
               rate_of(row->at("batches_per_second")), duration_of(row->at("remaining_seconds")),
               text_of(row->at("bottleneck")), text_of(row->at("bound")), share_of(lately.at("upstream")),
               share_of(lately.at("encoding")), share_of(lately.at("socket"))});
  }
  if (!rows.empty())
    append(result, table.lines());
  if (hidden > 0)
    result.push_back("  and " + std::to_string(hidden) + " more");
  return result;
}

lines upstreams_table(const json& status) {
  lines result{"UPSTREAMS  " + count_of(status.at("queue").at("length")) + " batches wait for a fetcher"};
  text_table table{{{"ADDRESS"},
                    {"STATE"},
                    {"CALLS", right},
                    {"NOW", right},
                    {"LIMIT", right},
                    {"P50", right},
                    {"P99", right},
                    {"FAILED CALLS", right},
                    {"OUTAGES", right},
                    {"RESTARTS", right},
                    {"NEXT TRY", right},
                    {"LAST FAILURE"}}};
  for (const auto& upstream : status.at("upstreams")) {
    const auto& latency = upstream.at("latency");
    table.add({text_of(upstream.at("address")), text_of(upstream.at("state")), count_of(upstream.at("calls")),
               count_of(upstream.at("calls_in_flight")), count_of(upstream.at("limit")),
               duration_of(latency.at("p50_seconds")), duration_of(latency.at("p99_seconds")),
               count_of(upstream.at("failures")), count_of(upstream.at("outages")), "", "",
               text_of(upstream.at("last_failure"), longest_field)});
    for (const auto& fetcher : upstream.at("fetchers"))
      table.add({"  fetcher " + count_of(fetcher.at("index")), text_of(fetcher.at("state")),
                 count_of(fetcher.at("calls")), count_of(fetcher.at("calls_in_flight")), "", "", "", "", "",
                 count_of(fetcher.at("restarts")), duration_of(fetcher.at("next_attempt_seconds")),
                 text_of(fetcher.at("last_failure"), longest_field)});
  }
  append(result, table.lines());
  return result;
}

/// The latest, those that go on first.
lines outages_table(const json& outages) {
  constexpr std::size_t most = 5;
  if (outages.empty())
    return {};
  std::vector<const json*> shown;
  for (auto i = outages.rbegin(); i != outages.rend(); ++i)
    shown.push_back(&*i);
  std::stable_partition(shown.begin(), shown.end(), [](const json* x) { return x->at("ended_at").is_null(); });
  shown.resize(std::min(shown.size(), most));
  lines result{"OUTAGES  " + std::to_string(outages.size())};
  text_table table{{{"UPSTREAM"}, {"BEGAN"}, {"LASTED", right}, {"ATTEMPTS", right}, {"HELD UP", right}, {"REASON"}}};
  for (const auto* each : shown)
    table.add({text_of(each->at("upstream")), time_of(each->at("began_at")),
               duration_of(each->at("seconds")) + (each->at("ended_at").is_null() ? " so far" : ""),
               count_of(each->at("attempts")), count_of(each->at("clients_held_up")),
               text_of(each->at("reason"), longest_field)});
  append(result, table.lines());
  result.push_back("");
  return result;
}

std::vector<const json*> by_held_seconds(const json& members) {
  std::vector<const json*> result;
  for (const auto& member : members)
    result.push_back(&member);
  const auto held = [](const json* x) { return x->at("held_seconds").get<double>(); };
  std::stable_sort(result.begin(), result.end(), [&](const json* a, const json* b) { return held(a) > held(b); });
  return result;
}

/// Each group with its members, those that hold a batch longest first.
lines groups_table(const json& groups) {
  const auto& rows = groups.at("rows");
  if (rows.empty())
    return {};
  lines result{"GROUPS  " + std::to_string(rows.size()) + " with members here; the store is "
               + text_of(groups.at("store"))};
  text_table table{{{"NAME"},
                    {"STATE"},
                    {"EPOCH", right},
                    {"OF", right},
                    {"ACKED", right},
                    {"RATE", right},
                    {"AGAIN", right},
                    {"PARKED", right},
                    {"HELD", right},
                    {"FOR", right}}};
  for (const auto& group : rows) {
    table.add({text_of(group.at("name"), longest_name), text_of(group.at("state")), count_of(group.at("open_epoch")),
               count_of(group.at("epochs")), count_of(group.at("acked")), rate_of(group.at("batches_per_second")),
               count_of(group.at("redelivered")), count_of(group.at("parked")), "", ""});
    for (const auto* member : by_held_seconds(group.at("members")))
      table.add({"  " + text_of(member->at("client")), "member", "", "", count_of(member->at("acked")), "", "", "",
                 count_of(member->at("held")), duration_of(member->at("held_seconds"))});
    for (const auto& part : group.at("elsewhere"))
      table.add({"  " + (part.at("dispatcher").is_null() ? "no dispatcher" : text_of(part.at("dispatcher"))),
                 "elsewhere", count_of(part.at("epoch")), "", "", "", "", "", count_of(part.at("batches")), ""});
  }
  append(result, table.lines());
  result.push_back("");
  return result;
}

std::string cache_line(const json& cache) {
  const auto& ratio = cache.at("hit_ratio");
  return "CACHE  " + text_of(cache.at("state")) + ", " + count_of(cache.at("frames")) + " batches, "
         + rough_bytes(cache.at("bytes").get<double>()) + " of " + rough_bytes(cache.at("capacity_bytes").get<double>())
         + ", " + (ratio.is_null() ? "not asked yet" : share_of(ratio) + " hits") + ", "
         + count_of(cache.at("evictions")) + " evicted";
}

/// How many there are of each name and state.
std::string actors_line(const json& actors) {
  std::map<std::string, std::map<std::string, int>> counts;
  for (const auto& actor : actors)
    ++counts[text_of(actor.at("name"))][text_of(actor.at("state"))];
  std::string line = "ACTORS";
  for (const auto& [name, states] : counts) {
    auto total = 0;
    std::string each;
    for (const auto& [state, count] : states) {
      total += count;
      each += (each.empty() ? "" : ", ") + std::to_string(count) + " " + state;
    }
    line += "  " + std::to_string(total) + " " + name + (total == 1 ? " (" + states.begin()->first : " (" + each) + ")";
  }
  return line;
}

lines events_table(const json& events, std::size_t most) {
  lines result{"EVENTS"};
  const auto& all = events.at("events");
  for (auto i = all.size() - std::min(all.size(), most); i < all.size(); ++i) {
    const auto& event = all[i];
    auto line = "  " + time_of(event.at("time")) + " " + text_of(event.at("level")) + " " + text_of(event.at("event"));
    for (const auto& [key, value] : event.at("fields").items())
      line += " " + text_of(key) + "=" + text_of(value, longest_field);
    result.push_back(std::move(line));
  }
  return result;
}

} // namespace

std::string status_tables(const json& status, const json& events, const table_room& room) {
  auto all = summary(status);
  for (const auto& part :
       {lines{""}, clients_table(status.at("clients"), room.clients), lines{""}, groups_table(status.at("groups")),
        upstreams_table(status), lines{""}, outages_table(status.at("outages")),
        lines{cache_line(status.at("cache")), actors_line(status.at("actors")), ""}, events_table(events, room.events)})
    all.insert(all.end(), part.begin(), part.end());
  std::string text;
  for (const auto& line : all)
    text += line.substr(0, room.width) + "\n";
  return text;
}

} // namespace dispatch
