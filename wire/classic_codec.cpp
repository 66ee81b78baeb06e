#include "wire/classic_codec.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

#include "wire/base64.hpp"

namespace dispatch {

namespace {

using json = nlohmann::ordered_json;

/// A dataset service's error message need not be UTF-8; a line must be.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What stands before the samples, without an allocation.
class text_head {
public:
  explicit text_head(std::int32_t index) noexcept {
    const auto end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), index).ptr;
    const std::string_view number{digits_.data(), static_cast<std::size_t>(end - digits_.data())};
    parts_ = {"{\"batch_id\":", number, ",\"batch_index\":", number, ",\"batch_data\":[\""};
  }

  text_head(const text_head&) = delete;
  text_head& operator=(const text_head&) = delete;

  std::size_t size() const noexcept {
    std::size_t sum = 0;
    for (const auto part : parts_)
      sum += part.size();
    return sum;
  }

  /// @returns where the next byte goes
  char* write(char* out) const {
    for (const auto part : parts_)
      out = std::copy(part.begin(), part.end(), out);
    return out;
  }

private:
  std::array<char, 11> digits_; // "-2147483648"
  std::array<std::string_view, 5> parts_;
};

constexpr std::string_view end_of_data = "\"]";

} // namespace

std::string client_id_of(std::string_view peer) {
  return "client_" + std::string{peer};
}

std::size_t classic_text_size(std::int32_t index, std::size_t data_bytes) {
  return text_head{index}.size() + base64_size(data_bytes) + end_of_data.size();
}

shared_bytes encode_classic_text(const received_batch& from) {
  return shared_bytes::make(classic_text_size(from.index, from.data_bytes()), [&](char* out) {
    base64_writer samples{text_head{from.index}.write(out)};
    if (!from.columns.empty())
      for (const auto slice : from.columns.front().bytes.slices())
        samples.write(slice);
    std::copy(end_of_data.begin(), end_of_data.end(), samples.finish());
  });
}

std::string encode_classic_tail(std::string_view client_id, bool last) {
  // An object without its opening brace continues the one that the text began.
  auto tail = dump(json{{"client_id", client_id}, {"EOF", last}});
  tail.front() = ',';
  tail.push_back('\n');
  return tail;
}

std::string encode_classic_error(std::int32_t index, std::string_view client_id, const failure& reason) {
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
