#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "apps/dispatcher/config.hpp"
#include "apps/dispatcher/option_words.hpp"

namespace dispatch {

/// Tells `table` of every option: its name, its place in `values`, what it is, and what it takes. The one list of them.
template <class Table, class Config>
void list_options(Table& table, Config& values) {
  constexpr std::size_t many = 100'000;
  table.text("--listen", values.listen, "Where consumers connect; port 0 takes any free port", "HOST:PORT");
  table.text("--sessions", values.sessions,
             "Where training jobs open sessions: shuffled, sharded, resumable; none: nowhere", "HOST:PORT|none");
  table.text("--store", values.store,
             "Where groups and named positions of sessions are kept; none: as long as the dispatcher runs",
             "none|sqlite:FILE|postgresql://HOST/DATABASE");
  table.duration("--lease-ttl", values.lease_ttl,
                 "After how long other dispatchers get the batches of groups that this one had when it was killed");
  table.text("--admin", values.admin, "Where people and programs look at the service; none: nowhere", "HOST:PORT|none");
  table.texts("--upstream", values.upstreams, "The dataset service's address, or several",
              "HOST:PORT|unix:PATH|dns:NAME:PORT,...");
  table.flag("--upstream-tls", values.upstream_tls, "Speak to the dataset service over TLS");
  table.text("--upstream-ca", values.upstream_ca, "The authorities that its certificate may come from, in PEM form",
             "FILE");
  table.text("--upstream-cert", values.upstream_cert, "A certificate to show to it, in PEM form", "FILE");
  table.text("--upstream-key", values.upstream_key, "The key of that certificate", "FILE");
  table.text("--upstream-authority", values.upstream_authority,
             "The name that it is asked by and that its certificate has to be for", "NAME");
  table.text("--upstream-token-file", values.upstream_token_file, "A bearer token that each call to it carries",
             "FILE");
  table.flag("--embedded", values.embedded, "Serve the bundled MNIST images from inside, without an upstream");
  table.text("--dataset", values.dataset, "The dataset that consumers get", "NAME");
  table.number("--batch-size", values.batch_size, "Samples in a batch", 1, std::numeric_limits<std::int32_t>::max());
  table.number("--fetchers", values.fetchers, "Connections to each upstream", std::size_t{1}, std::size_t{256});
  table.number_or_auto("--in-flight", values.in_flight,
                       "Calls that each upstream gets at a time; auto finds the number with the most batches a second",
                       std::size_t{1}, many);
  table.word("--fetch-mode", values.fetch_mode,
             "A call for each batch, one upstream stream for a pass, or what is measured to be faster",
             words<policy::fetch_mode>{{"auto", policy::fetch_mode::automatic},
                                       {"get", policy::fetch_mode::get},
                                       {"stream", policy::fetch_mode::stream}});
  table.number("--cache-mb", values.cache_mb, "MiB of batches that are kept for other consumers; 0 keeps none",
               std::size_t{0}, std::size_t{1'000'000});
  table.word("--prefetch", values.prefetch,
             "Read the dataset before consumers want it, where it fits into half of --cache-mb",
             words<bool>{{"on", true}, {"off", false}});
  table.number_or_auto("--window", values.window,
                       "Batches that a consumer may be ahead of its socket; auto gives those more that keep up",
                       std::size_t{1}, many);
  table.duration("--call-timeout", values.call_timeout, "The deadline of one call to the dataset service");
  table.number("--max-attempts", values.max_attempts, "Failed calls for one batch until its consumers are told", 1,
               1000);
  table.duration("--give-up-after", values.give_up_after,
                 "How long a consumer waits for one batch until it is told that there is none; 0 waits for ever");
  table.number("--max-clients", values.max_clients, "Consumers at a time", std::size_t{1}, std::size_t{1'000'000});
  table.duration("--stall-timeout", values.stall_timeout,
                 "How long a consumer may take nothing although batches wait for it; 0 for ever");
  table.duration("--dead-peer-timeout", values.dead_peer_timeout,
                 "After how long a consumer that vanished without a word is noticed, in whole seconds");
  table.duration("--drain-timeout", values.drain_timeout,
                 "How long consumers may go on when the dispatcher is to stop");
  table.word("--log-level", values.log_level, "The least level to log",
             words<std::string>{{"debug", "debug"}, {"info", "info"}, {"warning", "warning"}, {"error", "error"}});
  table.word("--log-format", values.format, "How log lines look",
             words<log_format>{{"text", log_format::text}, {"json", log_format::json}});
}

} // namespace dispatch
