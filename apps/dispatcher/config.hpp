#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/policy/feed_choice.hpp"
#include "apps/dispatcher/unknown_variables.hpp"

namespace dispatch {

enum class log_format { text, json };

/// The dispatcher's configuration, resolved once at the start. The defaults here are the defaults.
struct config {
  /// Where consumers connect, `host:port`; an empty host means all addresses, port 0 any free port.
  std::string listen = ":8080";
  /// Where sessions connect, `host:port` as above, or `none`.
  std::string sessions = ":8090";
  /// Whether `sessions` was asked for by anybody: then there is no service without it.
  bool sessions_required = false;
  /// Where groups and positions are kept: `none`, `sqlite:FILE` or `postgresql://...`.
  std::string store = "none";
  /// How long what a dispatcher has leased of a group is its own, if it says nothing more.
  std::chrono::milliseconds lease_ttl{10'000};
  /// Where people and programs look at the service, `host:port` as above, or `none`.
  std::string admin = "127.0.0.1:8081";
  /// Whether `admin` was asked for by anybody: then there is no service without it.
  bool admin_required = false;
  /// Addresses of the dataset service, `host:port` or `unix:path`.
  std::vector<std::string> upstreams{"localhost:50051"};
  /// Speak to them over TLS.
  bool upstream_tls = false;
  /// Files, each empty where there is none: authorities, instead of the system's; a certificate of our own and its key.
  std::string upstream_ca;
  std::string upstream_cert;
  std::string upstream_key;
  /// The name that upstreams are asked by and verified with; empty: the one in their address.
  std::string upstream_authority;
  /// A file with a bearer token; empty: none.
  std::string upstream_token_file;
  /// Run a dataset service of our own inside the process, instead of the upstreams.
  bool embedded = false;
  std::string dataset = "mnist";
  /// Samples in a batch.
  std::int32_t batch_size = 30;
  /// Fetchers, each with a connection of its own, for each upstream.
  std::size_t fetchers = 2;
  /// Calls that each upstream gets at a time; nothing: as many as give the most batches.
  std::optional<std::size_t> in_flight;
  policy::fetch_mode fetch_mode = policy::fetch_mode::automatic;
  /// How many MiB of batches are kept; 0: none.
  std::size_t cache_mb = 256;
  /// Whether the dataset is read into the cache before consumers want it, where it fits into half of that.
  bool prefetch = true;
  /// Batches that a client may have requested or unsent; nothing: as many as it keeps up with.
  std::optional<std::size_t> window;
  std::chrono::milliseconds call_timeout{10'000};
  int max_attempts = 5;
  /// How long a client waits for one batch; zero: for ever.
  std::chrono::milliseconds give_up_after{60'000};
  std::size_t max_clients = 10'000;
  /// How long a client may take nothing although bytes wait for it; zero: for ever.
  std::chrono::milliseconds stall_timeout{0};
  /// After how long a client that vanished without a word is noticed; whole seconds.
  std::chrono::milliseconds dead_peer_timeout{60'000};
  std::chrono::milliseconds drain_timeout{10'000};
  std::string log_level = "info";
  log_format format = log_format::text;
  /// What stands in the environment as if it were an option.
  std::vector<unknown_variable> unknown_variables;
};

/// What `admin` and `sessions` are where there is no such endpoint.
inline constexpr const char* no_endpoint = "none";

/// Checks what no option can check alone.
/// @returns one line that names the option, what it got and what it takes; nothing where all is well
std::optional<std::string> validate(const config& candidate);

} // namespace dispatch
