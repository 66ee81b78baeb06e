#include "wire/session/cursor.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace dispatch {

namespace {

constexpr std::string_view check_mark = ",check=";

template <class Number>
void append_number(std::string& to, Number number, int base = 10) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  to.append(digits.data(), end);
}

void append_hex(std::string& to, std::uint64_t number, std::size_t width) {
  std::string digits;
  append_number(digits, number, 16);
  to.append(width - digits.size(), '0').append(digits);
}

std::uint32_t check_of(std::string_view text, std::uint32_t before = 0) {
  return static_cast<std::uint32_t>(
    ::crc32_z(before, reinterpret_cast<const unsigned char*>(text.data()), text.size()));
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'
         || c == '/';
}

/// Other bytes as in a URL, so that the cursor is one word.
void append_name(std::string& to, std::string_view name) {
  for (const auto c : name) {
    if (is_plain(c)) {
      to.push_back(c);
      continue;
    }
    to.push_back('%');
    append_hex(to, static_cast<unsigned char>(c), 2);
  }
}

void append_skips(std::string& to, const std::vector<skipped_range>& skips) {
  auto separator = ",skip=";
  for (const auto& skip : skips) {
    to.append(std::exchange(separator, "+"));
    append_number(to, skip.epoch);
    to.push_back(':');
    append_number(to, skip.positions.from);
    to.push_back('-');
    append_number(to, skip.positions.to);
  }
}

// -- reading ----------------------------------------------------------------------------------------------------------

/// What is wrong, for whoever has to mend it.
struct bad_cursor {
  std::string problem;
};

std::string quoted(std::string_view text) {
  constexpr std::size_t most = 40;
  return "'" + std::string{text.substr(0, most)} + (text.size() > most ? "...'" : "'");
}

/// Digits and nothing else.
template <class Number>
bool parse_number(std::string_view text, Number& number, int base = 10) {
  if (text.empty() || text.front() == '-')
    return false;
  const auto* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number, base);
  return problem == std::errc{} && stopped == end;
}

/// Takes what stands before `mark` off the front of `text`, and the mark.
std::string_view take_until(std::string_view& text, char mark) {
  const auto end = std::min(text.find(mark), text.size());
  const auto taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

/// Reads the members of a cursor in their order.
class member_reader {
public:
  explicit member_reader(std::string_view text) : left_(text) {}

  bool has(std::string_view name) const {
    return left_.size() > name.size() && left_.substr(0, name.size()) == name && left_[name.size()] == '=';
  }

  std::string_view take(std::string_view name) {
    if (!has(name))
      throw bad_cursor{"it has " + (left_.empty() ? std::string{"nothing more"} : quoted(left_)) + " where '"
                       + std::string{name} + "=' is due"};
    left_.remove_prefix(name.size() + 1);
    return take_until(left_, ',');
  }

  template <class Number>
  Number number(std::string_view name, Number least, Number most) {
    const auto text = take(name);
    Number result{};
    if (!parse_number(text, result) || result < least || result > most)
      throw bad_cursor{"its '" + std::string{name} + "' is " + quoted(text) + "; it takes a whole number from "
                       + std::to_string(least) + " to " + std::to_string(most)};
    return result;
  }

  void finish() const {
    if (!left_.empty())
      throw bad_cursor{"it has " + quoted(left_) + " at its end"};
  }

private:
  std::string_view left_;
};

void check_version(member_reader& from, std::string_view name, int known) {
  if (const auto text = from.take(name); text != std::to_string(known))
    throw bad_cursor{"its '" + std::string{name} + "' version is " + quoted(text) + ", and this program knows "
                     + std::to_string(known)};
}

std::string read_name(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    if (c == '%') {
      std::uint8_t byte = 0;
      if (text.size() - i < 3 || !parse_number(text.substr(i + 1, 2), byte, 16))
        throw bad_cursor{"its 'dataset' is " + quoted(text) + ", which is not written as in a URL"};
      c = static_cast<char>(byte);
      i += 2;
    } else if (!is_plain(c)) {
      throw bad_cursor{"its 'dataset' is " + quoted(text) + ", which is not written as in a URL"};
    }
    result.push_back(c);
  }
  return result;
}

fingerprint read_fingerprint(std::string_view text) {
  std::uint64_t value = 0;
  if (text.size() != 16 || !parse_number(text, value, 16) || value == 0)
    throw bad_cursor{"its 'fingerprint' is " + quoted(text) + "; it takes 16 hexadecimal digits"};
  return fingerprint{value};
}

skipped_range read_skip(std::string_view text, std::int64_t samples) {
  const auto skip = parse_skip(text, samples);
  if (!skip)
    throw bad_cursor{"its 'skip' has " + quoted(text) + "; it takes EPOCH:FROM-TO, positions from 0 to "
                     + std::to_string(samples)};
  return *skip;
}

std::vector<skipped_range> read_skips(std::string_view text, const session_cursor& of) {
  std::vector<skipped_range> result;
  while (!text.empty())
    result.push_back(read_skip(take_until(text, '+'), of.order.samples));
  if (result.size() > most_skips)
    throw bad_cursor{"its 'skip' has " + std::to_string(result.size()) + " ranges; it takes at most "
                     + std::to_string(most_skips)};
  return normalized(std::move(result), of.epoch);
}

/// Reads what is not the same in each cursor of an order.
void read_place(member_reader& from, session_cursor& to) {
  to.epoch = from.number<std::uint64_t>("epoch", 0, UINT64_MAX);
  to.position = to.counts_samples() ? from.number<std::int64_t>("sample", 0, to.order.samples)
                                    : from.number<std::int64_t>("batch", 0, INT32_MAX);
  if (from.has("skip"))
    to.skips = read_skips(from.take("skip"), to);
}

session_cursor read_members(std::string_view text) {
  member_reader from{text};
  check_version(from, "cursor", 1);
  check_version(from, "order", order_version);
  session_cursor result;
  result.dataset = read_name(from.take("dataset"));
  if (from.has("fingerprint"))
    result.fingerprint = read_fingerprint(from.take("fingerprint"));
  result.order.samples = from.has("samples") ? from.number<std::int64_t>("samples", 1, most_samples) : 0;
  result.order.block = from.number<std::int64_t>("block", 1, INT32_MAX);
  if (from.has("seed")) {
    const auto seed = from.number<std::uint64_t>("seed", 0, UINT64_MAX);
    result.order.shuffle = shuffle_spec{seed, from.number<std::int64_t>("window", 1, INT64_MAX)};
  }
  if (result.order.shuffle && !result.counts_samples())
    throw bad_cursor{"it has a 'seed' and no 'samples'; what cannot be counted cannot be shuffled"};
  read_place(from, result);
  from.finish();
  return result;
}

void check_digits(std::string_view text, std::string_view digits) {
  std::uint32_t said = 0;
  if (const auto due = check_of(text); digits.size() != 8 || !parse_number(digits, said, 16) || said != due) {
    std::string expected;
    append_hex(expected, due, 8);
    throw bad_cursor{"its check digits are " + quoted(digits) + ", and those of its text are '" + expected
                     + "': it was damaged or changed (`dispatcher cursor make` makes cursors)"};
  }
}

} // namespace

std::optional<skipped_range> parse_skip(std::string_view text, std::int64_t samples) {
  skipped_range result;
  auto& positions = result.positions;
  const auto epoch = take_until(text, ':');
  const auto from = take_until(text, '-');
  if (!parse_number(epoch, result.epoch) || !parse_number(from, positions.from) || !parse_number(text, positions.to))
    return std::nullopt;
  if (positions.from >= positions.to || positions.to > samples)
    return std::nullopt;
  return result;
}

std::vector<skipped_range> normalized(std::vector<skipped_range> skips, std::uint64_t epoch) {
  std::sort(skips.begin(), skips.end(), [](const skipped_range& a, const skipped_range& b) {
    return a.epoch != b.epoch ? a.epoch < b.epoch : a.positions.from < b.positions.from;
  });
  std::vector<skipped_range> result;
  for (const auto& skip : skips) {
    if (skip.epoch < epoch || skip.positions.size() <= 0)
      continue;
    if (!result.empty() && result.back().epoch == skip.epoch && result.back().positions.to >= skip.positions.from)
      result.back().positions.to = std::max(result.back().positions.to, skip.positions.to);
    else
      result.push_back(skip);
  }
  return result;
}

cursor_writer::cursor_writer(const session_cursor& any_of_epoch) {
  const auto& order = any_of_epoch.order;
  const auto add = [this](const char* name, auto number) {
    head_.append(name);
    append_number(head_, number);
  };
  add("cursor=", 1);
  add(",order=", order_version);
  append_name(head_.append(",dataset="), any_of_epoch.dataset);
  if (any_of_epoch.fingerprint.is_known())
    head_.append(",fingerprint=").append(to_text(any_of_epoch.fingerprint));
  if (any_of_epoch.counts_samples())
    add(",samples=", order.samples);
  add(",block=", order.block);
  if (order.shuffle) {
    add(",seed=", order.shuffle->seed);
    add(",window=", order.shuffle->window);
  }
  add(",epoch=", any_of_epoch.epoch);
  head_.append(any_of_epoch.counts_samples() ? ",sample=" : ",batch=");
  head_check_ = check_of(head_);
  append_skips(skips_, normalized(any_of_epoch.skips, any_of_epoch.epoch));
}

std::string cursor_writer::text(std::int64_t position) const {
  std::string result;
  result.reserve(head_.size() + skips_.size() + 36);
  result.append(head_);
  append_number(result, position);
  result.append(skips_);
  const auto check = check_of(std::string_view{result}.substr(head_.size()), head_check_);
  append_hex(result.append(check_mark), check, 8);
  return result;
}

std::string to_text(const session_cursor& cursor) {
  return cursor_writer{cursor}.text(cursor.position);
}

std::variant<session_cursor, std::string> parse_cursor(std::string_view text) {
  constexpr std::string_view beginning = "cursor=";
  const auto check = text.rfind(check_mark);
  if (text.substr(0, beginning.size()) != beginning || check == std::string_view::npos)
    return "this is no cursor: " + quoted(text) + " does not have the form 'cursor=...,check=...'";
  try {
    // A cursor of another version may be checked in another way.
    member_reader version{text};
    check_version(version, "cursor", 1);
    check_digits(text.substr(0, check), text.substr(check + check_mark.size()));
    return read_members(text.substr(0, check));
  } catch (const bad_cursor& bad) {
    return bad.problem;
  }
}

} // namespace dispatch
