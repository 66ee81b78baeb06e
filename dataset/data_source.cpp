#include "dataset/data_source.hpp"

#include "dataset/byte_file.hpp"
#include "dataset/data_error.hpp"
#include "dataset/idx_file.hpp"
#include "dataset/npy_file.hpp"
#include "dataset/synthetic.hpp"

#include <algorithm>
#include <filesystem>
#include <new>

namespace dispatch::dataset {

namespace {

struct file_format {
  beginning_check check;
  sample_array (*parse)(std::string bytes);
};

bool ends_with(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'
         || c == '/';
}

file_format format_of(const std::string& path) {
  auto name = std::filesystem::path{path}.filename().string();
  if (ends_with(name, ".gz"))
    name.resize(name.size() - 3);
  if (ends_with(name, ".npy"))
    return {check_npy_beginning, parse_npy};
  if (ends_with(name, "ubyte") || name.find(".idx") != std::string::npos || name.find("-idx") != std::string::npos)
    return {check_idx_beginning, parse_idx};
  throw data_error("its name says no format: it ends neither in .npy nor like MNIST's files in .idx3-ubyte (nor in "
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

} // namespace

data_argument parse_data_argument(std::string_view text) {
  auto separator = text.find('=');
  if (separator == std::string_view::npos || separator == 0 || separator + 1 == text.size())
    throw data_error("'" + std::string{text} + "' is not of the form NAME=SOURCE, such as mnist=images.idx3-ubyte.gz");
  auto name = text.substr(0, separator);
  if (!std::all_of(name.begin(), name.end(), is_name_character))
    throw data_error("the dataset name '" + std::string{name} + "' has characters other than letters, digits and ._-/");
  return {std::string{name}, std::string{text.substr(separator + 1)}};
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

} // namespace dispatch::dataset
