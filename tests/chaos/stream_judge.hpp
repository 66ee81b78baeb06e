#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apps/pull/sample_digest.hpp"
#include "apps/pull/stream_checker.hpp"
#include "tests/chaos/expected_pass.hpp"

namespace dispatch::chaos {

/// Judges what one consumer has got: every batch once, in order, of the dataset's bytes, EOF true on the last only, and
/// the consumer's own id in every frame. The first thing that is wrong stays.
class stream_judge {
public:
  /// @param expected must outlive the judge
  stream_judge(const expected_pass& expected, std::string client_id);

  /// Takes the next bytes, in whatever pieces they come.
  void take(std::string_view bytes);

  /// The server has ended the stream: it has to be the whole pass, with the dataset's digest.
  void end_of_whole();

  /// The consumer has left: what it has got has to be the beginning of a pass.
  void end_of_part();

  /// What is wrong, in one sentence; nothing while nothing is.
  const std::optional<std::string>& problem() const noexcept { return problem_; }

  /// Batches that have come in order.
  std::int64_t batches() const { return order_.batches(); }

  /// Whether the frame that says EOF has come.
  bool complete() const { return order_.complete(); }

private:
  void judge_line(std::string_view line);
  std::optional<std::string> wrong_with(const pull::frame& next);

  const expected_pass& expected_;
  std::string client_id_;
  pull::stream_checker order_;
  pull::sample_digest digest_;
  std::string rest_; // of a line whose end has not come
  std::optional<std::string> problem_;
};

} // namespace dispatch::chaos
