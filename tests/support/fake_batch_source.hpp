#pragma once

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "messages/batch_source.hpp"
#include "tests/support/batches.hpp"

namespace dispatch::test {

/// Upstreams without a network. Calls wait until the test answers them, in any order it likes; health checks are
/// answered at once by what `health` says. Single-threaded, for deterministic schedulers.
class fake_upstreams {
public:
  struct call {
    std::string upstream;
    call_id id = 0;
    /// Names a batch; `index` -1 for a description.
    batch_key key;
    batch_sink sink;
    std::chrono::milliseconds deadline{};
  };

  /// What health checks say; nothing: they are not answered.
  std::optional<status_code> health = status_code::ok;

  /// Whether connections are still there when calls fail.
  bool connected = false;

  /// How many health checks were asked for.
  int health_checks = 0;

  /// Whoever asks for this batch dies of an exception.
  std::optional<std::int32_t> poison;

  /// Calls that wait for an answer, oldest first.
  std::vector<call> calls;

  /// A read of a stream that waits for an answer; its key names the batch that a well-behaved stream has now.
  struct read {
    std::string upstream;
    call_id id = 0;
    batch_key key;
    batch_result_sink sink;
  };

  /// Reads that wait for an answer, oldest first.
  std::vector<read> reads;

  int streams_opened = 0;
  int streams_closed = 0;

  /// Answers the oldest read with the batch that it is for, or with batch `index`.
  void stream(const std::string& data, bool is_last = false, std::optional<std::int32_t> index = std::nullopt) {
    const auto to = take_read();
    caf::anon_send(to.sink,
                   batch_result{to.id, status_code::ok, {}, receive(index.value_or(to.key.index), is_last, data)});
  }

  /// Ends the stream of the oldest read; OUT_OF_RANGE is a good end.
  void end_stream(status_code code) {
    const auto to = take_read();
    caf::anon_send(to.sink, batch_result{to.id, code, "for the test", {}});
  }

  /// Sources made, and sources destroyed.
  int made = 0;
  int destroyed = 0;

  batch_source_factory factory() {
    return [this](const std::string& upstream) { return std::make_unique<source>(*this, upstream); };
  }

  /// Indices of the batches that are waited for, oldest call first.
  std::vector<std::int32_t> indices() const {
    std::vector<std::int32_t> result;
    for (const auto& waiting : calls)
      result.push_back(waiting.key.index);
    return result;
  }

  /// Takes the oldest call for batch `index`.
  call take(std::int32_t index) {
    const auto found =
      std::find_if(calls.begin(), calls.end(), [&](const call& waiting) { return waiting.key.index == index; });
    if (found == calls.end())
      throw std::logic_error("nobody waits for batch " + std::to_string(index));
    auto result = *found;
    calls.erase(found);
    return result;
  }

  void answer(const call& to, std::string data, bool is_last = false) const {
    caf::anon_send(to.sink, batch_result{to.id, status_code::ok, {}, receive(to.key.index, is_last, std::move(data))});
  }

  void answer(std::int32_t index, std::string data, bool is_last = false) {
    answer(take(index), std::move(data), is_last);
  }

  void answer(std::int32_t index, received_batch batch) {
    const auto to = take(index);
    caf::anon_send(to.sink, batch_result{to.id, status_code::ok, {}, std::move(batch)});
  }

  void fail(const call& to, status_code code, const std::string& message = "for the test") const {
    if (to.key.index < 0)
      caf::anon_send(to.sink, description_result{to.id, code, message, {}});
    else
      caf::anon_send(to.sink, batch_result{to.id, code, message, {}});
  }

  void fail(std::int32_t index, status_code code) { fail(take(index), code); }

  /// The connection had ended before the call was made.
  void turn_back(const call& to) const {
    if (to.key.index < 0)
      caf::anon_send(to.sink, description_result{to.id, status_code::unavailable, "not made", {}, false});
    else
      caf::anon_send(to.sink, batch_result{to.id, status_code::unavailable, "not made", {}, false});
  }

  void describe(std::int32_t total_samples) { describe(take(-1), total_samples); }

  void describe(const call& to, std::int32_t total_samples) const {
    describe(to, {to.key.dataset, total_samples, {}, "uint8"});
  }

  void describe(const call& to, dataset_description description) const {
    caf::anon_send(to.sink, description_result{to.id, status_code::ok, {}, std::move(description)});
  }

private:
  read take_read() {
    if (reads.empty())
      throw std::logic_error("nobody reads a stream");
    auto result = reads.front();
    reads.erase(reads.begin());
    return result;
  }

  /// Its reads wait in `reads`, where a test answers them as calls.
  class reader : public batch_reader {
  public:
    reader(fake_upstreams& owner, std::string upstream, batch_key next, batch_result_sink sink)
      : owner_(owner),
        upstream_(std::move(upstream)),
        next_(std::move(next)),
        sink_(caf::actor_cast<caf::weak_actor_ptr>(sink)) {}

    ~reader() override { ++owner_.streams_closed; }

    reader(const reader&) = delete;
    reader& operator=(const reader&) = delete;

    void read(call_id id) override {
      owner_.reads.push_back({upstream_, id, next_, caf::actor_cast<batch_result_sink>(sink_.lock())});
      ++next_.index;
    }

  private:
    fake_upstreams& owner_;
    std::string upstream_;
    batch_key next_;
    caf::weak_actor_ptr sink_;
  };

  class source : public batch_source {
  public:
    source(fake_upstreams& owner, std::string upstream) : owner_(owner), upstream_(std::move(upstream)) {
      ++owner_.made;
    }

    ~source() override { ++owner_.destroyed; }

    source(const source&) = delete;
    source& operator=(const source&) = delete;

    void get_batch(call_id id, const batch_key& key, std::chrono::milliseconds deadline, batch_sink sink) override {
      if (key.index == owner_.poison)
        throw std::runtime_error{"poison"};
      owner_.calls.push_back({upstream_, id, key, std::move(sink), deadline});
    }

    std::unique_ptr<batch_reader> open_stream(const std::string& dataset, std::int32_t batch_size,
                                              batch_result_sink sink) override {
      ++owner_.streams_opened;
      return std::make_unique<reader>(owner_, upstream_, batch_key{dataset, batch_size, 0}, std::move(sink));
    }

    void describe(call_id id, const std::string& dataset, std::chrono::milliseconds deadline,
                  description_sink sink) override {
      // Whoever takes one kind of result from a source takes descriptions too.
      owner_.calls.push_back({upstream_, id, batch_key{dataset, 0, -1}, caf::actor_cast<batch_sink>(sink), deadline});
    }

    void check_health(call_id id, std::chrono::milliseconds, batch_sink sink) override {
      ++owner_.health_checks;
      if (owner_.health)
        caf::anon_send(sink, health_result{id, *owner_.health, "for the test"});
    }

    bool connected() override { return owner_.connected; }

  private:
    fake_upstreams& owner_;
    std::string upstream_;
  };
};

} // namespace dispatch::test
