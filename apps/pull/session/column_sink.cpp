#include "apps/pull/session/column_sink.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "apps/pull/printable_text.hpp"
#include "apps/pull/session/column_format.hpp"
#include "apps/pull/session/npz_file.hpp"

namespace dispatch::pull {

namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

class nowhere final : public column_sink {
public:
  void write(const std::vector<std::string_view>&) override {}
  void commit() override {}
};

class single_column final : public column_sink {
public:
  explicit single_column(std::unique_ptr<sample_sink> to) : to_(std::move(to)) {}

  void write(const std::vector<std::string_view>& columns) override { to_->write(columns.front()); }
  void commit() override { to_->commit(); }

private:
  std::unique_ptr<sample_sink> to_;
};

std::string names_of(const std::vector<session_column_info>& columns) {
  std::string result;
  for (const auto& column : columns)
    result += (result.empty() ? "" : ", ") + printable_text(column.name, 80);
  return result;
}

/// The target of a symbolic link: renaming shall replace that, and not the link.
std::string target_of(const std::string& name) {
  std::error_code ignored;
  const auto target = std::filesystem::canonical(name, ignored).string();
  return target.empty() ? name : target;
}

void require_file(const std::string& name) {
  struct stat info {};
  if (::stat(name.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    throw sink_error{"cannot write " + name + ": an .npz file must be a regular file"};
}

} // namespace

bool is_written_directly(const std::string& name) {
  struct stat info {};
  return name.empty() || name == "-" || (::stat(name.c_str(), &info) == 0 && !S_ISREG(info.st_mode));
}

std::unique_ptr<column_sink> open_column_sink(const std::string& name,
                                              const std::vector<session_column_info>& columns) {
  if (name.empty())
    return std::make_unique<nowhere>();
  if (ends_with(name, ".npz")) {
    require_file(name);
    return open_npz_file(target_of(name), columns);
  }
  const auto& first = columns.front();
  if (columns.size() > 1)
    throw sink_error{"--out: " + name + " takes one column, and there are " + names_of(columns) + "; take --columns "
                     + printable_text(first.name, 80) + ", or a name that ends with .npz"};
  const auto format = format_of(first);
  if (!format && ends_with(name, ".npy"))
    throw sink_error{"cannot write " + name + ": column '" + printable_text(first.name, 80) + "' has dtype '"
                     + printable_text(first.dtype, 40) + "', which no .npy file can hold"};
  return std::make_unique<single_column>(open_sample_sink(name, format.value_or(sample_format{"uint8", "|u1", {}, 1})));
}

std::string name_of_part(const std::string& name, std::uint64_t epoch, std::int64_t position) {
  const std::filesystem::path path{name};
  const auto place = "." + std::to_string(epoch) + "-" + std::to_string(position);
  for (int again = 1;; ++again) {
    const auto number = again == 1 ? std::string{} : "." + std::to_string(again);
    const auto result = path.parent_path() / (path.stem().string() + place + number + path.extension().string());
    if (!std::filesystem::exists(result))
      return result.string();
  }
}

std::string name_for_rest(const std::string& name, std::uint64_t epoch, std::int64_t position) {
  if (is_written_directly(name) || !std::filesystem::exists(name))
    return name;
  const std::filesystem::path path{name};
  const auto place = ".from-" + std::to_string(epoch) + "-" + std::to_string(position);
  return (path.parent_path() / (path.stem().string() + place + path.extension().string())).string();
}

} // namespace dispatch::pull
