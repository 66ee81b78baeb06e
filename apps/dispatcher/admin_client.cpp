#include "apps/dispatcher/admin_client.hpp"

#include <chrono>

#include "apps/pull/printable_text.hpp"

namespace dispatch {

namespace {

using admin::json;

constexpr std::chrono::seconds connect_timeout{2};
constexpr std::chrono::seconds read_timeout{5};

constexpr int ok = 200;

constexpr std::size_t longest_reason = 500;

/// A dispatcher that listens on all addresses of a machine is asked on that machine.
io::host_port this_machine_unless_named(io::host_port address) {
  if (address.host.empty())
    address.host = "localhost";
  return address;
}

std::string reason_of(httplib::Error error) {
  switch (error) {
  case httplib::Error::Connection:
    return "nothing there takes a connection";
  case httplib::Error::ConnectionTimeout:
    return "it cannot be reached";
  case httplib::Error::Read:
    return "what is there sends no answer";
  default:
    return httplib::to_string(error);
  }
}

/// What a dispatcher says where it refuses; nothing where this is not from a dispatcher.
std::optional<std::string> refusal_in(const std::string& body) {
  const auto answer = json::parse(body, nullptr, false);
  if (!answer.is_object() || !answer.contains("error") || !answer.at("error").is_string())
    return std::nullopt;
  return pull::printable_text(answer.at("error").get<std::string>(), longest_reason);
}

} // namespace

std::optional<std::string> admin_address_problem(const std::string& address) {
  const auto parsed = io::parse_host_port(address);
  if (parsed && parsed->port != 0)
    return std::nullopt;
  return "got '" + address + "'; it takes host:port of a dispatcher that runs";
}

admin_client::admin_client(const std::string& address)
  : address_(this_machine_unless_named(*io::parse_host_port(address))),
    client_(address_.host, address_.port) {
  client_.set_connection_timeout(connect_timeout);
  client_.set_read_timeout(read_timeout);
}

std::string admin_client::get(const std::string& path) {
  return body_of(client_.Get(path), path);
}

json admin_client::get_json(const std::string& path) {
  return parsed(get(path), path);
}

json admin_client::put(const std::string& path) {
  return parsed(body_of(client_.Put(path), path), path);
}

void admin_client::remove(const std::string& path) {
  body_of(client_.Delete(path), path);
}

std::string admin_client::body_of(const httplib::Result& answer, const std::string& path) const {
  if (!answer)
    throw no_answer("no dispatcher answers at " + io::to_string(address_) + ": " + reason_of(answer.error())
                    + "; --admin says where one is");
  if (answer->status == ok)
    return answer->body;
  if (const auto refusal = refusal_in(answer->body))
    throw no_answer(*refusal);
  throw no_answer(io::to_string(address_) + path + " answers with " + std::to_string(answer->status)
                  + ", and not as a dispatcher does");
}

json admin_client::parsed(const std::string& body, const std::string& path) const {
  auto result = json::parse(body, nullptr, false);
  if (result.is_discarded())
    throw no_answer(io::to_string(address_) + path + " is not a dispatcher's answer");
  return result;
}

} // namespace dispatch
