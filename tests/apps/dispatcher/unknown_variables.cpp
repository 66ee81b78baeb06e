#define CAF_SUITE unknown_variables

#include "apps/dispatcher/unknown_variables.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

using dispatch::find_unknown_variables;
using strings = std::vector<std::string>;

namespace {

const strings options{"DISPATCHER_LISTEN",    "DISPATCHER_ADMIN",      "DISPATCHER_UPSTREAM", "DISPATCHER_BATCH_SIZE",
                      "DISPATCHER_LOG_LEVEL", "DISPATCHER_LOG_FORMAT", "DISPATCHER_CACHE_MB", "DISPATCHER_WINDOW"};

/// The variable that may be meant.
std::string nearest_to(const std::string& name) {
  const auto found = find_unknown_variables({name + "=1"}, options);
  return found.size() == 1 && found.front().name == name ? found.front().nearest : "(not found)";
}

} // namespace

CAF_TEST(a name that is near is suggested) {
  CAF_CHECK_EQUAL(nearest_to("DISPATCHER_BATCHSIZE"), "DISPATCHER_BATCH_SIZE");
  CAF_CHECK_EQUAL(nearest_to("DISPATCHER_UPSTREAMS"), "DISPATCHER_UPSTREAM");
  CAF_CHECK_EQUAL(nearest_to("DISPATCHER_LOGLEVEL"), "DISPATCHER_LOG_LEVEL");
  CAF_CHECK_EQUAL(nearest_to("DISPATCHER_CACHE"), "DISPATCHER_CACHE_MB");
  CAF_CHECK_EQUAL(nearest_to("DISPATCHER_WINDWO"), "DISPATCHER_WINDOW");
}

CAF_TEST(a name that is near to none is told alone) {
  for (const auto* name : {"DISPATCHER_", "DISPATCHER_X", "DISPATCHER_RETRIES", "DISPATCHER_PORT"})
    CAF_CHECK_EQUAL(nearest_to(name), "");
}

CAF_TEST(options and variables of others are known) {
  CAF_CHECK(find_unknown_variables({"DISPATCHER_LISTEN=:1", "DISPATCHER_DATA_DIR=/data", "DISPATCHER_SETUP_LOGS=/logs",
                                    "DISPATCHER_MEMORY=2g", "HOME=/root", "DATA_DISPATCHER_PORT=1", "=", ""},
                                   options)
              .empty());
}

CAF_TEST(a variable without a value is none) {
  CAF_CHECK(find_unknown_variables({"DISPATCHER_X=", "DISPATCHER_Y"}, options).empty());
}

CAF_TEST(what Kubernetes says of a service called dispatcher is no option) {
  CAF_CHECK(find_unknown_variables({"DISPATCHER_SERVICE_HOST=10.0.0.1", "DISPATCHER_SERVICE_PORT=8080",
                                    "DISPATCHER_PORT=tcp://10.0.0.1:8080", "DISPATCHER_PORT_8080_TCP_ADDR=10.0.0.1"},
                                   options)
              .empty());
}
