#define CAF_SUITE config_json

#include "apps/dispatcher/config_json.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>

using namespace dispatch;
using namespace std::chrono_literals;

CAF_TEST(every option stands by its name with the value that it has) {
  config values;
  values.upstreams = {"a:1", "b:2"};
  values.upstream_token_file = "/run/token";
  values.in_flight = 4;
  values.stall_timeout = 90s;
  values.format = log_format::json;
  CAF_CHECK_EQUAL(
    admin::to_text(config_json(values)),
    R"({"listen":":8080","sessions":":8090","store":"none","lease-ttl":"10s","admin":"127.0.0.1:8081",)"
    R"("upstream":["a:1","b:2"],"upstream-tls":false,)"
    R"("upstream-ca":"","upstream-cert":"","upstream-key":"","upstream-authority":"",)"
    R"("upstream-token-file":"/run/token","embedded":false,)"
    R"("dataset":"mnist","batch-size":30,"fetchers":2,"in-flight":4,"fetch-mode":"auto","cache-mb":256,)"
    R"("prefetch":"on","window":"auto","call-timeout":"10s","max-attempts":5,"give-up-after":"1m","max-clients":10000,)"
    R"("stall-timeout":"90s","dead-peer-timeout":"1m","drain-timeout":"10s","log-level":"info",)"
    R"("log-format":"json"})");
}
