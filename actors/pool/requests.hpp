#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "actors/pool/core.hpp"
#include "actors/pool/refusals.hpp"

namespace dispatch::pool {

/// What the pool was asked for and has not answered yet. Each request is a piece of work of the scheduler's.
class requests {
public:
  using time_point = std::chrono::steady_clock::time_point;

  struct description {
    caf::typed_response_promise<described_dataset> promise;
    describe_dataset wanted;
    /// Since when an upstream has been asked for it.
    std::optional<time_point> asked_at{};
  };

  struct batch_request {
    caf::typed_response_promise<batch_ptr> promise;
    fetch_batch wanted;
    /// How often an upstream had no samples for it.
    int times_empty = 0;
  };

  using request = std::variant<description, batch_request>;

  requests(core& pool, refusals& refused) : pool_(pool), refusals_(refused) {}

  /// Adds a request of the current sender's.
  caf::result<described_dataset> add(describe_dataset& wanted);
  caf::result<batch_ptr> add(fetch_batch& wanted);

  /// Null where it was answered.
  request* find(policy::ticket work);

  /// The same of one kind; null also where the request is of the other kind.
  template <class Kind>
  Kind* find_as(policy::ticket work) {
    auto* found = find(work);
    return found != nullptr ? std::get_if<Kind>(found) : nullptr;
  }

  /// The dataset that it is about; empty where it was answered.
  std::string dataset_of(policy::ticket work) const;

  /// Answers a request with what it asked for, where it was not answered yet.
  template <class Kind, class Value>
  void fulfil(policy::ticket work, Value&& value) {
    if (auto done = take(work))
      std::get<Kind>(*done).promise.deliver(std::forward<Value>(value));
  }

  /// Answers a request with an error, where it was not answered yet.
  void fail(policy::ticket work, const failure& reason);

  /// Answers the requests for a batch that wait for their turn with CANCELLED.
  void withdraw(const batch_key& key);

  /// The requests for descriptions that an upstream has been asked for since `limit_of` their dataset, or longer.
  std::vector<policy::ticket> descriptions_since(const std::function<time_point(const std::string&)>& limit_of) const;

private:
  std::optional<request> take(policy::ticket work);

  core& pool_;
  refusals& refusals_;
  std::map<policy::ticket, request> requests_;
  /// Those for batches, by what they are for.
  std::set<std::pair<batch_key, policy::ticket>> by_batch_;
};

} // namespace dispatch::pool
