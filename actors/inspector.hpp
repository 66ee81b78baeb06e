#pragma once

#include <caf/actor_addr.hpp>
#include <caf/timestamp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/metrics.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/frame_cache.hpp"
#include "messages/inspector.hpp"
#include "messages/listener.hpp"
#include "messages/server.hpp"

namespace dispatch {

/// The parts that an inspector begins with; they lead it to all others.
struct inspected_parts {
  server_actor server;
  listener_actor listener;
  frame_cache_actor cache;
  fetcher_pool_actor pool;
};

struct inspector_options {
  /// How long the parts have to answer.
  std::chrono::milliseconds deadline{500};
  /// How old a report may be that is given to somebody else.
  std::chrono::milliseconds fresh_for{200};
};

/// See `inspector_actor`. Asks in rounds: the parts it knows, then those they lead it to. A round is over when all have
/// answered, or at its deadline, which is one timer: CAF's clock sorts its whole table at each new entry. Who still
/// owes an answer is not asked again.
class inspector_state {
public:
  static inline const char* name = "inspector";

  inspector_state(inspector_actor::pointer self, inspected_parts parts, inspector_options options);

  inspector_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;
  using answer = std::function<void(const service_report&)>;
  using round_id = std::uint64_t;

  struct round {
    round_id id;
    service_report report;
    /// Of the parts that are there once, as far as they are known.
    std::vector<actor_report> rows;
    std::set<std::string> silent;
    std::size_t open_requests = 0;
  };

  /// What is asked for again and again. The two kinds of reports do not wait for each other.
  struct desk {
    bool asks_all = false;
    std::optional<round> current{};
    std::vector<answer> waiting{};
    std::optional<service_report> last{};
    clock::time_point last_at{};
    /// Who owes an answer, of earlier rounds as well.
    std::set<caf::actor_id> debtors{};
  };

  caf::result<service_report> on_get_service();
  caf::result<health_report> on_get_health();
  caf::result<latest_batch> on_get_latest();

  /// Has `give` called with a report that is fresh, or that is made now.
  void join(desk& at, answer give);
  void start_round(desk& at);
  void finish_round(desk& at);

  void ask_server(desk& at);
  void ask_listener(desk& at);
  void ask_clients(desk& at, const listener_report& listed);
  void ask_frame_cache(desk& at);
  void ask_stream(desk& at, const frame_cache_report& known);
  void ask_pool(desk& at);
  void ask_fetchers(desk& at, const pool_report& known);

  /// Asks one of the parts without which a report is not whole, and notes its row.
  template <class Report, class Handle, class Request, class Take>
  void ask_part(desk& at, const char* part, const Handle& whom, actor_report row, Request request, Take take);

  /// Asks anybody. What comes after the round is dropped.
  template <class Report, class Handle, class Request, class Take>
  void ask(desk& at, const Handle& whom, Request request, Take take);

  void add_up(service_report& report) const;
  static void list_actors(round& of, actor_report own);
  clock::time_point now() const;

  inspector_actor::pointer self_;
  inspected_parts parts_;
  inspector_options options_;
  client_metrics metrics_;
  clock::time_point started_at_;
  desk service_{true};
  desk health_{false};
  round_id next_round_ = 1;
};

using inspector_impl = inspector_actor::stateful_impl<inspector_state>;

} // namespace dispatch
