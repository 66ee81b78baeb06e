#define CAF_SUITE admin_server

#include "io/admin/admin_server.hpp"

#include <caf/all.hpp>
#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "io/admin/page.hpp"
#include "tests/io/admin/fake_group_store.hpp"
#include "tests/io/admin/sample_report.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/tcp_client.hpp"
#include "wire/classic_codec.hpp"

// The server with real sockets, in front of an inspector that says what a test wants.

using namespace dispatch;
using namespace dispatch::admin;
using namespace dispatch::test;
using namespace std::chrono_literals;

namespace {

/// What the inspector says.
struct inspector_answers {
  bool silent = false;
  std::optional<latest_batch> latest;
  health_report health{{}, true, false, 1, 1};
};

inspector_actor::behavior_type fake_inspector(inspector_actor::pointer self, const inspector_answers& answers) {
  const auto silent = answers.silent;
  return {[=](get_service_report) -> caf::result<service_report> {
            if (silent)
              return self->make_response_promise<service_report>();
            return sample_report();
          },
          [=, health = answers.health](get_health_report) -> caf::result<health_report> {
            if (silent)
              return self->make_response_promise<health_report>();
            return health;
          },
          [=, latest = answers.latest](get_latest_batch) -> caf::result<latest_batch> {
            if (silent)
              return self->make_response_promise<latest_batch>();
            if (!latest)
              return make_error(failure{status_code::not_found, "none yet"});
            return *latest;
          },
          [](const get_history& request) -> caf::result<history_report> {
            history_report result;
            result.series = {{"clients", {static_cast<double>(request.span.count())}}};
            return result;
          }};
}

/// An answer as it came.
struct reply {
  int status = 0;
  std::string head;
  std::string body;
};

reply reply_of(const std::string& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (bytes.rfind("HTTP/1.1 ", 0) != 0 || end == std::string::npos)
    return {0, bytes, {}};
  return {std::stoi(bytes.substr(9)), bytes.substr(0, end + 2), bytes.substr(end + 4)};
}

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<fake_group_store> store = std::make_shared<fake_group_store>();
  std::shared_ptr<event_history> events = std::make_shared<event_history>(std::make_shared<event_recorder>());
  std::optional<admin_server> server;

  void start(const inspector_answers& answers = {}, admin_options options = {}) {
    auto opened = io::open_listen_socket({"127.0.0.1", 0});
    const auto metrics = [](const service_report* report) {
      return report != nullptr ? std::string{"up 1\n"} : std::string{"up 0\n"};
    };
    server.emplace(system, std::get<io::listen_socket>(std::move(opened)), system.spawn(fake_inspector, answers),
                   system.spawn(fake_group_store_behavior, store), events, sample_facts(), metrics, options);
  }

  reply ask(const std::string& request) const {
    tcp_client peer{server->port()};
    peer.send(request);
    return reply_of(peer.read_all());
  }

  reply get(const std::string& path, const std::string& headers = {}) const {
    return ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  }

  void write_events(std::size_t count, const std::string& text = {}) const {
    for (std::size_t i = 0; i < count; ++i)
      events->write(severity::info, "e", {{"text", text}});
  }

  ~fixture() { server.reset(); }
};

/// Follows the events.
class follower {
public:
  explicit follower(std::uint16_t port, const std::string& target = "/events/stream", const std::string& headers = {},
                    int receive_buffer = 0)
    : peer_(port, receive_buffer) {
    peer_.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  }

  /// The status line.
  std::string status() { return *peer_.read_line(); }

  /// The next `id:`; nothing at the end of the stream.
  std::optional<std::uint64_t> next_id() {
    while (const auto line = peer_.read_line())
      if (line->rfind("id: ", 0) == 0)
        return std::stoull(line->substr(line->rfind('-') + 1));
    return std::nullopt;
  }

  /// Waits for a comment.
  void wait_for_comment() {
    while (const auto line = peer_.read_line())
      if (line->rfind(": ", 0) == 0)
        return;
    CAF_FAIL("the stream has ended");
  }

private:
  tcp_client peer_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(admin_server_tests, fixture)

// -- what there is ----------------------------------------------------------------------------------------------------

CAF_TEST(the page is served and may load nothing from elsewhere) {
  start();
  const auto page = get("/");
  CAF_CHECK_EQUAL(page.status, 200);
  CAF_CHECK(page.body == page_html());
  CAF_CHECK(contains(page.body, "<html"));
  CAF_CHECK(contains(page.head, "Content-Type: text/html; charset=utf-8\r\n"));
  CAF_CHECK(contains(page.head, "Content-Security-Policy: default-src 'none'"));
}

CAF_TEST(the status and the metrics are served) {
  start();
  const auto status = get("/status");
  CAF_CHECK_EQUAL(status.status, 200);
  CAF_CHECK(contains(status.head, "Content-Type: application/json\r\n"));
  CAF_CHECK(contains(status.head, "Cache-Control: no-store\r\n"));
  CAF_CHECK_EQUAL(status.body, to_text(status_json(sample_report(), sample_facts())) + "\n");
  const auto metrics = get("/metrics");
  CAF_CHECK(contains(metrics.head, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  CAF_CHECK_EQUAL(metrics.body, "up 1\n");
}

CAF_TEST(health and readiness are codes with reasons) {
  inspector_answers answers;
  answers.health.upstreams_up = 0;
  start(answers);
  CAF_CHECK_EQUAL(get("/healthz").status, 200);
  const auto ready = get("/readyz");
  CAF_CHECK_EQUAL(ready.status, 503);
  CAF_CHECK(contains(ready.body, "no upstream is up"));
}

CAF_TEST(the latest batch is shown when there is one) {
  start();
  CAF_CHECK_EQUAL(get("/preview").status, 404);
  server.reset();
  inspector_answers answers;
  answers.latest = latest_batch{std::make_shared<const received_batch>(test::receive(4, false, std::string(32, 'x'))),
                                2,
                                {"d", 10, {4, 4}, "uint8"}};
  start(answers);
  const auto preview = get("/preview");
  CAF_CHECK_EQUAL(preview.status, 200);
  CAF_CHECK(contains(preview.body, R"("batch_index":4)"));
  CAF_CHECK(contains(preview.body, R"("count":2)"));
}

CAF_TEST(the history is of the span that is asked for) {
  start();
  CAF_CHECK(contains(get("/history?seconds=60").body, R"("clients":[60.0])"));
  CAF_CHECK(contains(get("/history").body, R"("clients":[3600.0])"));
  const auto wrong = get("/history?seconds=1h");
  CAF_CHECK_EQUAL(wrong.status, 400);
  CAF_CHECK(contains(wrong.body, "seconds: got '1h'"));
}

CAF_TEST(events are listed and only newer ones where that is asked for) {
  start();
  write_events(3);
  CAF_CHECK_EQUAL(json::parse(get("/events").body).at("events").size(), 3u);
  const auto newer = json::parse(get("/events?after=2").body);
  CAF_CHECK_EQUAL(newer.at("events").size(), 1u);
  CAF_CHECK_EQUAL(newer.at("next").get<int>(), 3);
}

CAF_TEST(a HEAD has the headers alone) {
  start();
  const auto answer = ask("HEAD /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK(answer.body.empty());
}

// -- the stream of events ---------------------------------------------------------------------------------------------

CAF_TEST(who follows the events gets those that were and those that come) {
  start();
  write_events(2);
  follower peer{server->port()};
  CAF_CHECK_EQUAL(peer.next_id(), 1u);
  CAF_CHECK_EQUAL(peer.next_id(), 2u);
  write_events(1);
  CAF_CHECK_EQUAL(peer.next_id(), 3u);
}

CAF_TEST(the list is a stream where that is accepted) {
  start();
  write_events(1);
  follower peer{server->port(), "/events", "Accept: text/event-stream\r\n"};
  CAF_CHECK_EQUAL(peer.next_id(), 1u);
}

CAF_TEST(a stream is resumed behind the last event that was seen) {
  start();
  write_events(5);
  follower by_header{server->port(), "/events/stream", "Last-Event-ID: 3\r\n"};
  CAF_CHECK_EQUAL(by_header.next_id(), 4u);
  follower by_parameter{server->port(), "/events/stream?after=4"};
  CAF_CHECK_EQUAL(by_parameter.next_id(), 5u);
  follower by_id{server->port(), "/events/stream", "Last-Event-ID: " + events->run() + "-2\r\n"};
  CAF_CHECK_EQUAL(by_id.next_id(), 3u);
}

CAF_TEST(who has seen events of an earlier run gets all) {
  start();
  write_events(5);
  follower peer{server->port(), "/events/stream", "Last-Event-ID: " + event_history{nullptr}.run() + "-3\r\n"};
  CAF_CHECK_EQUAL(peer.next_id(), 1u);
}

CAF_TEST(a proxy is told not to collect events) {
  start();
  tcp_client peer{server->port()};
  peer.send("GET /events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  auto told = false;
  for (auto line = peer.read_line(); line && *line != "\r"; line = peer.read_line())
    told = told || *line == "X-Accel-Buffering: no\r";
  CAF_CHECK(told);
}

CAF_TEST(a stream without events is kept open) {
  admin_options options;
  options.keep_open_interval = 1ms;
  start({}, options);
  follower peer{server->port()};
  peer.wait_for_comment();
  peer.wait_for_comment();
}

CAF_TEST(one more stream than there may be is refused until another ends) {
  admin_options options;
  options.max_event_streams = 2;
  start({}, options);
  write_events(1);
  follower first{server->port()};
  auto second = std::make_unique<follower>(server->port());
  CAF_CHECK_EQUAL(first.next_id(), 1u);
  CAF_CHECK_EQUAL(second->next_id(), 1u);
  const auto refused = get("/events/stream");
  CAF_CHECK_EQUAL(refused.status, 503);
  CAF_CHECK(contains(refused.head, "Retry-After: 10\r\n"));
  CAF_CHECK_EQUAL(get("/events").status, 200);
  second.reset();
  // That it has left is noticed a moment later.
  CAF_CHECK(eventually(tcp_client::timeout, [&] { return contains(follower{server->port()}.status(), " 200 "); }));
}

CAF_TEST(who follows the events and does not read them is dropped) {
  admin_options options;
  options.max_event_streams = 1;
  options.http.write_timeout = 50ms;
  start({}, options);
  follower slow{server->port(), "/events/stream", {}, 4096};
  CAF_CHECK(contains(slow.status(), " 200 "));
  const std::string text(event_history::longest_text, 'x');
  CAF_CHECK(eventually(tcp_client::timeout, [&] {
    write_events(event_history::capacity, text);
    // A HEAD does not stay.
    return ask("HEAD /events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200;
  }));
}

// -- an inspector that does not answer --------------------------------------------------------------------------------

CAF_TEST(where the inspector is stuck there is an answer in time) {
  inspector_answers answers;
  answers.silent = true;
  admin_options options;
  options.answer_timeout = 50ms;
  start(answers, options);
  for (const auto* path : {"/healthz", "/readyz", "/status", "/preview"}) {
    const auto answer = get(path);
    CAF_CHECK_EQUAL(answer.status, 503);
    CAF_CHECK(contains(answer.body, "inspector does not answer"));
  }
  const auto metrics = get("/metrics");
  CAF_CHECK_EQUAL(metrics.status, 200);
  CAF_CHECK_EQUAL(metrics.body, "up 0\n");
  CAF_CHECK_EQUAL(get("/events").status, 200);
}

// -- bad requests -----------------------------------------------------------------------------------------------------

CAF_TEST(what is not there is said not to be there) {
  start();
  const auto answer = get("/statuses");
  CAF_CHECK_EQUAL(answer.status, 404);
  CAF_CHECK(contains(json::parse(answer.body).at("error").get<std::string>(), "there are /, /metrics"));
}

CAF_TEST(methods that would change something are refused) {
  start();
  for (const std::string method : {"POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"}) {
    const auto answer =
      ask(method + " /status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\nsome of the body");
    CAF_CHECK_EQUAL(answer.status, 405);
    CAF_CHECK(contains(answer.head, "Allow: GET, HEAD, OPTIONS\r\n"));
  }
}

CAF_TEST(groups can be changed and not under a name of the internet) {
  start();
  const auto change = [this](const std::string& host) {
    return ask("DELETE /group?name=g HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  };
  CAF_CHECK_EQUAL(change("rebound.example.org:8081").status, 403);
  CAF_CHECK_EQUAL(store->asked(), "");
  CAF_CHECK_EQUAL(change("localhost:8081").status, 200);
  CAF_CHECK_EQUAL(store->asked(), "delete g");
}

CAF_TEST(a load balancer that asks for the options sees that the server answers) {
  start();
  for (const std::string request : {"OPTIONS / HTTP/1.0\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                    "OPTIONS /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"}) {
    const auto answer = ask(request);
    CAF_CHECK_EQUAL(answer.status, 204);
    CAF_CHECK(contains(answer.head, "Allow: GET, HEAD, OPTIONS\r\n"));
    CAF_CHECK_EQUAL(answer.body, "");
  }
}

CAF_TEST(a target in absolute form is its path) {
  start();
  const auto port = std::to_string(server->port());
  CAF_CHECK_EQUAL(ask("GET http://localhost:" + port + "/readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  CAF_CHECK_EQUAL(ask("GET http://localhost HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  CAF_CHECK_EQUAL(ask("OPTIONS http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 204);
  // The host of the target counts, whatever the header says.
  CAF_CHECK_EQUAL(ask("GET http://example.org/readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 403);
}

CAF_TEST(what is not a request is said not to be one) {
  start();
  for (const std::string nonsense : {"\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/3.0\r\n\r\n",
                                     "BREW /status HTTP/1.1\r\n\r\n", "GET /\n\n", "\x16\x03\x01\x02\r\n\r\n"})
    CAF_CHECK_EQUAL(ask(nonsense).status, 400);
  CAF_CHECK_EQUAL(get("/status").status, 200);
}

CAF_TEST(a head that is too large is refused before it is read to its end) {
  start();
  tcp_client peer{server->port()};
  peer.send("GET /status HTTP/1.1\r\nHost: localhost\r\nX-Large: " + std::string(100'000, 'x'));
  const auto answer = reply_of(peer.read_all());
  CAF_CHECK_EQUAL(answer.status, 431);
  CAF_CHECK_EQUAL(get("/status", "X-Large: " + std::string(20'000, 'x') + "\r\n").status, 431);
  CAF_CHECK_EQUAL(get("/status", "X-Large: " + std::string(10'000, 'x') + "\r\n").status, 200);
}

CAF_TEST(headers that the library would act on do nothing) {
  start();
  // A regular expression would need megabytes of stack for that.
  std::string ranges = "Range: bytes=0-1";
  while (ranges.size() < 15'000)
    ranges += ",0-1";
  CAF_CHECK_EQUAL(get("/status", ranges + "\r\n").status, 200);
  CAF_CHECK(!contains(get("/status", "Accept-Encoding: gzip, deflate, br\r\n").head, "Content-Encoding"));
}

CAF_TEST(a head that does not come in time is given up) {
  admin_options options;
  options.http.head_timeout = 50ms;
  start({}, options);
  tcp_client peer{server->port()};
  peer.send("GET /status HTTP/1.1\r\n");
  CAF_CHECK_EQUAL(reply_of(peer.read_all()).status, 408);
  CAF_CHECK_EQUAL(reply_of(tcp_client{server->port()}.read_all()).status, 408);
}

CAF_TEST(one more connection than there may be is refused until another ends) {
  admin_options options;
  options.http.max_connections = 2;
  start({}, options);
  write_events(1);
  auto first = std::make_unique<follower>(server->port());
  follower second{server->port()};
  CAF_CHECK_EQUAL(first->next_id(), 1u);
  CAF_CHECK_EQUAL(second.next_id(), 1u);
  CAF_CHECK_EQUAL(reply_of(tcp_client{server->port()}.read_all()).status, 503);
  first.reset();
  CAF_CHECK(eventually(tcp_client::timeout, [&] {
    try {
      return ask("HEAD /status HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200;
    } catch (const std::system_error&) {
      // Reset: it was refused and had sent something.
      return false;
    }
  }));
}

CAF_TEST(a connection serves one request) {
  start();
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n";
  const auto answer = ask(request + request);
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK(contains(answer.head, "Connection: close\r\n"));
  CAF_CHECK(!contains(answer.body, "HTTP/1.1"));
}

CAF_TEST(who asks under a name of the internet is refused) {
  start();
  CAF_CHECK_EQUAL(ask("GET /status HTTP/1.1\r\nHost: rebound.example.org:8081\r\n\r\n").status, 403);
  CAF_CHECK_EQUAL(ask("GET /status HTTP/1.1\r\nHost: 127.0.0.1:8081\r\n\r\n").status, 200);
  CAF_CHECK_EQUAL(ask("GET /status HTTP/1.0\r\n\r\n").status, 200);
}

// -- the end ----------------------------------------------------------------------------------------------------------

CAF_TEST(streams that are open end with the server) {
  start();
  write_events(1);
  follower peer{server->port()};
  CAF_CHECK_EQUAL(peer.next_id(), 1u);
  server.reset();
  CAF_CHECK(!peer.next_id());
}

CAF_TEST(what happens right before the end is told) {
  for (auto round = 0; round < 20; ++round) {
    start();
    const auto before = events->last_seq();
    write_events(1);
    follower peer{server->port(), "/events/stream?after=" + std::to_string(before)};
    CAF_REQUIRE_EQUAL(peer.next_id(), before + 1);
    write_events(2);
    server.reset();
    CAF_CHECK_EQUAL(peer.next_id(), before + 2);
    CAF_CHECK_EQUAL(peer.next_id(), before + 3);
    CAF_CHECK(!peer.next_id());
  }
}

CAF_TEST(a peer that says nothing does not hold up the end) {
  admin_options options;
  options.http.head_timeout = 1h;
  options.http.stop_grace = 10ms;
  start({}, options);
  tcp_client silent{server->port()};
  // It is served when another that came later has been.
  CAF_CHECK_EQUAL(get("/healthz").status, 200);
  server.reset();
  CAF_CHECK_EQUAL(silent.read_all(), "");
}

CAF_TEST_FIXTURE_SCOPE_END()
