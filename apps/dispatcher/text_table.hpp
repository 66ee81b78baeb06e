#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dispatch {

/// Rows of text in columns, for a terminal.
class text_table {
public:
  enum class side { left, right };

  struct column {
    std::string title;
    side align = side::left;
  };

  explicit text_table(std::vector<column> columns) : columns_(std::move(columns)) {}

  /// @param cells one for each column; of one byte for each place on the terminal
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  /// The titles and the rows, each on a line of its own.
  std::vector<std::string> lines() const;

private:
  std::vector<column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

} // namespace dispatch
