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
#include "actors/recorder.hpp"
#include "messages/assembler.hpp"
#include "messages/batch_cache.hpp"
#include "messages/fetcher_pool.hpp"
#include "messages/group.hpp"
#include "messages/group_store.hpp"
#include "messages/inspector.hpp"
#include "messages/listener.hpp"
#include "messages/server.hpp"
#include "messages/session_recorder.hpp"

namespace dispatch {

/// The parts that an inspector begins with; they lead it to all others.
struct inspected_parts {
  /// One for each socket that consumers connect to, in the order of the listener's ports.
  std::vector<server_actor> servers;
  listener_actor listener;
  batch_cache_actor cache;
  fetcher_pool_actor pool;
  order_directory_actor orders;
  session_recorder_actor sessions;
  group_directory_actor groups;
  group_store_actor store;
};

struct inspector_options {
  /// How long the parts have to answer.
  std::chrono::milliseconds deadline{500};
  /// How old a report may be that is given once more.
  std::chrono::milliseconds fresh_for{200};
};

/// See `inspector_actor`. Asks in rounds: the parts it knows, then those they lead it to. A collection is over when all
/// have answered, or at its deadline, which is one timer: CAF's clock sorts its whole table at each new entry. An
/// actor that still owes an answer is not asked again.
class inspector_state {
public:
  static inline const char* name = "inspector";

  /// The state of an actor that does not answer in time.
  static constexpr const char* no_answer = "no_answer";

  inspector_state(inspector_actor::pointer self, inspected_parts parts, inspector_options options);

  inspector_actor::behavior_type make_behavior();

private:
  using clock = std::chrono::steady_clock;
  using answer = std::function<void(const service_report&)>;
  using collection_id = std::uint64_t;

  struct collection {
    collection_id id;
    service_report report;
    /// Of the parts that are there once, as far as they are known.
    std::vector<actor_report> rows;
    std::multiset<std::string> unanswered;
    std::size_t servers_accepting = 0;
    std::size_t open_requests = 0;
  };

  /// What is asked for again and again. The two kinds of reports do not wait for each other.
  struct collector {
    bool asks_all = false;
    std::optional<collection> current{};
    std::vector<answer> waiting{};
    std::optional<service_report> last{};
    clock::time_point last_at{};
    /// Actors that owe an answer, of earlier collections as well.
    std::set<caf::actor_id> pending{};
  };

  caf::result<service_report> on_get_service();
  caf::result<health_report> on_get_health();
  caf::result<latest_batch> on_get_latest();
  caf::result<history_report> on_get_history(const get_history& request);

  /// Has `give` called with a report that is fresh, or that is made now.
  void join(collector& at, answer give);
  void start_collection(collector& at);
  void finish_collection(collector& at);

  void ask_servers(collector& at);
  void ask_listener(collector& at);
  void ask_clients(collector& at, const listener_report& listed);
  void ask_batch_cache(collector& at);
  void ask_stream(collector& at, const batch_cache_report& known);
  void ask_orders(collector& at);
  void ask_session_recorder(collector& at);
  void ask_groups(collector& at);
  void ask_pool(collector& at);
  void ask_fetchers(collector& at, const pool_report& known);

  /// Asks one of the parts without which a report is not whole, and notes its row.
  template <class Report, class Handle, class Request, class Take>
  void ask_part(collector& at, const char* part, const Handle& whom, actor_report row, Request request, Take take);

  /// Asks an actor. An answer that comes after the collection is dropped.
  template <class Report, class Handle, class Request, class Take>
  void ask(collector& at, const Handle& whom, Request request, Take take);

  /// Asks an actor that says nothing but what it is.
  /// @param row what is shown of it until it has answered
  template <class Handle>
  void ask_row(collector& at, const Handle& whom, actor_report row);

  void add_up(service_report& report) const;
  static void list_actors(collection& of, actor_report own);
  clock::time_point now() const;

  inspector_actor::pointer self_;
  inspected_parts parts_;
  inspector_options options_;
  client_metrics metrics_;
  recorder recorder_;
  clock::time_point started_at_;
  collector service_{true};
  collector health_{false};
  collection_id next_collection_ = 1;
};

using inspector_impl = inspector_actor::stateful_impl<inspector_state>;

} // namespace dispatch
