#define CAF_SUITE upstream_tls

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/admin_client.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/consumers.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/process.hpp"

using namespace dispatch::test;

namespace {

using json = nlohmann::ordered_json;
using strings = std::vector<std::string>;

/// What makes a dataset server show a certificate.
strings shown(const certificate_files& files, strings more = {}) {
  more.insert(more.end(), {"--tls-cert", files.certificate, "--tls-key", files.key});
  return more;
}

/// What makes a dispatcher of one fetcher speak TLS to an upstream.
strings tls_to(const std::string& address, const std::string& authorities, strings more = {}) {
  more.insert(more.end(), {"--fetchers", "1", "--upstream", address, "--upstream-tls", "--upstream-ca", authorities});
  return more;
}

/// Checks that a dispatcher says what is wrong where people and programs look: in its log, in /readyz and /status.
void check_trouble(const strings& options, const std::string& expected) {
  auto dispatcher = start_dispatcher(options);
  CAF_MESSAGE(expected);
  CAF_CHECK(contains(dispatcher.program.wait_for_line(" fetcher_failed ", test_timeout), expected));
  const auto is_said = [&](const json& x) { return contains(x.dump(), expected); };
  CAF_CHECK_EQUAL(wait_for_json(dispatcher.admin_port, "/readyz", is_said).at("status").get<std::string>(), "failing");
  const auto shown = run_process(
    {DISPATCHER_BINARY_DIR "/dispatcher", "status", "--admin", "127.0.0.1:" + std::to_string(dispatcher.admin_port)},
    test_timeout);
  CAF_CHECK(contains(shown.out, expected));
}

/// A dataset service of Python's that wants a token.
server_process start_service_with_token(const certificate_files& files, const std::string& token) {
  process program{{"/usr/bin/python3", DISPATCHER_PYTHON_SERVICE, "--generated", DISPATCHER_PYTHON_GENERATED,
                   "--tls-cert", files.certificate, "--tls-key", files.key, "--token", token}};
  const auto port = std::stoi(program.wait_for_match("serving port=([0-9]+)", test_timeout).at(1));
  return {std::move(program), static_cast<std::uint16_t>(port)};
}

} // namespace

CAF_TEST(passes over TLS with certificates on both sides are whole) {
  const certificate_authority authority;
  const auto client = authority.issue("client");
  const auto upstream = start_dataset_server(
    small_dataset::served_with(shown(authority.issue("server"), {"--client-ca", authority.certificate()})));
  const auto dispatcher = start_dispatcher(
    small_dataset::streamed_with(tls_to(upstream.address(), authority.certificate(),
                                        {"--upstream-cert", client.certificate, "--upstream-key", client.key})));
  CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 16)), "");
}

CAF_TEST(an address of a name shows the certificate of that name) {
  const certificate_authority authority;
  // Of the name alone: the address that is connected to stands in no certificate.
  const auto upstream =
    start_dataset_server(small_dataset::served_with(shown(authority.issue("server", "DNS:localhost"))));
  const auto name = "dns:localhost:" + std::to_string(upstream.port);
  const auto dispatcher = start_dispatcher(small_dataset::streamed_with(tls_to(name, authority.certificate())));
  CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 4)), "");
  check_trouble(tls_to(name, authority.certificate(), {"--upstream-authority", "gpu1"}), "is not for 'gpu1' but for");
}

CAF_TEST(what keeps TLS from an upstream is one line in the log and in readyz and in status) {
  const certificate_authority authority;
  const certificate_authority other;
  const auto certificate = authority.issue("server");
  const auto secure = start_dataset_server(shown(certificate));
  check_trouble({"--fetchers", "1", "--upstream", secure.address()}, "the upstream speaks TLS");
  check_trouble(tls_to(secure.address(), other.certificate()), "is from an authority that is not in");
  check_trouble(tls_to(secure.address(), authority.certificate(), {"--upstream-authority", "gpu1"}),
                "is not for 'gpu1' but for localhost, 127.0.0.1");
  const auto plain = start_dataset_server();
  check_trouble(tls_to(plain.address(), authority.certificate()), "the upstream does not speak TLS");
  const auto expired =
    start_dataset_server(shown(authority.issue("old", "IP:127.0.0.1", certificate_authority::none_any_more)));
  check_trouble(tls_to(expired.address(), authority.certificate()), "the upstream's certificate expired on");
  const auto mutual = start_dataset_server(shown(certificate, {"--client-ca", authority.certificate()}));
  check_trouble(tls_to(mutual.address(), authority.certificate()), "the upstream wants a certificate of its client");
}

CAF_TEST(certificates that are renewed in the middle of a pass are taken with the next connection) {
  const certificate_authority before;
  const certificate_authority after;
  const auto authorities = before.write("authorities.pem", "");
  const auto trust = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(before.certificate(), authorities, trust);
  auto upstream = start_dataset_server(small_dataset::served_with(shown(before.issue("server"))));
  auto dispatcher = start_dispatcher(small_dataset::streamed_with(tls_to(upstream.address(), authorities)));
  place_in_pass middle{100};
  auto consumers = start_consumers(dispatcher, 4, middle.progress());
  middle.wait();
  const auto renewed = small_dataset::served_with(shown(after.issue("server")));
  kill_and_restart(upstream, std::chrono::milliseconds{0}, renewed);
  dispatcher.program.wait_for_line("is from an authority that is not in", test_timeout);
  std::filesystem::copy_file(after.certificate(), authorities, trust);
  CAF_CHECK_EQUAL(problem_of(consumers.get()), "");
}

CAF_TEST(a file that becomes unreadable is named and taken when it is back) {
  const certificate_authority authority;
  const auto options = shown(authority.issue("server"));
  auto upstream = start_dataset_server(options);
  const auto token = authority.write("token", "secret\n");
  auto dispatcher =
    start_dispatcher(tls_to(upstream.address(), authority.certificate(), {"--upstream-token-file", token}));
  dispatcher.program.wait_for_line(" upstream_up ", test_timeout);
  std::filesystem::remove(token);
  kill_and_restart(upstream, std::chrono::milliseconds{0}, options);
  dispatcher.program.wait_for_line("--upstream-token-file: got '" + token + "', which cannot be read", test_timeout);
  authority.write("token", "secret\n");
  dispatcher.program.wait_for_line(" upstream_up ", test_timeout);
}

CAF_TEST(a token is renewed without a restart and shown nowhere) {
  const certificate_authority authority;
  const auto upstream = start_service_with_token(authority.issue("server"), "right-token");
  const auto token = authority.write("token", "wrong-token\n");
  auto dispatcher = start_dispatcher(
    tls_to(upstream.address(), authority.certificate(),
           {"--upstream-token-file", token, "--log-level", "debug", "--dataset", "counting", "--batch-size", "7"}));
  const auto failed = dispatcher.program.wait_for_line(" fetcher_failed ", test_timeout);
  CAF_CHECK(contains(failed, "UNAUTHENTICATED"));
  CAF_CHECK(contains(failed, "the upstream refuses the token in '" + token + "'"));
  const auto is_there = [](const json& x) { return !x.empty(); };
  const auto while_wrong = wait_for_json(dispatcher.admin_port, "/status", is_there).dump();
  authority.write("token", "right-token\n");
  dispatcher.program.wait_for_line(" upstream_up ", test_timeout);
  CAF_CHECK_EQUAL(receive_pass(dispatcher.port).problem, "");
  const auto while_right = wait_for_json(dispatcher.admin_port, "/status", is_there).dump();
  for (const auto& text : {while_wrong, while_right, dispatcher.program.err()})
    CAF_CHECK(!contains(text, "wrong-token") && !contains(text, "right-token"));
}

CAF_TEST(the log says which address of a name was taken) {
  const auto upstream = start_dataset_server();
  auto dispatcher = start_dispatcher({"--upstream", "localhost:" + std::to_string(upstream.port)});
  CAF_CHECK(
    contains(dispatcher.program.wait_for_line(" fetcher_ready ", test_timeout), "address=" + upstream.address()));
}

CAF_TEST(what cannot work with TLS is one clear line and exit code 2) {
  const auto error_of = [](const char* program, strings options) {
    options.insert(options.begin(), std::string{DISPATCHER_BINARY_DIR "/"} + program);
    const auto result = run_process(options, test_timeout);
    CAF_CHECK(result.status.exited_with(2));
    return result.err;
  };
  CAF_CHECK_EQUAL(
    error_of("dispatcher", {"--upstream-token-file", "/none"}),
    "error: --upstream-token-file: got '/none' without --upstream-tls; it takes effect over TLS only, and "
    "a token is never sent in plain text\n");
  CAF_CHECK_EQUAL(
    error_of("dispatcher", {"--upstream-tls", "--upstream-ca", "/none"}),
    "error: --upstream-ca: got '/none', which cannot be read (No such file or directory); it takes a file "
    "with certificates in PEM form\n");
  CAF_CHECK_EQUAL(error_of("dataset-server", {"--tls-cert", "/none", "--tls-key", "/none"}),
                  "error: --tls-cert: got '/none', which cannot be read (No such file or directory); it takes a file "
                  "with certificates in PEM form\n");
  CAF_CHECK_EQUAL(error_of("dataset-server", {"--tls-cert", "/none"}),
                  "error: --tls-cert and --tls-key: got one of them; they take a certificate and its key\n");
}

CAF_TEST(passes through a socket of the file system are whole) {
  const temporary_folder folder;
  const auto address = "unix:" + folder.at("dataset.sock");
  auto command = small_dataset::served_with({DISPATCHER_BINARY_DIR "/dataset-server", "--listen", address});
  process upstream{std::move(command)};
  upstream.wait_for_line(" serving address=" + address, test_timeout);
  auto dispatcher = start_dispatcher(small_dataset::streamed_with({"--upstream", address}));
  CAF_CHECK(contains(dispatcher.program.wait_for_line(" upstream_up ", test_timeout), "upstream=" + address));
  CAF_CHECK_EQUAL(problem_of(receive_passes(dispatcher.port, 16)), "");
  CAF_CHECK(contains(get(dispatcher.admin_port, "/metrics").body, "upstream=\"" + address + "\""));
  upstream.terminate(test_timeout);
  dispatcher.program.wait_for_line(" upstream_down ", test_timeout);
}
