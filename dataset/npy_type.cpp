#include "dataset/npy_type.hpp"

#include "dataset/data_error.hpp"
#include "dataset/printable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace dispatch::dataset {

namespace {

struct known_number {
  std::string_view code;
  const char* name;
  std::uint64_t item_size;
  std::size_t swap_unit;
};

constexpr std::array<known_number, 16> known_numbers{{{"b1", "bool", 1, 1},
                                                      {"i1", "int8", 1, 1},
                                                      {"i2", "int16", 2, 2},
                                                      {"i4", "int32", 4, 4},
                                                      {"i8", "int64", 8, 8},
                                                      {"u1", "uint8", 1, 1},
                                                      {"u2", "uint16", 2, 2},
                                                      {"u4", "uint32", 4, 4},
                                                      {"u8", "uint64", 8, 8},
                                                      {"f2", "float16", 2, 2},
                                                      {"f4", "float32", 4, 4},
                                                      {"f8", "float64", 8, 8},
                                                      {"f16", "float128", 16, 16},
                                                      {"c8", "complex64", 8, 4},
                                                      {"c16", "complex128", 16, 8},
                                                      {"c32", "complex256", 32, 16}}};

struct spelling {
  std::string_view text;
  std::string_view code;
};

/// Other spellings of these numbers that `numpy.dtype()` takes: characters, before which a byte order may stand.
constexpr std::array<spelling, 20> characters{{{"?", "b1"}, {"b", "i1"},  {"h", "i2"}, {"i", "i4"},  {"l", "i8"},
                                               {"q", "i8"}, {"p", "i8"},  {"B", "u1"}, {"H", "u2"},  {"I", "u4"},
                                               {"L", "u8"}, {"Q", "u8"},  {"P", "u8"}, {"e", "f2"},  {"f", "f4"},
                                               {"d", "f8"}, {"g", "f16"}, {"F", "c8"}, {"D", "c16"}, {"G", "c32"}}};

/// Names of other languages, on a machine with 64 bits. No byte order stands before a name.
constexpr std::array<spelling, 20> names{
  {{"byte", "i1"},     {"short", "i2"},       {"intc", "i4"},    {"int", "i8"},      {"intp", "i8"},
   {"longlong", "i8"}, {"ubyte", "u1"},       {"ushort", "u2"},  {"uintc", "u4"},    {"uint", "u8"},
   {"uintp", "u8"},    {"ulonglong", "u8"},   {"half", "f2"},    {"single", "f4"},   {"float", "f8"},
   {"double", "f8"},   {"longdouble", "f16"}, {"csingle", "c8"}, {"complex", "c16"}, {"cdouble", "c16"}}};

[[noreturn]] void throw_unknown(std::string_view descr) {
  throw data_error("NPY file with the unknown element type '" + printable(descr) + "'");
}

std::optional<std::uint32_t> to_length(std::string_view text) {
  std::uint32_t length = 0;
  auto* end = text.data() + text.size();
  auto result = std::from_chars(text.data(), end, length);
  if (result.ec != std::errc{} || result.ptr != end)
    return std::nullopt;
  return length;
}

/// The code that another spelling stands for; `text` itself where it is none.
template <std::size_t N>
std::string_view code_of(std::string_view text, const std::array<spelling, N>& spellings) {
  for (auto& known : spellings)
    if (known.text == text)
      return known.code;
  return text;
}

std::optional<npy_type> number_from(std::string_view text) {
  auto code = code_of(text, characters);
  for (auto& known : known_numbers)
    if (known.code == code)
      return npy_type{known.name, known.item_size, known.swap_unit};
  return std::nullopt;
}

/// `float32`, `double`.
std::optional<npy_type> number_with_name(std::string_view text) {
  auto code = code_of(text, names);
  for (auto& known : known_numbers)
    if (known.name == text || known.code == code)
      return npy_type{known.name, known.item_size, known.swap_unit};
  return std::nullopt;
}

bool starts_with(std::string_view text, std::string_view beginning) {
  return text.substr(0, beginning.size()) == beginning;
}

/// `datetime64[ns]` as `M8[ns]`.
std::string code_of_time(std::string_view name) {
  for (auto [beginning, code] : {spelling{"datetime64", "M8"}, spelling{"timedelta64", "m8"}})
    if (starts_with(name, beginning))
      return std::string{code} + std::string{name.substr(beginning.size())};
  return std::string{name};
}

/// `M8[ns]`: moments, `m8[ns]`: durations; the unit may be missing.
std::optional<npy_type> time_from(std::string_view code) {
  auto kind = code.substr(0, 2);
  auto unit = code.substr(kind.size());
  if (kind != "M8" && kind != "m8")
    return std::nullopt;
  auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == 'D' || c == 'M' || c == 'W' || c == 'Y';
  };
  auto well_formed = unit.empty()
                     || (unit.size() > 2 && unit.front() == '[' && unit.back() == ']'
                         && std::all_of(unit.begin() + 1, unit.end() - 1, is_plain));
  if (!well_formed)
    return std::nullopt;
  return npy_type{(kind == "M8" ? "datetime64" : "timedelta64") + std::string{unit}, 8, 8};
}

/// `S5`: bytes, `U5`: UCS-4 characters, `V16`: raw bytes.
std::optional<npy_type> text_from(std::string_view code) {
  auto kind = code.empty() ? '\0' : code.front();
  if (kind != 'S' && kind != 'U' && kind != 'V')
    return std::nullopt;
  auto length = to_length(code.substr(1));
  if (!length)
    return std::nullopt;
  auto digits = std::to_string(*length);
  if (kind == 'U')
    return npy_type{"<U" + digits, std::uint64_t{4} * *length, 4};
  return npy_type{std::string{"|"} + kind + digits, *length, 1};
}

} // namespace

npy_type parse_npy_type(std::string_view descr) {
  auto order = descr.empty() ? '\0' : descr.front();
  auto has_order = order == '<' || order == '>' || order == '|' || order == '=';
  auto code = has_order ? descr.substr(1) : descr;
  if (code.substr(0, 1) == "O" || code == "object")
    throw data_error("Python objects are not served: save numbers or strings");
  auto type = number_from(code);
  if (!type && !has_order)
    type = number_with_name(descr);
  if (!type)
    type = time_from(has_order ? std::string{code} : code_of_time(descr));
  if (!type)
    type = text_from(code);
  if (!type)
    throw_unknown(descr);
  if (order != '>')
    type->swap_unit = 1;
  else if (type->swap_unit == 16)
    throw data_error("big-endian long doubles ('" + std::string{descr} + "') are not served: their layout is not ours");
  return *type;
}

} // namespace dispatch::dataset
