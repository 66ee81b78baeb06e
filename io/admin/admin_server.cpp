#include "io/admin/admin_server.hpp"

#include <string_view>
#include <utility>
#include <variant>

#include "io/admin/actor_question.hpp"
#include "io/admin/events_json.hpp"
#include "io/admin/history_json.hpp"
#include "io/admin/http_answer.hpp"
#include "io/admin/page.hpp"
#include "io/admin/request_head.hpp"
#include "io/admin/sample_preview.hpp"

namespace dispatch::admin {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* event_stream_type = "text/event-stream";

/// How often one who follows the events is looked after while there are none.
constexpr milliseconds look_interval{100};

/// The page needs its own script and style and this server; nothing else can get in.
constexpr const char* page_policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The number of the last event that somebody has seen; 0: none.
std::uint64_t seen_by(const httplib::Request& asked, const std::string& run) {
  auto text = asked.get_header_value("Last-Event-ID");
  if (text.empty())
    text = asked.get_param_value("after");
  return seen_seq(text, run);
}

} // namespace

admin_server::admin_server(caf::actor_system& system, io::listen_socket socket, inspector_actor inspector,
                           group_store_actor groups, std::shared_ptr<const event_history> events, service_facts facts,
                           metrics_writer write_metrics, admin_options options)
  : system_(system),
    inspector_(std::move(inspector)),
    groups_(system, std::move(groups), options.answer_timeout),
    events_(std::move(events)),
    facts_(std::move(facts)),
    write_metrics_(std::move(write_metrics)),
    options_(options),
    only_local_names_(io::is_loopback(socket.fd.get())),
    http_(std::move(socket), options.http) {
  add_routes();
  http_.start();
}

admin_server::~admin_server() {
  stopping_ = true;
  http_.stop();
}

void admin_server::show_config(json config) {
  const std::lock_guard guard{facts_mutex_};
  facts_.config = std::move(config);
}

void admin_server::add_routes() {
  auto& routes = http_.routes();
  routes.set_default_headers({{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}});
  routes.set_pre_routing_handler([this](const request& asked, response& answer) { return refuse(asked, answer); });
  routes.Get("/", [](const request&, response& answer) {
    answer.set_header("Content-Security-Policy", page_policy);
    answer.set_content(page_html().data(), page_html().size(), "text/html; charset=utf-8");
  });
  routes.Get("/metrics", [this](const request&, response& answer) { show_metrics(answer); });
  routes.Get("/healthz", [this](const request&, response& answer) { show_verdict(answer, health_of); });
  routes.Get("/readyz", [this](const request&, response& answer) { show_verdict(answer, readiness_of); });
  routes.Get("/status", [this](const request&, response& answer) { show_status(answer); });
  routes.Get("/preview", [this](const request&, response& answer) { show_preview(answer); });
  routes.Get("/history", [this](const request& asked, response& answer) { show_history(asked, answer); });
  routes.Get("/events", [this](const request& asked, response& answer) { show_events(asked, answer); });
  routes.Get("/events/stream", [this](const request& asked, response& answer) { stream_events(asked, answer); });
  groups_.add_to(routes);
  routes.set_error_handler([](const request&, response& answer) {
    if (answer.body.empty())
      set_problem(answer, answer.status,
                  answer.status == http_status::not_found ? "there is nothing here; there are /, /metrics, /healthz, "
                                                            "/readyz, /status, /groups, /group?name=, /history, "
                                                            "/events and /preview"
                                                          : "the request cannot be understood");
  });
  routes.set_exception_handler([](const request&, response& answer, std::exception_ptr) {
    set_problem(answer, http_status::internal_error, "the answer could not be made");
  });
}

admin_server::handled admin_server::refuse(const request& asked, response& answer) const {
  if (only_local_names_ && !is_local_name(asked.get_header_value("Host"))) {
    set_problem(answer, http_status::forbidden,
                "this address answers to localhost, to addresses, and to names without dots");
    return handled::Handled;
  }
  if (asked.method == "GET" || asked.method == "HEAD")
    return handled::Unhandled;
  if (group_endpoint::is_change(asked)) {
    const auto refusal = group_endpoint::refusal_of(asked);
    if (refusal)
      set_problem(answer, http_status::forbidden, *refusal);
    return refusal ? handled::Handled : handled::Unhandled;
  }
  answer.set_header("Allow", "GET, HEAD, OPTIONS");
  if (asked.method == "OPTIONS") {
    // What load balancers ask to see whether a server answers at all.
    answer.status = http_status::no_content;
    return handled::Handled;
  }
  set_problem(answer, http_status::method_not_allowed, "this is only read: use GET");
  return handled::Handled;
}

template <class Reply, class Request>
std::variant<Reply, caf::error> admin_server::ask(const Request& what) {
  return admin::ask<Reply>(system_, inspector_, options_.answer_timeout, what);
}

void admin_server::show_metrics(response& answer) {
  const auto report = ask<service_report>(get_service_report{});
  answer.set_content(write_metrics_(std::get_if<service_report>(&report)), "text/plain; version=0.0.4; charset=utf-8");
}

void admin_server::show_status(response& answer) {
  const auto report = ask<service_report>(get_service_report{});
  const auto* known = std::get_if<service_report>(&report);
  if (known == nullptr) {
    set_problem(answer, http_status::unavailable, no_answer().reasons.front());
    return;
  }
  const std::lock_guard guard{facts_mutex_};
  set_json(answer, status_json(*known, facts_));
}

void admin_server::show_preview(response& answer) {
  const auto latest = ask<latest_batch>(get_latest_batch{});
  if (const auto* problem = std::get_if<caf::error>(&latest)) {
    const auto nothing_yet = *problem == status_code::not_found;
    set_problem(answer, nothing_yet ? http_status::not_found : http_status::unavailable,
                nothing_yet ? "no batch has come yet" : no_answer().reasons.front());
    return;
  }
  const std::lock_guard guard{preview_mutex_};
  set_json(answer, preview_json(std::get<latest_batch>(latest)));
}

void admin_server::show_history(const request& asked, response& answer) {
  const auto span = span_of(asked.get_param_value("seconds"));
  if (!span) {
    set_problem(answer, http_status::bad_request,
                "seconds: got '" + asked.get_param_value("seconds") + "'; it takes 1 to 604800");
    return;
  }
  const auto report = ask<history_report>(get_history{*span});
  if (const auto* known = std::get_if<history_report>(&report))
    set_json(answer, history_json(*known));
  else
    set_problem(answer, http_status::unavailable, no_answer().reasons.front());
}

void admin_server::show_verdict(response& answer, verdict (*judge)(const health_report&)) {
  const auto report = ask<health_report>(get_health_report{});
  const auto* known = std::get_if<health_report>(&report);
  const auto result = known != nullptr ? judge(*known) : no_answer();
  set_json(answer, verdict_json(result, known), result.good ? 200 : http_status::unavailable);
}

void admin_server::show_events(const request& asked, response& answer) {
  if (asked.get_header_value("Accept").find(event_stream_type) != std::string::npos) {
    stream_events(asked, answer);
    return;
  }
  const auto before = events_->last_seq();
  set_json(answer, events_json(events_->since(seen_by(asked, events_->run())), before));
}

void admin_server::stream_events(const request& asked, response& answer) {
  if (event_streams_.fetch_add(1) >= options_.max_event_streams) {
    --event_streams_;
    answer.set_header("Retry-After", "10");
    set_problem(answer, http_status::unavailable, "too many follow the events");
    return;
  }
  // A proxy in between would collect events until its buffer is full.
  answer.set_header("X-Accel-Buffering", "no");
  answer.set_chunked_content_provider(
    event_stream_type,
    [this, seen = seen_by(asked, events_->run()), written = steady_clock::time_point{}](
      std::size_t, httplib::DataSink& sink) mutable { return write_events(sink, seen, written); },
    [this](bool) { --event_streams_; });
}

bool admin_server::write_events(httplib::DataSink& sink, std::uint64_t& seen, steady_clock::time_point& written) {
  // Before events are looked for: all that happened until the end is told.
  const auto is_over = stopping_.load();
  std::string text;
  // One who follows from the start gets something at once, and knows that it is connected.
  if (events_->wait_for_newer(seen, is_over ? milliseconds{0} : look_interval)) {
    for (const auto& event : events_->since(seen)) {
      text += to_sse(event, events_->run());
      seen = event.seq;
    }
  } else if (!is_over && steady_clock::now() - written >= options_.keep_open_interval) {
    text = ": nothing new\n\n";
  }
  if (!text.empty()) {
    written = steady_clock::now();
    if (!sink.write(text.data(), text.size()))
      return false;
  }
  if (is_over)
    sink.done();
  return sink.is_writable();
}

} // namespace dispatch::admin
