#include "tests/chaos/client_tally.hpp"

namespace dispatch::chaos {

namespace {

constexpr std::size_t most_problems = 20;

} // namespace

void client_tally::add(const chaos_client& client) {
  auto& counts = by_kind_[client.plan().kind];
  ++counts.came;
  counts.batches += client.batches();
  counts.bytes += client.bytes();
  if (client.problem()) {
    ++counts.wrong;
    if (problems_.size() < most_problems)
      problems_.push_back(describe(client.plan()) + ": " + *client.problem());
  } else if (client.complete()) {
    ++counts.complete;
  } else {
    ++counts.part;
  }
}

client_tally::counts client_tally::total() const {
  counts sum;
  for (const auto& [kind, counts] : by_kind_) {
    sum.came += counts.came;
    sum.complete += counts.complete;
    sum.part += counts.part;
    sum.wrong += counts.wrong;
    sum.batches += counts.batches;
    sum.bytes += counts.bytes;
  }
  return sum;
}

} // namespace dispatch::chaos
