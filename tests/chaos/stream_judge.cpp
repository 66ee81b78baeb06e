#include "tests/chaos/stream_judge.hpp"

#include <utility>
#include <variant>

#include "apps/pull/frame_parser.hpp"

namespace dispatch::chaos {

stream_judge::stream_judge(const expected_pass& expected, std::string client_id)
  : expected_(expected),
    client_id_(std::move(client_id)),
    order_(expected.batches()) {}

void stream_judge::take(std::string_view bytes) {
  while (!bytes.empty() && !problem_) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos) {
      rest_.append(bytes);
      return;
    }
    if (rest_.empty()) {
      judge_line(bytes.substr(0, end));
    } else {
      rest_.append(bytes.substr(0, end));
      judge_line(rest_);
      rest_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void stream_judge::judge_line(std::string_view line) {
  const auto parsed = pull::parse_frame(line);
  if (const auto* bad = std::get_if<pull::malformed_frame>(&parsed))
    problem_ = "a line behind " + std::to_string(batches()) + " batches is no frame: " + bad->reason;
  else
    problem_ = wrong_with(std::get<pull::frame>(parsed));
}

std::optional<std::string> stream_judge::wrong_with(const pull::frame& next) {
  if (auto problem = order_.accept(next))
    return problem;
  const auto index = static_cast<std::int32_t>(next.batch_index);
  if (next.client_id != client_id_)
    return "batch " + std::to_string(index) + " is for '" + next.client_id + "', not for '" + client_id_ + "'";
  if (next.data != expected_.batch(index))
    return "the samples of batch " + std::to_string(index) + " are not the dataset's";
  digest_.add(next.data);
  return std::nullopt;
}

void stream_judge::end_of_whole() {
  if (!problem_)
    problem_ = order_.finish(rest_.size());
  if (!problem_ && digest_.hex() != expected_.digest())
    problem_ = "the digest of the samples is " + digest_.hex() + ", the dataset's is " + expected_.digest();
}

void stream_judge::end_of_part() {
  if (problem_ || rest_.empty())
    return;
  const auto due = static_cast<std::int32_t>(batches());
  if (due == expected_.batches())
    problem_ = "bytes came behind the frame that said EOF";
  else if (expected_.line(due, client_id_).compare(0, rest_.size(), rest_) != 0)
    problem_ = "the beginning of batch " + std::to_string(due) + " is not the dataset's";
}

} // namespace dispatch::chaos
