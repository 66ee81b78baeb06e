#include "wire/classic_codec.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "wire/base64.hpp"
#include "wire/base64_decoder.hpp"

namespace dispatch {

namespace {

using json = nlohmann::ordered_json;

/// Text from outside (a dataset service's error message) need not be UTF-8; a frame must be.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// A number as text, without an allocation.
class number_text {
public:
  explicit number_text(std::int32_t number) noexcept {
    const auto end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), number).ptr;
    size_ = static_cast<std::size_t>(end - digits_.data());
  }

  std::string_view view() const noexcept { return {digits_.data(), size_}; }

private:
  std::array<char, 11> digits_; // "-2147483648"
  std::size_t size_;
};

constexpr std::string_view end_of_data = "\"]";

std::shared_ptr<frame> encode(std::int32_t index, bool marked_last, const std::string_view* pieces, std::size_t count) {
  const number_text number{index};
  const std::array<std::string_view, 5> head{"{\"batch_id\":", number.view(), ",\"batch_index\":", number.view(),
                                             ",\"batch_data\":[\""};
  std::size_t data_size = 0;
  for (std::size_t i = 0; i < count; ++i)
    data_size += pieces[i].size();
  auto size = base64_size(data_size) + end_of_data.size();
  for (const auto text : head)
    size += text.size();
  return frame::make(index, marked_last, data_size, size, [&](char* out) {
    for (const auto text : head)
      out = std::copy(text.begin(), text.end(), out);
    base64_writer payload{out};
    for (std::size_t i = 0; i < count; ++i)
      payload.write(pieces[i]);
    std::copy(end_of_data.begin(), end_of_data.end(), payload.finish());
  });
}

} // namespace

std::string client_id_of(std::string_view peer) {
  return "client_" + std::string{peer};
}

std::shared_ptr<frame> encode_frame(std::int32_t index, bool marked_last, std::string_view data) {
  return encode(index, marked_last, &data, 1);
}

std::shared_ptr<frame> encode_frame(std::int32_t index, bool marked_last, const std::vector<std::string_view>& pieces) {
  return encode(index, marked_last, pieces.data(), pieces.size());
}

std::string decode_samples(const frame& encoded, std::size_t most) {
  const auto size = base64_size(encoded.payload_bytes());
  const auto text = encoded.encoded().substr(encoded.encoded().size() - end_of_data.size() - size, size);
  std::string data;
  // Whole groups, so that a part of the text is a text.
  decode_base64(text.substr(0, base64_size(std::min(most, encoded.payload_bytes()))), data);
  data.resize(std::min(most, data.size()));
  return data;
}

std::string encode_tail(std::string_view client_id, bool last) {
  // An object without its opening brace continues the one that the frame began.
  auto tail = dump(json{{"client_id", client_id}, {"EOF", last}});
  tail.front() = ',';
  tail.push_back('\n');
  return tail;
}

std::string encode_error_line(std::int32_t index, std::string_view client_id, const failure& reason) {
  auto line = dump(json{{"batch_id", index},
                        {"batch_index", index},
                        {"batch_data", json::array()},
                        {"client_id", client_id},
                        {"EOF", false},
                        {"error", {{"code", to_string(reason.code)}, {"message", reason.message}}}});
  line.push_back('\n');
  return line;
}

} // namespace dispatch
