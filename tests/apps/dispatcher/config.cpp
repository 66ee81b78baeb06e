#define CAF_SUITE config

#include "apps/dispatcher/config.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using dispatch::config;
using dispatch::validate;

namespace {

std::string problem(const config& candidate) {
  return validate(candidate).value_or("");
}

template <class Change>
std::string problem_after(Change change) {
  config candidate;
  change(candidate);
  return problem(candidate);
}

} // namespace

CAF_TEST(the defaults are valid and those of the service) {
  const config defaults;
  CAF_CHECK_EQUAL(problem(defaults), "");
  CAF_CHECK_EQUAL(defaults.listen, ":8080");
  CAF_CHECK_EQUAL(defaults.upstreams, std::vector<std::string>{"localhost:50051"});
  CAF_CHECK_EQUAL(defaults.dataset, "mnist");
  CAF_CHECK_EQUAL(defaults.batch_size, 30);
  CAF_CHECK(!defaults.window);
  CAF_CHECK(defaults.give_up_after == 60s);
  CAF_CHECK(defaults.drain_timeout == 10s);
}

CAF_TEST(where to listen must be an address) {
  for (const auto* address : {":0", "*:8080", "127.0.0.1:8080", "[::]:8080"})
    CAF_CHECK_EQUAL(problem_after([&](config& x) { x.listen = address; }), "");
  for (const std::string address : {"", "8080", "localhost", ":70000"})
    CAF_CHECK_EQUAL(problem_after([&](config& x) { x.listen = address; }),
                    "--listen: got '" + address + "'; it takes host:port, [v6]:port, or :port for all addresses");
}

CAF_TEST(upstreams must be addresses of somebody) {
  for (const std::string address : {"", "nonsense", ":50051", "*:50051", "host:0", "host:70000"})
    CAF_CHECK_EQUAL(problem_after([&](config& x) {
                      x.upstreams = {"good:1", address};
                    }),
                    "--upstream: got '" + address + "'; it takes host:port, or several of them with commas");
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.upstreams = {"a:1", "[::1]:1", "b:1"}; }), "");
}

CAF_TEST(there must be an upstream and each once) {
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.upstreams.clear(); }),
                  "--upstream: got no address; it takes host:port, or several of them with commas");
  CAF_CHECK_EQUAL(problem_after([](config& x) {
                    x.upstreams = {"a:1", "b:1", "a:1"};
                  }),
                  "--upstream: got 'a:1' twice; --fetchers sets the number of connections to an address");
}

CAF_TEST(the embedded dataset service needs no upstream) {
  CAF_CHECK_EQUAL(problem_after([](config& x) {
                    x.embedded = true;
                    x.upstreams = {"nonsense"};
                  }),
                  "");
}

CAF_TEST(a dataset has a name) {
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.dataset.clear(); }),
                  "--dataset: got nothing; it takes a name that the dataset service knows");
}

CAF_TEST(a call has a deadline) {
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.call_timeout = 0ms; }),
                  "--call-timeout: got 0s; it takes a duration above zero");
}

CAF_TEST(a client waits for longer than a call takes) {
  const std::string takes = "; it takes more than --call-timeout (10s), or 0 to wait for ever";
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.give_up_after = 9s; }), "--give-up-after: got 9s" + takes);
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.give_up_after = 10s; }), "--give-up-after: got 10s" + takes);
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.give_up_after = 10'001ms; }), "");
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.give_up_after = 0ms; }), "");
}

CAF_TEST(a dead peer is noticed after a time that the kernel can count) {
  const std::string takes = "; it takes whole seconds, from 4s to 24h";
  for (const auto& [got, text] : {std::pair{0ms, "0s"}, {3'000ms, "3s"}, {4'500ms, "4500ms"}, {86'401'000ms, "86401s"}})
    CAF_CHECK_EQUAL(problem_after([got = got](config& x) { x.dead_peer_timeout = got; }),
                    std::string{"--dead-peer-timeout: got "} + text + takes);
  for (const auto good : {4'000ms, 86'400'000ms})
    CAF_CHECK_EQUAL(problem_after([good](config& x) { x.dead_peer_timeout = good; }), "");
}

CAF_TEST(a client may stall for whole seconds or for ever) {
  const std::string takes = "; it takes whole seconds, or 0 to let clients stall for ever";
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.stall_timeout = 999ms; }), "--stall-timeout: got 999ms" + takes);
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.stall_timeout = 1500ms; }), "--stall-timeout: got 1500ms" + takes);
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.stall_timeout = 1s; }), "");
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.stall_timeout = 0s; }), "");
}
