#pragma once

#include "dataset/data_error.hpp"
#include "dataset/sample_array.hpp"
#include "tests/support/temporary_folder.hpp"

#include <caf/test/dsl.hpp>

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace dispatch::dataset {

using test::temporary_folder;

/// The bytes as a gzip file.
inline std::string gzipped(std::string_view bytes) {
  temporary_folder folder;
  auto path = folder.at("file.gz");
  auto* file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// The message of the data_error that `action` throws; fails the test when it throws none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const data_error& problem) {
    return problem.what();
  }
  CAF_ERROR("no data_error was thrown");
  return "";
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// An integer's bytes, most significant first.
template <class Integer>
std::string big_endian(Integer value) {
  std::string bytes;
  for (auto shift = sizeof(Integer) * 8; shift > 0; shift -= 8)
    bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (shift - 8) & 0xff);
  return bytes;
}

/// A value's bytes as they lie in memory.
template <class Value>
std::string native(Value value) {
  std::string bytes(sizeof(Value), '\0');
  std::memcpy(bytes.data(), &value, sizeof(Value));
  return bytes;
}

inline std::string all_bytes(const sample_array& samples) {
  return std::string{samples.batch(samples.total_samples(), 0)};
}

template <class Value>
std::vector<Value> elements(std::string_view bytes) {
  std::vector<Value> result(bytes.size() / sizeof(Value));
  std::memcpy(result.data(), bytes.data(), result.size() * sizeof(Value));
  return result;
}

using sample_shape = std::vector<std::int32_t>;

} // namespace dispatch::dataset
