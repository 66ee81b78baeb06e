#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

/// @file
/// Gives the files of a folder to a fuzz target, without the fuzzer: what it started from, and what was found.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (auto i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::directory_iterator{argv[i]})
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    std::ifstream file{path, std::ios::binary};
    const std::vector<char> content{std::istreambuf_iterator<char>{file}, {}};
    // Before it, or nothing says which one it was that ended the program.
    std::fprintf(stderr, "%s: %zu bytes\n", path.filename().c_str(), content.size());
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
  }
  std::printf("%zu inputs are as they should be\n", files.size());
  return files.empty() ? 1 : 0;
}
