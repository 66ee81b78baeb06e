#pragma once

#include <caf/send.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "messages/batch_source.hpp"

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

  /// Calls that wait for an answer, oldest first.
  std::vector<call> calls;

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
    caf::anon_send(to.sink, batch_result{to.id, status_code::ok, {}, std::move(data), to.key.index, is_last});
  }

  void answer(std::int32_t index, std::string data, bool is_last = false) {
    answer(take(index), std::move(data), is_last);
  }

  void fail(const call& to, status_code code, const std::string& message = "for the test") const {
    if (to.key.index < 0)
      caf::anon_send(to.sink, description_result{to.id, code, message, {}});
    else
      caf::anon_send(to.sink, batch_result{to.id, code, message, {}, 0, false});
  }

  void fail(std::int32_t index, status_code code) { fail(take(index), code); }

  void describe(std::int32_t total_samples) {
    const auto to = take(-1);
    caf::anon_send(to.sink,
                   description_result{to.id, status_code::ok, {}, {to.key.dataset, total_samples, {}, "uint8"}});
  }

private:
  class source : public batch_source {
  public:
    source(fake_upstreams& owner, std::string upstream) : owner_(owner), upstream_(std::move(upstream)) {
      ++owner_.made;
    }

    ~source() override { ++owner_.destroyed; }

    source(const source&) = delete;
    source& operator=(const source&) = delete;

    void get_batch(call_id id, const batch_key& key, std::chrono::milliseconds deadline, batch_sink sink) override {
      owner_.calls.push_back({upstream_, id, key, std::move(sink), deadline});
    }

    void describe(call_id id, const std::string& dataset, std::chrono::milliseconds deadline,
                  batch_sink sink) override {
      owner_.calls.push_back({upstream_, id, batch_key{dataset, 0, -1}, std::move(sink), deadline});
    }

    void check_health(call_id id, std::chrono::milliseconds, batch_sink sink) override {
      if (owner_.health)
        caf::anon_send(sink, health_result{id, *owner_.health, "for the test"});
    }

  private:
    fake_upstreams& owner_;
    std::string upstream_;
  };
};

} // namespace dispatch::test
