// caf: core
// sources: wire/batch.cpp wire/classic_codec.cpp wire/base64.cpp wire/base64_kernels.cpp wire/base64_decoder.cpp
// sources: wire/status_code.cpp messages/status_code.cpp messages/type_ids.cpp messages/reports.cpp
// sources: apps/pull/frame_members.cpp apps/pull/frame_parser.cpp apps/pull/json_skeleton.cpp
// sources: apps/pull/printable_text.cpp bench/stream/frame_note.cpp bench/stream/line_cutter.cpp

#include "wire/classic_codec.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "apps/pull/frame_parser.hpp"
#include "bench/stream/frame_note.hpp"
#include "tests/support/fuzz_input.hpp"

/// @file
/// Whatever bytes a dataset service gives, as samples or as an error's message, the line that clients get is one line
/// and a frame, and says what was given.

using dispatch::pull::frame;
using dispatch::test::require;

namespace {

constexpr std::string_view client_id = "client_[::1]:53412";

/// A line without its end.
std::string_view without_end(std::string_view line) {
  require(!line.empty() && line.back() == '\n', "a line ends");
  line.remove_suffix(1);
  require(line.find('\n') == std::string_view::npos, "a line ends once");
  return line;
}

frame parsed(std::string_view line) {
  auto got = dispatch::pull::parse_frame(line);
  const auto* refused = std::get_if<dispatch::pull::malformed_frame>(&got);
  require(refused == nullptr, "what is encoded is a frame" + (refused ? ", but " + refused->reason : ""));
  return std::get<frame>(std::move(got));
}

void check_frame(const dispatch::test::cut_input& input, std::int32_t index, bool last) {
  // The views are of what `input` owns.
  const dispatch::received_batch cut{index, last, {{{}, dispatch::received_bytes{input.views(), nullptr}}}};
  const dispatch::received_batch whole{index, last, {{{}, dispatch::received_bytes{input.whole}}}};
  const auto text = dispatch::encode_classic_text(cut);
  const auto line = std::string{text.view()} + dispatch::encode_classic_tail(client_id, last);
  const auto got = parsed(without_end(line));
  require(got.batch_id == index && got.batch_index == index && got.eof == last && !got.error, "a frame is its batch's");
  require(got.data == input.whole, "the samples are as they were");
  require(got.client_id == client_id, "a frame is its client's");
  require(dispatch::encode_classic_text(whole).view() == text.view(), "slices make no difference");
}

/// The text as UTF-8: as it is, or with a sign in place of what is none.
std::string as_utf8(const std::string& text) {
  const auto dumped = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(dumped).get<std::string>();
}

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void check_error(const std::string& message, std::int32_t index, dispatch::status_code code) {
  const auto whole = dispatch::encode_classic_error(index, client_id, {code, message});
  const auto line = without_end(whole);
  const auto got = parsed(line);
  require(got.batch_id == index && got.data.empty() && !got.eof && got.error, "an error frame is one");
  require(got.error->code == to_string(code), "an error frame has its code");
  require(got.error->message == (is_ascii(message) ? message : as_utf8(message)), "an error frame has its message");
  const auto note = dispatch::bench::read_note({line, line, line.size()});
  require(note && note->batch == index && !note->eof, "an error frame is one for those who see its ends only");
  require(note->error && note->error->code == got.error->code, "an error is one for those who see its ends only");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto input = dispatch::test::cut(bytes, size);
  std::uint32_t number = 0;
  for (const auto c : input.whole.substr(0, 4))
    number = number << 8 | static_cast<unsigned char>(c);
  const auto index = static_cast<std::int32_t>(number & 0x7fffffff);
  check_frame(input, index, number % 2 == 0);
  check_error(input.whole, index, static_cast<dispatch::status_code>(1 + number % 16));
  return 0;
}
