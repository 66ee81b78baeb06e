#pragma once

#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "messages/batch_key.hpp"
#include "messages/batch_provider.hpp"
#include "messages/status_code.hpp"
#include "wire/batch.hpp"

namespace dispatch {

/// Names one call of a fetcher's; chosen by the fetcher.
using call_id = std::uint64_t;

/// How a call for a batch ended.
struct batch_result {
  call_id id = 0;
  status_code code = status_code::ok;
  std::string message;
  /// Where `code` is `ok`.
  received_batch batch;
  /// Whether the call was made over the source's connection. One that was not says nothing about the upstream.
  bool was_made = true;
};

/// How a call for a dataset's description ended.
struct description_result {
  call_id id = 0;
  status_code code = status_code::ok;
  std::string message;
  dataset_description description;
  /// As in a `batch_result`.
  bool was_made = true;
};

/// How a health check ended. A service that answers but does not serve has the code UNAVAILABLE.
struct health_result {
  call_id id = 0;
  status_code code = status_code::ok;
  std::string message;
  /// The address that answered; empty where that is not known.
  std::string peer{};
  /// As in a `batch_result`.
  bool was_made = true;
};

/// Where batches go that come in any way.
///
/// Owner: the actor that starts the calls. Lifetime: may end before its calls do; results for it are then dropped.
/// Errors: none, results carry their status.
using batch_result_sink = caf::typed_actor<
  /// A call of `get_batch` or a `read` of a stream ended.
  caf::result<void>(batch_result)>;

/// Where descriptions go. Otherwise as a `batch_result_sink`.
using description_sink = caf::typed_actor<
  /// A call of `describe` ended.
  caf::result<void>(description_result)>;

/// Where all results of a batch source go: a fetcher, or a test. Otherwise as a `batch_result_sink`.
using batch_sink = batch_result_sink::extend<
  /// A call of `describe` ended.
  caf::result<void>(description_result),
  /// A call of `check_health` ended.
  caf::result<void>(health_result)>;

/// A call under way for all batches of a dataset in order. Destroying it ends the call without waiting; its source must
/// live longer.
class batch_reader {
public:
  virtual ~batch_reader() = default;

  /// Asks for the next batch, which nothing is fetched for before. Ends with exactly one `batch_result` sent to the
  /// sink: the batch; OUT_OF_RANGE when the call has ended well and there are no more; or how the call has failed.
  /// Several may be asked for; they are answered in their order.
  virtual void read(call_id id) = 0;
};

/// One connection to one upstream: once that has ended, every new call ends with UNAVAILABLE and as not made, and an
/// upstream answers only to another source. Calls that began before may still end well. Calls do not block; each ends
/// with exactly one result sent to its sink, at the latest when its deadline has passed. Used by a fetcher and the
/// streams that share its connection, each in a thread of its own. Destroying it ends the calls under way and may take
/// a moment for that, so it is never destroyed inside a callback of its own.
class batch_source {
public:
  virtual ~batch_source() = default;

  virtual void get_batch(call_id id, const batch_key& key, std::chrono::milliseconds deadline, batch_sink sink) = 0;

  /// Starts a call for all batches of `dataset`, in batches of `batch_size` samples. It has no deadline: its
  /// reader knows how long a batch may take.
  virtual std::unique_ptr<batch_reader> open_stream(const std::string& dataset, std::int32_t batch_size,
                                                    batch_result_sink sink) = 0;

  virtual void describe(call_id id, const std::string& dataset, std::chrono::milliseconds deadline,
                        description_sink sink) = 0;

  virtual void check_health(call_id id, std::chrono::milliseconds deadline, batch_sink sink) = 0;

  /// Whether the upstream has answered over the connection and new calls may be made over it, as far as is known.
  virtual bool connected() = 0;
};

using batch_source_ptr = std::shared_ptr<batch_source>;

/// Makes a source for one upstream, given as `host:port`, as `unix:path`, or as a `named_address` is written.
using batch_source_factory = std::function<std::unique_ptr<batch_source>(const std::string& upstream)>;

} // namespace dispatch
