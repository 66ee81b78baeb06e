#include "io/admin/group_endpoint.hpp"

#include <charconv>
#include <cstdint>
#include <utility>
#include <variant>

#include "io/admin/actor_question.hpp"
#include "io/admin/group_json.hpp"
#include "io/admin/http_answer.hpp"
#include "io/admin/request_head.hpp"
#include "messages/status_code.hpp"
#include "wire/group/group_name.hpp"

namespace dispatch::admin {

namespace {

constexpr const char* group_path = "/group";
constexpr const char* position_path = "/group/position";
constexpr const char* parked_path = "/group/parked";

bool is_on_this_machine(const std::string& address) {
  return address.rfind("127.", 0) == 0 || address == "::1" || address.rfind("::ffff:127.", 0) == 0;
}

/// A parameter of a request; nothing where it is missing or no whole number from 0 on, and then the answer says so.
template <class Number>
std::optional<Number> number_of(const httplib::Request& asked, const char* name, httplib::Response& answer) {
  const auto text = asked.get_param_value(name);
  Number number{};
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec == std::errc{} && read.ptr == end && number >= 0)
    return number;
  set_problem(answer, http_status::bad_request,
              std::string{name} + ": got '" + text + "'; it takes a whole number from 0 on");
  return std::nullopt;
}

bool is_utf8(const std::string& text) {
  try {
    json(text).dump();
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

/// The name of the group that is meant; nothing where no group can have it, and then the answer says so.
std::optional<std::string> name_of(const httplib::Request& asked, httplib::Response& answer) {
  auto name = asked.get_param_value("name");
  if (!name.empty() && name.size() <= longest_group_name && !has_control_characters(name) && is_utf8(name))
    return name;
  set_problem(answer, http_status::bad_request,
              "name: got '" + name + "'; it takes the name of a group: 1 to " + std::to_string(longest_group_name)
                + " bytes of UTF-8 without control characters");
  return std::nullopt;
}

/// A place of a group's order.
struct group_place {
  std::string name;
  std::uint64_t epoch = 0;
  /// In samples.
  std::int64_t position = 0;
};

/// The place that is meant; nothing where a part of it is missing or wrong, and then the answer says so.
std::optional<group_place> place_of(const httplib::Request& asked, httplib::Response& answer) {
  const auto name = name_of(asked, answer);
  const auto epoch = name ? number_of<std::uint64_t>(asked, "epoch", answer) : std::nullopt;
  const auto position = epoch ? number_of<std::int64_t>(asked, "position", answer) : std::nullopt;
  return position ? std::optional<group_place>{{*name, *epoch, *position}} : std::nullopt;
}

int status_of(status_code code) {
  switch (code) {
  case status_code::not_found:
    return http_status::not_found;
  case status_code::failed_precondition:
    return http_status::conflict;
  case status_code::out_of_range:
    return http_status::bad_request;
  default:
    return http_status::unavailable;
  }
}

void set_failure(httplib::Response& answer, const caf::error& reason) {
  const auto known =
    is_failure(reason) ? to_failure(reason) : failure{status_code::unavailable, "the store of groups has not answered"};
  set_problem(answer, status_of(known.code), known.message);
}

} // namespace

group_endpoint::group_endpoint(caf::actor_system& system, group_store_actor store, std::chrono::milliseconds timeout)
  : system_(system),
    store_(std::move(store)),
    timeout_(timeout) {}

void group_endpoint::add_to(httplib::Server& routes) {
  using request = httplib::Request;
  using response = httplib::Response;
  routes.Get("/groups", [this](const request&, response& answer) { list(answer); });
  routes.Get(group_path, [this](const request& asked, response& answer) { show(asked, answer); });
  routes.Put(position_path, [this](const request& asked, response& answer) { seek(asked, answer); });
  routes.Put(parked_path, [this](const request& asked, response& answer) { park(asked, answer); });
  routes.Delete(group_path, [this](const request& asked, response& answer) { remove(asked, answer); });
}

bool group_endpoint::is_change(const httplib::Request& asked) {
  if (asked.method == "PUT")
    return asked.path == position_path || asked.path == parked_path;
  return asked.method == "DELETE" && asked.path == group_path;
}

std::optional<std::string> group_endpoint::refusal_of(const httplib::Request& asked) {
  if (!is_on_this_machine(asked.remote_addr))
    return "groups are changed from the dispatcher's own machine or container, and this comes from " + asked.remote_addr
           + ": use `dispatcher group` there";
  if (!is_local_name(asked.get_header_value("Host")))
    return "groups are changed by requests to localhost or an address";
  return std::nullopt;
}

template <class Reply, class Request, class Show>
void group_endpoint::answer_with(httplib::Response& answer, const Request& what, Show show) {
  const auto result = ask<Reply>(system_, store_, timeout_, what);
  if (const auto* reply = std::get_if<Reply>(&result))
    set_json(answer, show(*reply));
  else
    set_failure(answer, std::get<caf::error>(result));
}

void group_endpoint::list(httplib::Response& answer) {
  answer_with<group_list>(answer, list_groups{}, groups_json);
}

void group_endpoint::show(const httplib::Request& asked, httplib::Response& answer) {
  if (const auto name = name_of(asked, answer))
    answer_with<group_view>(answer, show_group{*name}, static_cast<json (*)(const group_view&)>(group_json));
}

void group_endpoint::seek(const httplib::Request& asked, httplib::Response& answer) {
  if (const auto place = place_of(asked, answer))
    answer_with<group_progress>(answer, seek_group{place->name, place->epoch, place->position},
                                [](const group_progress& reached) {
                                  return json{{"generation", reached.generation}};
                                });
}

void group_endpoint::park(const httplib::Request& asked, httplib::Response& answer) {
  if (const auto place = place_of(asked, answer))
    answer_with<group_progress>(answer, park_batch{place->name, place->epoch, place->position},
                                [](const group_progress& reached) {
                                  return json{{"parked", reached.parked}};
                                });
}

void group_endpoint::remove(const httplib::Request& asked, httplib::Response& answer) {
  if (const auto name = name_of(asked, answer))
    answer_with<caf::unit_t>(answer, delete_group{*name}, [](caf::unit_t) { return json::object(); });
}

} // namespace dispatch::admin
