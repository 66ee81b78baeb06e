#include "apps/pull/frame_parser.hpp"

#include "apps/pull/printable_text.hpp"
#include "wire/base64_decoder.hpp"

#include <nlohmann/json.hpp>

#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace dispatch::pull {

namespace {

// Nearly all of a line is one long base64 string, which the JSON parser would go through a byte at a time. So
// long strings are cut out of the line first, and the parser sees empty ones in their place (20 times
// faster).
struct skeleton {
  std::string text;                                    // the line with its long strings emptied
  std::vector<std::optional<std::string_view>> string; // for each string in the order of the text: what was cut out
};

constexpr std::size_t long_string = 256; // bytes

// Where the string ends whose content starts at `start`: the position of its closing quote, or npos.
std::size_t end_of_string(std::string_view line, std::size_t start) {
  for (auto from = start;;) {
    auto quote = line.find('"', from);
    if (quote == std::string_view::npos)
      return quote;
    auto backslash = line.substr(from, quote - from).find('\\');
    if (backslash == std::string_view::npos)
      return quote;
    from += backslash + 2;
  }
}

skeleton make_skeleton(std::string_view line) {
  skeleton result;
  std::size_t copied = 0;
  for (auto quote = line.find('"'); quote != std::string_view::npos;) {
    auto start = quote + 1;
    auto end = end_of_string(line, start);
    if (end == std::string_view::npos)
      break;
    auto content = line.substr(start, end - start);
    auto& cut = result.string.emplace_back();
    if (content.size() >= long_string && content.find('\\') == std::string_view::npos) {
      cut = content;
      result.text.append(line.substr(copied, start - copied));
      copied = end;
    }
    quote = line.find('"', end + 1);
  }
  result.text.append(line.substr(copied));
  return result;
}

std::string quoted(std::string_view text) {
  return '"' + printable_text(text, 40) + '"';
}

enum class field { batch_id, batch_index, batch_data, client_id, eof, error, error_code, error_message, unknown };

field field_named(std::string_view key) {
  static constexpr std::pair<std::string_view, field> names[] = {{"batch_id", field::batch_id},
                                                                 {"batch_index", field::batch_index},
                                                                 {"batch_data", field::batch_data},
                                                                 {"client_id", field::client_id},
                                                                 {"EOF", field::eof},
                                                                 {"error", field::error}};
  for (auto& [name, value] : names)
    if (name == key)
      return value;
  return field::unknown;
}

const char* name_of(field f) {
  switch (f) {
  case field::batch_id:
    return "batch_id";
  case field::batch_index:
    return "batch_index";
  case field::batch_data:
    return "batch_data";
  case field::client_id:
    return "client_id";
  case field::eof:
    return "EOF";
  case field::error:
    return "error";
  case field::error_code:
    return "the error's code";
  case field::error_message:
    return "the error's message";
  case field::unknown:
    break;
  }
  return "a field";
}

// Collects the fields of a frame while the JSON parser walks over the line. Its functions return false to
// stop.
class frame_handler {
public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  frame_handler(std::string_view line, const skeleton* cuts) : line_(line), cuts_(cuts) {}

  // -- called by the parser
  // -------------------------------------------------------------------------------------------

  bool null() { return value("null"); }
  bool boolean(bool x) { return at_field(field::eof) ? set(eof_, x) : value("a boolean"); }
  bool number_integer(number_integer_t) { return value("a negative number"); }
  bool number_float(number_float_t, const string_t&) { return value("a number with a fraction or out of range"); }
  bool binary(binary_t&) { return value("bytes"); }

  bool number_unsigned(number_unsigned_t x) {
    if (!at_field(field::batch_id) && !at_field(field::batch_index))
      return value("a number");
    if (x > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      return value("a number out of range");
    return set(at_field(field::batch_id) ? batch_id_ : batch_index_, static_cast<std::int64_t>(x));
  }

  bool string(string_t& x) {
    if (depth_ == 0)
      return not_an_object();
    auto cut = next_cut();
    if (in_batch_data_)
      return take_data(cut, x);
    if (cut) {
      // Only the data are expected to be so long. Whatever this is, it must go through the parser.
      needs_whole_line_ = true;
      return false;
    }
    if (at_field(field::client_id))
      return set(client_id_, std::move(x));
    if (depth_ == 2 && in_error_ && inner_ == field::error_code)
      return set(error_.code, std::move(x));
    if (depth_ == 2 && in_error_ && inner_ == field::error_message)
      return set(error_.message, std::move(x));
    return value("a string");
  }

  bool start_object(std::size_t) {
    if (at_field(field::error))
      in_error_ = true;
    else if (depth_ > 0 && !value("an object"))
      return false;
    return deeper();
  }

  bool end_object() {
    --depth_;
    if (depth_ == 1)
      in_error_ = false;
    return true;
  }

  bool start_array(std::size_t) {
    if (depth_ == 0)
      return not_an_object();
    if (at_field(field::batch_data))
      in_batch_data_ = true;
    else if (!value("an array"))
      return false;
    return deeper();
  }

  bool end_array() {
    --depth_;
    if (depth_ == 1)
      in_batch_data_ = false;
    return true;
  }

  bool key(string_t& name) {
    if (next_cut()) {
      needs_whole_line_ = true;
      return false;
    }
    if (depth_ == 1) {
      outer_ = field_named(name);
      return outer_ == field::unknown || first_time(outer_);
    }
    if (depth_ == 2 && in_error_) {
      inner_ = name == "code" ? field::error_code : name == "message" ? field::error_message : field::unknown;
      return inner_ == field::unknown || first_time(inner_);
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) {
    return fail("it is not JSON: " + quoted(line_));
  }

  // -- called afterwards
  // ----------------------------------------------------------------------------------------------

  bool needs_whole_line() const { return needs_whole_line_; }

  std::variant<frame, malformed_frame> finish() {
    auto has_error = seen(field::error);
    if (problem_.empty())
      check_presence(has_error);
    frame result;
    if (problem_.empty() && data_)
      if (auto problem = decode_base64(*data_, result.data))
        problem_ = "batch_data is not base64: " + *problem;
    if (!problem_.empty())
      return malformed_frame{std::move(problem_)};
    result.batch_id = *batch_id_;
    result.batch_index = batch_index_.value_or(*batch_id_);
    result.client_id = std::move(*client_id_);
    result.eof = *eof_;
    if (has_error)
      result.error = stream_error{std::move(*error_.code), std::move(*error_.message)};
    return result;
  }

private:
  // Far more than a frame needs; it bounds what the parser keeps for hostile input.
  static constexpr int max_depth = 64;

  bool fail(std::string reason) {
    if (problem_.empty())
      problem_ = std::move(reason);
    return false;
  }

  bool not_an_object() { return fail("it is not a JSON object: " + quoted(line_)); }

  bool deeper() { return ++depth_ <= max_depth || fail("its JSON is nested too deeply"); }

  bool at_field(field f) const { return depth_ == 1 && outer_ == f; }

  bool seen(field f) const { return (seen_ & 1U << static_cast<unsigned>(f)) != 0; }

  bool first_time(field f) {
    if (seen(f))
      return fail(std::string{name_of(f)} + " is there twice");
    seen_ |= 1U << static_cast<unsigned>(f);
    return true;
  }

  template <class T, class U>
  static bool set(std::optional<T>& target, U&& x) {
    target = std::forward<U>(x);
    return true;
  }

  // Decides about a value that no known field takes as it is.
  bool value(const char* what) {
    if (depth_ == 0)
      return not_an_object();
    if (in_batch_data_)
      return fail(std::string{"batch_data holds "} + what + " instead of a base64 string");
    if (depth_ == 1 && outer_ != field::unknown)
      return fail(std::string{name_of(outer_)} + " is " + what);
    if (depth_ == 2 && in_error_ && inner_ != field::unknown)
      return fail(std::string{name_of(inner_)} + " is " + what);
    return true;
  }

  bool take_data(const std::optional<std::string_view>& cut, string_t& x) {
    if (has_data_)
      return fail("batch_data holds more than one string");
    has_data_ = true;
    if (!cut)
      own_data_ = std::move(x);
    data_ = cut ? *cut : std::string_view{own_data_};
    return true;
  }

  std::optional<std::string_view> next_cut() {
    auto index = strings_++;
    return cuts_ != nullptr && index < cuts_->string.size() ? cuts_->string[index] : std::nullopt;
  }

  void check_presence(bool has_error) {
    for (auto f : {field::batch_id, field::batch_data, field::client_id, field::eof})
      if (!seen(f)) {
        fail(std::string{name_of(f)} + " is missing");
        return;
      }
    if (batch_index_ && *batch_index_ != *batch_id_)
      fail("batch_id is " + std::to_string(*batch_id_) + " but batch_index is " + std::to_string(*batch_index_));
    else if (has_error && !error_.code)
      fail("the error's code is missing");
    else if (has_error && !error_.message)
      fail("the error's message is missing");
    else if (!has_error && !has_data_)
      fail("batch_data is empty, and there is no error");
  }

  std::string_view line_;
  const skeleton* cuts_;
  std::size_t strings_ = 0;
  bool needs_whole_line_ = false;

  int depth_ = 0;
  field outer_ = field::unknown; // the key of the object's field that is being read
  field inner_ = field::unknown; // the same within the error
  bool in_batch_data_ = false;
  bool in_error_ = false;
  unsigned seen_ = 0;
  std::string problem_;

  std::optional<std::int64_t> batch_id_;
  std::optional<std::int64_t> batch_index_;
  bool has_data_ = false;
  std::optional<std::string_view> data_;
  std::string own_data_;
  std::optional<std::string> client_id_;
  std::optional<bool> eof_;
  struct {
    std::optional<std::string> code;
    std::optional<std::string> message;
  } error_;
};

} // namespace

std::variant<frame, malformed_frame> parse_frame(std::string_view line) {
  if (line.empty())
    return malformed_frame{"the line is empty"};
  auto cuts = make_skeleton(line);
  frame_handler handler{line, &cuts};
  nlohmann::json::sax_parse(cuts.text, &handler);
  if (!handler.needs_whole_line())
    return handler.finish();
  frame_handler whole{line, nullptr};
  nlohmann::json::sax_parse(line, &whole);
  return whole.finish();
}

} // namespace dispatch::pull
