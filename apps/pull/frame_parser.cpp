#include "apps/pull/frame_parser.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "apps/pull/frame_members.hpp"
#include "apps/pull/json_skeleton.hpp"
#include "apps/pull/printable_text.hpp"

namespace dispatch::pull {

namespace {

std::string quoted(std::string_view text) {
  return '"' + printable_text(text, 40) + '"';
}

/// Follows the JSON parser through a line and says which member each value is of. Its functions return false to stop.
class frame_handler {
public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  /// @param cuts what was cut out of the line's strings; null where it is whole
  frame_handler(std::string_view line, const json_skeleton* cuts) : line_(line), cuts_(cuts) {}

  // -- called by the parser -------------------------------------------------------------------------------------------

  bool null() { return other("null"); }
  bool boolean(bool x) { return is_of_member() ? members_.take(here(), x) : other("a boolean"); }
  bool number_integer(number_integer_t) { return other("a negative number"); }
  bool number_unsigned(number_unsigned_t x) { return is_of_member() ? members_.take(here(), x) : other("a number"); }
  bool number_float(number_float_t, const string_t&) { return other("a number with a fraction or out of range"); }
  bool binary(binary_t&) { return other("bytes"); }

  bool string(string_t& x) {
    if (depth_ == 0)
      return refuse_other_json();
    const auto cut = next_cut();
    if (in_batch_data_)
      return members_.take_data(cut, std::move(x));
    return cut ? ask_for_whole_line() : members_.take(here(), std::move(x));
  }

  bool key(string_t& name) {
    if (next_cut())
      return ask_for_whole_line();
    if (depth_ == 1)
      return members_.begin(outer_ = member_named(name));
    if (depth_ == 2 && in_error_)
      return members_.begin(inner_ = error_member_named(name));
    return true;
  }

  bool start_object(std::size_t) {
    if (here() == member::error)
      in_error_ = true;
    else if (depth_ > 0 && !other("an object"))
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
    if (here() == member::batch_data)
      in_batch_data_ = true;
    else if (!other("an array"))
      return false;
    return deeper();
  }

  bool end_array() {
    --depth_;
    if (depth_ == 1)
      in_batch_data_ = false;
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) {
    return members_.refuse("it is not JSON: " + quoted(line_));
  }

  // -- called afterwards ----------------------------------------------------------------------------------------------

  bool needs_whole_line() const { return needs_whole_line_; }

  std::variant<frame, malformed_frame> finish() { return members_.finish(); }

private:
  bool refuse_other_json() { return members_.refuse("it is not a JSON object: " + quoted(line_)); }

  bool deeper() { return ++depth_ <= deepest_json || members_.refuse("its JSON is nested too deeply"); }

  /// Whether a value that comes now is of a member, or of something inside of one that is unknown.
  bool is_of_member() const { return depth_ > 0 && !in_batch_data_; }

  /// The member that a value is of that comes now.
  member here() const {
    if (depth_ == 1)
      return outer_;
    return depth_ == 2 && in_error_ ? inner_ : member::unknown;
  }

  /// A value that no member has.
  bool other(const char* what) {
    if (depth_ == 0)
      return refuse_other_json();
    return in_batch_data_ ? members_.take_no_data(what) : members_.take_other(here(), what);
  }

  std::optional<std::string_view> next_cut() {
    const auto index = strings_++;
    return cuts_ != nullptr && index < cuts_->cuts.size() ? cuts_->cuts[index] : std::nullopt;
  }

  /// Only the data are expected to be so long. Whatever this is, it must go through the parser.
  bool ask_for_whole_line() {
    needs_whole_line_ = true;
    return false;
  }

  std::string_view line_;
  const json_skeleton* cuts_;
  std::size_t strings_ = 0;
  bool needs_whole_line_ = false;
  int depth_ = 0;
  /// The member of the frame that is being read, and the one within the error.
  member outer_ = member::unknown;
  member inner_ = member::unknown;
  bool in_batch_data_ = false;
  bool in_error_ = false;
  frame_members members_;
};

} // namespace

std::variant<frame, malformed_frame> parse_frame(std::string_view line) {
  if (line.empty())
    return malformed_frame{"the line is empty"};
  const auto skeleton = skeleton_of(line);
  frame_handler handler{line, &skeleton};
  nlohmann::json::sax_parse(skeleton.text, &handler);
  if (!handler.needs_whole_line())
    return handler.finish();
  frame_handler whole{line, nullptr};
  nlohmann::json::sax_parse(line, &whole);
  return whole.finish();
}

} // namespace dispatch::pull
