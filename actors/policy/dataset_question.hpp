#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace dispatch::policy {

/// When the upstreams are asked whether they know the dataset that consumers will want, and what is known of that: they
/// are asked once when one of them is up, and again and again while none knows the dataset.
class dataset_question {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// After an answer that the dataset is not known.
  static constexpr std::chrono::seconds interval{10};
  /// Where connections are made again in short order.
  static constexpr std::chrono::seconds least_interval{1};

  /// @param asks_anew whether a new connection is a reason to ask also where the dataset is known
  explicit dataset_question(bool asks_anew = false) : asks_anew_(asks_anew) {}

  /// An upstream has a new connection.
  void connected(time_point now) {
    if (is_settled_ && !asks_anew_)
      return;
    const auto next = asked_at_ ? std::max(now, *asked_at_ + least_interval) : now;
    due_ = std::min(due_.value_or(next), next);
  }

  /// Whether to ask now; it then counts as asked.
  bool ask(time_point now) {
    if (is_asked_ || !due_ || now < *due_)
      return false;
    is_asked_ = true;
    asked_at_ = now;
    due_.reset();
    return true;
  }

  /// The question was answered, or was not in time.
  void ended(time_point now) {
    is_asked_ = false;
    if (said_)
      due_ = now + interval;
  }

  /// An upstream has the dataset, or does not describe datasets. Returns whether it was unknown before.
  bool known() {
    is_settled_ = true;
    due_.reset();
    return std::exchange(said_, std::nullopt).has_value();
  }

  /// No upstream that is up knows the dataset. Returns whether that is news.
  bool unknown(std::string said, time_point now) {
    is_settled_ = false;
    due_ = now + interval;
    return !std::exchange(said_, std::move(said)).has_value();
  }

  /// What the upstreams answered that do not know the dataset; nothing where one knows it, or before an answer.
  const std::optional<std::string>& said() const noexcept { return said_; }

private:
  bool asks_anew_;
  bool is_settled_ = false;
  bool is_asked_ = false;
  std::optional<time_point> asked_at_;
  std::optional<time_point> due_;
  std::optional<std::string> said_;
};

} // namespace dispatch::policy
