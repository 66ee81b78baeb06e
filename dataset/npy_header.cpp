#include "dataset/npy_header.hpp"

#include "dataset/data_error.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace dispatch::dataset {

namespace {

constexpr std::string_view magic = "\x93NUMPY";

/// Reads the one Python dictionary that a header consists of.
class dictionary_reader {
public:
  explicit dictionary_reader(std::string_view text) : text_(text) {}

  npy_header read() {
    expect('{');
    while (!accept('}')) {
      read_entry();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (position_ != text_.size())
      fail("something follows the dictionary");
    if (!has_descr_ || !has_order_ || !has_shape_)
      fail("one of 'descr', 'fortran_order' and 'shape' is missing");
    return std::move(header_);
  }

private:
  [[noreturn]] void fail(const std::string& what) const { throw data_error("damaged NPY header: " + what); }

  void skip_space() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n'))
      ++position_;
  }

  bool accept(char wanted) {
    skip_space();
    if (position_ == text_.size() || text_[position_] != wanted)
      return false;
    ++position_;
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted))
      fail(std::string{"'"} + wanted + "' is missing at position " + std::to_string(position_));
  }

  bool accept_word(std::string_view word) {
    skip_space();
    if (text_.substr(position_, word.size()) != word)
      return false;
    position_ += word.size();
    return true;
  }

  std::string_view read_string() {
    auto quote = accept('"') ? '"' : '\'';
    if (quote == '\'')
      expect('\'');
    auto end = text_.find_first_of("'\"\\", position_);
    if (end == std::string_view::npos || text_[end] != quote)
      fail("a string does not end as it should");
    auto content = text_.substr(position_, end - position_);
    position_ = end + 1;
    return content;
  }

  void read_entry() {
    auto key = read_string();
    expect(':');
    if (key == "descr" && !std::exchange(has_descr_, true))
      read_descr();
    else if (key == "fortran_order" && !std::exchange(has_order_, true))
      read_order();
    else if (key == "shape" && !std::exchange(has_shape_, true))
      read_shape();
    else
      fail("a key that is neither 'descr', 'fortran_order' nor 'shape', or one of them twice");
  }

  void read_descr() {
    skip_space();
    if (position_ < text_.size() && (text_[position_] == '[' || text_[position_] == '('))
      throw data_error("structured elements are not served: save each field as an array of its own");
    header_.descr = read_string();
  }

  void read_order() {
    header_.fortran_order = accept_word("True");
    if (!header_.fortran_order && !accept_word("False"))
      fail("'fortran_order' is neither True nor False");
  }

  void read_shape() {
    expect('(');
    while (!accept(')')) {
      header_.shape.push_back(read_number());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
  }

  std::uint64_t read_number() {
    skip_space();
    std::uint64_t number = 0;
    auto* first = text_.data() + position_;
    auto result = std::from_chars(first, text_.data() + text_.size(), number);
    if (result.ec != std::errc{})
      fail("'shape' holds something that is no size");
    position_ += static_cast<std::size_t>(result.ptr - first);
    accept('L'); // a long integer of Python 2
    return number;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  npy_header header_;
  bool has_descr_ = false;
  bool has_order_ = false;
  bool has_shape_ = false;
};

std::size_t little_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (auto i = bytes.size(); i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

/// @returns the text of the header; nothing where `bytes` end before it does
std::optional<std::string_view> dictionary_in(std::string_view bytes) {
  constexpr auto version_end = magic.size() + 2;
  if (bytes.substr(0, magic.size()) != magic || bytes.size() < version_end)
    throw data_error("not an NPY file: it does not start with \\x93NUMPY and a version");
  auto major = static_cast<unsigned char>(bytes[magic.size()]);
  auto minor = static_cast<unsigned char>(bytes[magic.size() + 1]);
  if (major < 1 || major > 3 || minor != 0)
    throw data_error("NPY file of the unknown format " + std::to_string(major) + "." + std::to_string(minor));
  std::size_t length_bytes = major == 1 ? 2 : 4;
  auto start = version_end + length_bytes;
  if (bytes.size() < start)
    return std::nullopt;
  auto length = little_endian(bytes.substr(version_end, length_bytes));
  if (bytes.size() - start < length)
    return std::nullopt;
  return bytes.substr(start, length);
}

} // namespace

npy_header parse_npy_header(std::string_view bytes) {
  auto dictionary = dictionary_in(bytes);
  if (!dictionary)
    throw data_error("truncated NPY file: it ends in the middle of its header");
  auto header = dictionary_reader{*dictionary}.read();
  header.size = static_cast<std::size_t>(dictionary->data() + dictionary->size() - bytes.data());
  return header;
}

bool has_whole_npy_header(std::string_view beginning) {
  return dictionary_in(beginning).has_value();
}

} // namespace dispatch::dataset
