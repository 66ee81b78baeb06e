#define CAF_SUITE stream_judge

#include "tests/chaos/stream_judge.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>

#include "dataset/synthetic.hpp"

using namespace dispatch::chaos;

namespace {

constexpr const char* id = "client_127.0.0.1:4711";

/// Four batches, the last of them short.
const expected_pass& expected() {
  static const expected_pass pass{
    dispatch::dataset::make_synthetic(dispatch::dataset::parse_synthetic("synthetic:11x7:uint8")), 3};
  return pass;
}

std::vector<std::string> all_lines() {
  std::vector<std::string> result;
  for (auto i = 0; i < expected().batches(); ++i)
    result.push_back(expected().line(i, id));
  return result;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string result;
  for (const auto& line : lines)
    result += line;
  return result;
}

std::string judged(const std::string& stream, bool whole) {
  stream_judge judge{expected(), id};
  judge.take(stream);
  whole ? judge.end_of_whole() : judge.end_of_part();
  return judge.problem().value_or("");
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

} // namespace

CAF_TEST(a whole pass in pieces of any size) {
  const auto stream = joined(all_lines());
  for (std::size_t size = 1; size < stream.size(); ++size) {
    stream_judge judge{expected(), id};
    for (std::size_t at = 0; at < stream.size(); at += size)
      judge.take(std::string_view{stream}.substr(at, size));
    CAF_CHECK(judge.complete());
    judge.end_of_whole();
    CAF_CHECK_EQUAL(judge.problem().value_or(""), "");
    CAF_CHECK_EQUAL(judge.batches(), 4);
  }
}

CAF_TEST(a part of a pass is right wherever it ends and no whole one) {
  const auto stream = joined(all_lines());
  for (std::size_t size = 0; size < stream.size(); ++size) {
    CAF_CHECK_EQUAL(judged(stream.substr(0, size), false), "");
    CAF_CHECK_NOT_EQUAL(judged(stream.substr(0, size), true), "");
  }
}

CAF_TEST(a byte that is wrong is found in a line and in the beginning of one) {
  const auto stream = joined(all_lines());
  const auto samples = stream.find("[\"") + 2;
  auto wrong = stream;
  wrong[samples + 1] = wrong[samples + 1] == 'A' ? 'B' : 'A';
  CAF_CHECK_EQUAL(judged(wrong, true), "the samples of batch 0 are not the dataset's");
  CAF_CHECK_EQUAL(judged(wrong.substr(0, samples + 2), false), "the beginning of batch 0 is not the dataset's");
  CAF_CHECK_EQUAL(judged(wrong.substr(0, samples + 1), false), "");
}

CAF_TEST(missing repeated and swapped batches are found) {
  auto missing = all_lines();
  missing.erase(missing.begin() + 1);
  CAF_CHECK_NOT_EQUAL(judged(joined(missing), true), "");
  auto repeated = all_lines();
  repeated.insert(repeated.begin() + 1, repeated.front());
  CAF_CHECK_NOT_EQUAL(judged(joined(repeated), true), "");
  auto swapped = all_lines();
  std::swap(swapped[0], swapped[1]);
  CAF_CHECK_NOT_EQUAL(judged(joined(swapped), false), "");
}

CAF_TEST(EOF belongs to the last batch) {
  auto early = all_lines();
  early[1] = replaced(early[1], "\"EOF\":false", "\"EOF\":true");
  CAF_CHECK_NOT_EQUAL(judged(joined(early), true), "");
  auto never = all_lines();
  never.back() = replaced(never.back(), "\"EOF\":true", "\"EOF\":false");
  CAF_CHECK_NOT_EQUAL(judged(joined(never), true), "");
  CAF_CHECK_NOT_EQUAL(judged(joined(all_lines()) + "{", false), "");
}

CAF_TEST(frames of another consumer are found) {
  auto lines = all_lines();
  lines[2] = expected().line(2, "client_127.0.0.1:4712");
  CAF_CHECK_NOT_EQUAL(judged(joined(lines), true), "");
}

CAF_TEST(an error frame is wrong and says why) {
  const std::string frame =
    "{\"batch_id\":0,\"batch_index\":0,\"batch_data\":[],\"client_id\":\"client_127.0.0.1:4711\","
    "\"EOF\":false,\"error\":{\"code\":\"UNAVAILABLE\",\"message\":\"nobody\"}}\n";
  CAF_CHECK(judged(frame, false).find("UNAVAILABLE: nobody") != std::string::npos);
}

CAF_TEST(what is no frame is found) {
  CAF_CHECK_NOT_EQUAL(judged("HTTP/1.1 400 Bad Request\n", false), "");
}
