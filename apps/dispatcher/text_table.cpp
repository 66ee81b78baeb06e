#include "apps/dispatcher/text_table.hpp"

#include <algorithm>

namespace dispatch {

std::vector<std::string> text_table::lines() const {
  std::vector<std::size_t> widths;
  std::vector<std::string> titles;
  for (const auto& column : columns_) {
    auto width = column.title.size();
    for (const auto& row : rows_)
      width = std::max(width, row.at(widths.size()).size());
    widths.push_back(width);
    titles.push_back(column.title);
  }
  const auto line_of = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths[i] - cells[i].size(), ' ');
      line += i > 0 ? "  " : "";
      line += columns_[i].align == side::right ? padding + cells[i] : cells[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  std::vector<std::string> result{line_of(titles)};
  for (const auto& row : rows_)
    result.push_back(line_of(row));
  return result;
}

} // namespace dispatch
