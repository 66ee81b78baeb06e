#pragma once

#include <string>

#include "io/store/memory_backend.hpp"

namespace dispatch::test {

/// A store that is away when its test says so, and counts its transactions.
class flaky_backend : public io::memory_backend {
public:
  void begin() override {
    ++transactions;
    if (!problem.empty())
      throw store_error{problem};
  }

  void commit(bool is_durable) override {
    was_durable = is_durable;
    if (!commit_problem.empty())
      throw store_error{commit_problem};
  }

  /// Empty: all is well.
  std::string problem;
  /// The answer to a commit is lost. What it has written is there.
  std::string commit_problem;
  int transactions = 0;
  bool was_durable = false;
};

} // namespace dispatch::test
