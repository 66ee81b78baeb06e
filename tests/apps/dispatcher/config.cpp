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
                    "--upstream: got '" + address
                      + "'; it takes host:port, unix:path or dns:name:port, or several of them with commas");
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.upstreams = {"a:1", "[::1]:1", "b:1"}; }), "");
}

CAF_TEST(there must be an upstream and each once) {
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.upstreams.clear(); }),
                  "--upstream: got no address; it takes host:port, unix:path or dns:name:port, or several of them with commas");
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

CAF_TEST(a socket of the file system is an upstream) {
  const std::string longest(107, 'a');
  for (const auto& path : {std::string{"/run/dataset.sock"}, std::string{"relative"}, longest})
    CAF_CHECK_EQUAL(problem_after([&](config& x) { x.upstreams = {"unix:" + path}; }), "");
  for (const auto& path : {std::string{}, longest + "a"})
    CAF_CHECK_EQUAL(problem_after([&](config& x) { x.upstreams = {"unix:" + path}; }),
                    "--upstream: got 'unix:" + path
                      + "'; it takes host:port, unix:path or dns:name:port, or several of them with commas");
}

CAF_TEST(what only TLS has is not given without it) {
  const auto problem_with = [](std::string config::*file) {
    return problem_after([&](config& x) { x.*file = "/run/file"; });
  };
  const std::string why =
    ": got '/run/file' without --upstream-tls; it takes effect over TLS only, and a token is never "
    "sent in plain text";
  CAF_CHECK_EQUAL(problem_with(&config::upstream_ca), "--upstream-ca" + why);
  CAF_CHECK_EQUAL(problem_with(&config::upstream_cert), "--upstream-cert" + why);
  CAF_CHECK_EQUAL(problem_with(&config::upstream_key), "--upstream-key" + why);
  CAF_CHECK_EQUAL(problem_with(&config::upstream_token_file), "--upstream-token-file" + why);
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.upstream_authority = "gpu1"; }), "");
}

CAF_TEST(a certificate goes with its key) {
  const auto problem_with = [](std::string config::*file) {
    return problem_after([&](config& x) {
      x.upstream_tls = true;
      x.*file = "/run/file";
    });
  };
  CAF_CHECK_EQUAL(problem_with(&config::upstream_cert),
                  "--upstream-cert: got '/run/file' without --upstream-key; a certificate goes with its key");
  CAF_CHECK_EQUAL(problem_with(&config::upstream_key),
                  "--upstream-key: got '/run/file' without --upstream-cert; a certificate goes with its key");
}

CAF_TEST(files of TLS are read) {
  const auto problem_with = [](std::string config::*file) {
    return problem_after([&](config& x) {
      x.upstream_tls = true;
      x.*file = "/none";
    });
  };
  CAF_CHECK_EQUAL(problem_with(&config::upstream_ca),
                  "--upstream-ca: got '/none', which cannot be read (No such file or directory); it takes a file with "
                  "certificates in PEM form");
  CAF_CHECK_EQUAL(problem_with(&config::upstream_token_file),
                  "--upstream-token-file: got '/none', which cannot be read (No such file or directory); it takes a "
                  "file with a token, and nothing else");
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.upstream_tls = true; }), "");
}

CAF_TEST(an authority is a name) {
  for (const auto* name : {"gpu 1", "gpu1\n", "gpu\xc3\xa4"})
    CAF_CHECK_EQUAL(problem_after([&](config& x) { x.upstream_authority = name; }),
                    std::string{"--upstream-authority: got '"} + name
                      + "'; it takes a host name, as it stands in a certificate");
  CAF_CHECK_EQUAL(problem_after([](config& x) { x.upstream_authority = "gpu1.example"; }), "");
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
