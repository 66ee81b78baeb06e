#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dispatch::test {

/// A folder that is there for as long as this object is.
class temporary_folder {
public:
  temporary_folder() {
    auto name = (std::filesystem::temp_directory_path() / "dispatcher.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("no temporary folder");
    path_ = name;
  }

  ~temporary_folder() { std::filesystem::remove_all(path_); }

  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// The path of a file in it.
  std::string at(const std::string& name) const { return (path_ / name).string(); }

  /// All that a file in it holds.
  std::string content(const std::string& name) const {
    std::ifstream in{at(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  /// Writes a file and returns its path.
  std::string write(const std::string& name, std::string_view bytes) const {
    std::ofstream{at(name), std::ios::binary}.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return at(name);
  }

private:
  std::filesystem::path path_;
};

} // namespace dispatch::test
