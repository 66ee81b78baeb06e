#include "dataset/data_source.hpp"

#include "dataset/byte_file.hpp"
#include "dataset/data_error.hpp"
#include "dataset/idx_file.hpp"
#include "dataset/npy_file.hpp"
#include "dataset/npz_file.hpp"
#include "dataset/synthetic.hpp"

#include <algorithm>
#include <filesystem>
#include <new>
#include <system_error>
#include <utility>

namespace dispatch::dataset {

namespace {

struct file_format {
  beginning_check check;
  sample_array (*parse)(std::string bytes);
};

bool ends_with(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

bool is_column_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool is_name_character(char c) {
  return is_column_name_character(c) || c == '/';
}

file_format format_of(const std::string& path) {
  auto name = std::filesystem::path{path}.filename().string();
  if (ends_with(name, ".gz"))
    name.resize(name.size() - 3);
  if (ends_with(name, ".npy"))
    return {check_npy_beginning, parse_npy};
  if (ends_with(name, "ubyte") || name.find(".idx") != std::string::npos || name.find("-idx") != std::string::npos)
    return {check_idx_beginning, parse_idx};
  if (is_npz(name))
    throw data_error("an NPZ file holds several arrays; here it takes a file of one");
  throw data_error(
    "its name says no format: it ends neither in .npy, in .npz nor like MNIST's files in .idx3-ubyte (nor in "
    "these and .gz)");
}

sample_array load_file(const std::string& path) {
  auto format = format_of(path);
  try {
    return format.parse(read_byte_file(path, max_array_bytes, format.check));
  } catch (const std::bad_alloc&) {
    throw data_error("does not fit into memory");
  }
}

/// Where a comma and `COLUMN=` begin a column in `text`; its end where none do.
std::size_t find_column(std::string_view text) {
  for (auto comma = text.find(','); comma != std::string_view::npos; comma = text.find(',', comma + 1)) {
    const auto name = text.substr(comma + 1);
    const auto end = std::find_if_not(name.begin(), name.end(), is_column_name_character);
    if (end != name.begin() && end != name.end() && *end == '=')
      return comma;
  }
  return text.size();
}

/// Takes what stands before the next column from `text`.
/// @param whole the argument, for people
std::string take_source(std::string_view& text, std::string_view whole) {
  const auto end = find_column(text);
  std::string source{text.substr(0, end)};
  if (source.empty())
    throw data_error("'" + std::string{whole}
                     + "' is not of the form NAME=SOURCE[,COLUMN=SOURCE]..., such as mine=images.npy,label=labels.npy");
  text.remove_prefix(end);
  return source;
}

bool is_missing(const std::string& source) {
  std::error_code problem;
  return !is_synthetic(source) && !std::filesystem::exists(source, problem);
}

/// What to say about commas where a file does not exist.
std::string comma_hint(const data_argument& argument) {
  const auto is_column_missing = [](const column_argument& column) { return is_missing(column.source); };
  if (!argument.columns.empty()
      && (is_missing(argument.source)
          || std::any_of(argument.columns.begin(), argument.columns.end(), is_column_missing)))
    return " (a comma and NAME= begin a column: a path that holds them cannot be given)";
  if (argument.source.find(',') != std::string::npos && is_missing(argument.source))
    return " (a column is written as ,COLUMN=SOURCE with letters, digits and ._- in its name)";
  return {};
}

sample_table load_first(const data_argument& argument) {
  if (is_synthetic(argument.source) || !is_npz(argument.source))
    return {load_samples(argument.source), argument.data_name};
  try {
    return load_npz(argument.source);
  } catch (const data_error& problem) {
    throw data_error(argument.source + ": " + problem.what());
  }
}

void add_column(sample_table& table, const column_argument& column) {
  auto samples = load_samples(column.source);
  try {
    table.add_column(column.name, std::move(samples));
  } catch (const data_error& problem) {
    throw data_error(column.source + ": " + problem.what());
  }
}

} // namespace

data_argument parse_data_argument(std::string_view text) {
  auto separator = text.find('=');
  if (separator == std::string_view::npos || separator == 0 || separator + 1 == text.size())
    throw data_error("'" + std::string{text} + "' is not of the form NAME=SOURCE, such as mnist=images.idx3-ubyte.gz");
  auto name = text.substr(0, separator);
  if (!std::all_of(name.begin(), name.end(), is_name_character))
    throw data_error("the dataset name '" + std::string{name} + "' has characters other than letters, digits and ._-/");
  data_argument result{std::string{name}, {}};
  auto rest = text.substr(separator + 1);
  result.source = take_source(rest, text);
  while (!rest.empty()) {
    const auto equals = rest.find('=');
    column_argument column{std::string{rest.substr(1, equals - 1)}, {}};
    rest.remove_prefix(equals + 1);
    column.source = take_source(rest, text);
    result.columns.push_back(std::move(column));
  }
  return result;
}

sample_array load_samples(const std::string& source) {
  if (is_synthetic(source))
    return make_synthetic(parse_synthetic(source));
  try {
    return load_file(source);
  } catch (const data_error& problem) {
    throw data_error(source + ": " + problem.what());
  }
}

sample_table load_table(const data_argument& argument) {
  try {
    auto table = load_first(argument);
    for (const auto& column : argument.columns)
      add_column(table, column);
    return table;
  } catch (const data_error& problem) {
    throw data_error(problem.what() + comma_hint(argument));
  }
}

} // namespace dispatch::dataset
