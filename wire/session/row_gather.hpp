#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "wire/batch.hpp"
#include "wire/session/session_column.hpp"

namespace dispatch {

/// Rows of one block that follow each other.
struct row_run {
  const received_batch* block = nullptr;
  std::int64_t row = 0;
  std::int64_t count = 0;
};

/// Puts together a batch of rows, in their order, in one piece of memory.
/// @param columns whose `row_bytes` are known, and which the blocks have
/// @param runs rows that their blocks have
std::shared_ptr<const received_batch> gather_rows(const std::vector<session_column>& columns,
                                                  const std::vector<row_run>& runs);

} // namespace dispatch
