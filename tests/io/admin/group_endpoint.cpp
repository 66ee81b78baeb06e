#define CAF_SUITE group_endpoint

#include "io/admin/group_endpoint.hpp"

#include <caf/all.hpp>
#include <caf/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "io/admin/http_server.hpp"
#include "io/admin/json_text.hpp"
#include "tests/io/admin/fake_group_store.hpp"
#include "tests/support/contains.hpp"

// The endpoint with real sockets, before a store that says what a test wants.

using namespace dispatch;
using namespace dispatch::admin;
using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<fake_group_store> store = std::make_shared<fake_group_store>();
  std::optional<group_endpoint> endpoint;
  std::optional<http_server> server;

  fixture() {
    endpoint.emplace(system, system.spawn(fake_group_store_behavior, store), 10s);
    server.emplace(std::get<io::listen_socket>(io::open_listen_socket({"127.0.0.1", 0})), http_limits{});
    endpoint->add_to(server->routes());
    server->start();
  }

  ~fixture() { server.reset(); }

  httplib::Result ask(const std::string& method, const std::string& target) const {
    httplib::Client client{"127.0.0.1", server->port()};
    httplib::Request request;
    request.method = method;
    request.path = target;
    return client.send(request);
  }

  json answer(const std::string& method, const std::string& target, int status = 200) const {
    const auto result = ask(method, target);
    CAF_REQUIRE(result);
    CAF_CHECK_EQUAL(result->status, status);
    return json::parse(result->body, nullptr, false);
  }

  std::string problem(const std::string& method, const std::string& target, int status) const {
    return answer(method, target, status).value("error", "");
  }
};

httplib::Request request_of(const std::string& method, const std::string& path, const std::string& from = "127.0.0.1",
                            const std::string& host = "localhost:8081") {
  httplib::Request result;
  result.method = method;
  result.path = path;
  result.remote_addr = from;
  result.headers.emplace("Host", host);
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(group_endpoint_tests, fixture)

CAF_TEST(all groups are listed) {
  CAF_CHECK_EQUAL(answer("GET", "/groups").dump(),
                  R"({"groups":[{"name":"run/42","dataset":"mnist","generation":1,"state":"open","epoch":0,)"
                  R"("position":64,"epochs":1,"acked":1,"redelivered":0,"parked":0}]})");
}

CAF_TEST(one group is shown with what is out) {
  const auto group = answer("GET", "/group?name=run%2F42%20%C3%A4");
  CAF_CHECK_EQUAL(store->asked(), "show run/42 \xC3\xA4");
  CAF_CHECK_EQUAL(group.at("samples").get<int>(), 100);
  CAF_CHECK(contains(group.at("start").get<std::string>(), "cursor=1"));
  CAF_CHECK_EQUAL(group.at("out").dump(),
                  R"([{"epoch":0,"position":1,"batches":63,"touched":1,"dispatcher":"host:1",)"
                  R"("expires_in_seconds":7.5,"members":"client_a: 1"},{"epoch":0,"position":64,"batches":2,)"
                  R"("touched":0,"dispatcher":null,"expires_in_seconds":-3.0,"members":null}])");
  CAF_CHECK_EQUAL(group.at("parked_batches").dump(),
                  R"([{"epoch":0,"position":5,"deliveries":3,"member":"client_b"}])");
}

CAF_TEST(groups are changed) {
  CAF_CHECK_EQUAL(answer("PUT", "/group/parked?name=g&epoch=0&position=5").dump(), R"({"parked":3})");
  CAF_CHECK_EQUAL(store->asked(), "park g 0 5");
  CAF_CHECK_EQUAL(answer("PUT", "/group/position?name=g&epoch=7&position=30").dump(), R"({"generation":2})");
  CAF_CHECK_EQUAL(store->asked(), "seek g 7 30");
  CAF_CHECK_EQUAL(answer("DELETE", "/group?name=a%20b").dump(), "{}");
  CAF_CHECK_EQUAL(store->asked(), "delete a b");
}

CAF_TEST(what is missing or wrong is named and not asked for) {
  for (const std::string name : {"", "%ff", "a%00b", "a%0Ab", "%7f"})
    CAF_CHECK(contains(problem("DELETE", "/group?name=" + name, 400), "it takes the name of a group: 1 to 200 bytes"));
  CAF_CHECK(contains(problem("GET", "/group?name=" + std::string(201, 'a'), 400), "it takes the name of a group"));
  CAF_CHECK_EQUAL(problem("PUT", "/group/position?name=g&epoch=x&position=0", 400),
                  "epoch: got 'x'; it takes a whole number from 0 on");
  CAF_CHECK_EQUAL(problem("PUT", "/group/position?name=g&epoch=0&position=-1", 400),
                  "position: got '-1'; it takes a whole number from 0 on");
  CAF_CHECK_EQUAL(problem("PUT", "/group/parked?name=g&epoch=0", 400),
                  "position: got ''; it takes a whole number from 0 on");
  CAF_CHECK_EQUAL(store->asked(), "");
}

CAF_TEST(what the store refuses is answered with its reason) {
  const std::vector<std::pair<status_code, int>> answers{{status_code::not_found, 404},
                                                         {status_code::failed_precondition, 409},
                                                         {status_code::out_of_range, 400},
                                                         {status_code::unavailable, 503}};
  for (const auto& [code, status] : answers) {
    store->fail({code, "because"});
    CAF_CHECK_EQUAL(problem("GET", "/groups", status), "because");
    CAF_CHECK_EQUAL(problem("DELETE", "/group?name=g", status), "because");
  }
}

CAF_TEST(changes come from this machine and to a name of it) {
  CAF_CHECK(group_endpoint::is_change(request_of("PUT", "/group/position")));
  CAF_CHECK(group_endpoint::is_change(request_of("DELETE", "/group")));
  for (const auto& other : {request_of("POST", "/group"), request_of("PUT", "/group"), request_of("DELETE", "/status"),
                            request_of("DELETE", "/group/position")})
    CAF_CHECK(!group_endpoint::is_change(other));
  for (const auto* from : {"127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"})
    CAF_CHECK(!group_endpoint::refusal_of(request_of("DELETE", "/group", from)));
  for (const auto* from : {"10.0.0.7", "fe80::1", "::ffff:10.0.0.7", "1270::1", ""})
    CAF_CHECK(group_endpoint::refusal_of(request_of("DELETE", "/group", from)));
  CAF_CHECK(group_endpoint::refusal_of(request_of("DELETE", "/group", "127.0.0.1", "rebound.example.org")));
}

CAF_TEST_FIXTURE_SCOPE_END()
