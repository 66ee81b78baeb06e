#include "apps/dispatcher/group_command.hpp"

#include <httplib.h>

#include <utility>
#include <vector>

#include "apps/dispatcher/admin_client.hpp"
#include "apps/dispatcher/json_cells.hpp"
#include "apps/dispatcher/text_table.hpp"

namespace dispatch {

namespace {

using admin::json;

constexpr int failed = 1;

constexpr auto right = text_table::side::right;

std::string lines_of(const text_table& table, const std::string& indent = {}) {
  std::string result;
  for (const auto& line : table.lines())
    result += indent + line + "\n";
  return result;
}

/// `name=` and more, as a query.
std::string query_of(const group_options& options) {
  return "?" + httplib::detail::params_to_query_str({{"name", options.name}});
}

std::string place_query(const group_options& options) {
  return query_of(options) + "&epoch=" + std::to_string(options.epoch)
         + "&position=" + std::to_string(options.position);
}

std::string place_text(const group_options& options) {
  return "position " + std::to_string(options.position) + " of epoch " + std::to_string(options.epoch);
}

/// `epoch 2 of 10, position 640`
std::string progress_text(const json& group) {
  if (group.at("state") == "over")
    return "over";
  const auto& epochs = group.at("epochs");
  return "epoch " + count_of(group.at("epoch")) + (epochs.is_null() ? "" : " of " + count_of(epochs)) + ", position "
         + count_of(group.at("position"));
}

std::string out_table(const json& out) {
  if (out.empty())
    return {};
  text_table table{
    {{"EPOCH", right}, {"POSITION", right}, {"BATCHES", right}, {"DISPATCHER"}, {"EXPIRES", right}, {"MEMBERS"}}};
  for (const auto& each : out) {
    const auto seconds = each.at("expires_in_seconds").get<double>();
    const auto has_none = each.at("dispatcher").is_null();
    table.add({count_of(each.at("epoch")), count_of(each.at("position")), count_of(each.at("batches")),
               has_none ? "none" : text_of(each.at("dispatcher")),
               has_none       ? "-"
               : seconds <= 0 ? "expired"
                              : "in " + rough_duration(seconds),
               text_of(each.at("members"), longest_field)});
  }
  return "OUT  given to dispatchers, and neither acknowledged nor parked\n" + lines_of(table, "  ");
}

std::string parked_table(const json& parked) {
  if (parked.empty())
    return {};
  text_table table{{{"EPOCH", right}, {"POSITION", right}, {"DELIVERIES", right}, {"LAST MEMBER"}}};
  for (const auto& each : parked)
    table.add({count_of(each.at("epoch")), count_of(each.at("position")), count_of(each.at("deliveries")),
               text_of(each.at("member"))});
  return "PARKED  delivered no more\n" + lines_of(table, "  ");
}

std::string answer_of(admin_client& dispatcher, const group_options& options) {
  using action = group_options::action;
  switch (options.what) {
  case action::list:
    return options.json ? dispatcher.get("/groups") : group_list_text(dispatcher.get_json("/groups"));
  case action::show: {
    const auto path = "/group" + query_of(options);
    return options.json ? dispatcher.get(path) : group_text(dispatcher.get_json(path));
  }
  case action::seek: {
    const auto reached = dispatcher.put("/group/position" + place_query(options));
    return "group '" + options.name + "' goes on at " + place_text(options) + ", as generation "
           + count_of(reached.at("generation")) + "\n";
  }
  case action::park: {
    const auto reached = dispatcher.put("/group/parked" + place_query(options));
    return "the batch with " + place_text(options) + " is parked; group '" + options.name + "' has "
           + count_of(reached.at("parked")) + " parked now\n";
  }
  case action::remove:
    dispatcher.remove("/group" + query_of(options));
    return "group '" + options.name + "' is deleted\n";
  }
  return {};
}

} // namespace

std::string group_list_text(const json& groups) {
  const auto& rows = groups.at("groups");
  if (rows.empty())
    return "there are no groups\n";
  text_table table{
    {{"NAME"}, {"DATASET"}, {"GENERATION", right}, {"AT"}, {"ACKED", right}, {"AGAIN", right}, {"PARKED", right}}};
  for (const auto& group : rows)
    table.add({text_of(group.at("name")), text_of(group.at("dataset")), count_of(group.at("generation")),
               progress_text(group), count_of(group.at("acked")), count_of(group.at("redelivered")),
               count_of(group.at("parked"))});
  return lines_of(table);
}

std::string group_text(const json& group) {
  std::string result = "group '" + text_of(group.at("name")) + "' of dataset '" + text_of(group.at("dataset"))
                       + "', generation " + count_of(group.at("generation")) + ": " + progress_text(group) + "\n";
  const auto add = [&result](const char* name, const std::string& value) {
    result.append(name).append(14 - std::string_view{name}.size(), ' ').append(value).append("\n");
  };
  add("acknowledged", count_of(group.at("acked")) + " batches of " + count_of(group.at("batch_size")) + " samples; "
                        + count_of(group.at("samples")) + " samples in an epoch");
  add("redelivered", count_of(group.at("redelivered")));
  add("parked", count_of(group.at("parked")));
  if (group.at("state") != "over")
    add("open", "from epoch " + count_of(group.at("open_epoch")) + " on");
  add("barrier", group.at("barrier").get<bool>() ? "yes" : "no");
  add("ack_wait", duration_of(group.at("ack_wait_seconds")));
  add("max_deliver", group.at("max_deliver") == 0 ? "no limit" : count_of(group.at("max_deliver")));
  add("begins at", text_of(group.at("start"), longest_field));
  return result + out_table(group.at("out")) + parked_table(group.at("parked_batches"));
}

early_exit answer_group(const group_options& options) {
  try {
    admin_client dispatcher{options.admin};
    return {0, answer_of(dispatcher, options)};
  } catch (const no_answer& problem) {
    return {failed, problem.what()};
  } catch (const json::exception&) {
    return {failed, options.admin + " answers what this version does not know"};
  }
}

} // namespace dispatch
