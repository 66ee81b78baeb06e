#include "bench/load/tally.hpp"

#include "bench/stream/pass_check.hpp"

namespace dispatch::bench {

void tally::add_fault(const std::string& name) {
  ++passes_incomplete;
  ++faults[name];
}

void tally::add_error(const pull::stream_error& error) {
  ++errors[error.code];
  if (error_message.empty())
    error_message = error.message;
}

void tally::merge(const tally& other) {
  frames += other.frames;
  bytes += other.bytes;
  passes_complete += other.passes_complete;
  passes_incomplete += other.passes_incomplete;
  passes_cut += other.passes_cut;
  clients_complete += other.clients_complete;
  clients_incomplete += other.clients_incomplete;
  first_frame.merge(other.first_frame);
  gap.merge(other.gap);
  for (const auto& [name, count] : other.faults)
    faults[name] += count;
  for (const auto& [code, count] : other.errors)
    errors[code] += count;
  if (error_message.empty())
    error_message = other.error_message;
}

std::uint64_t tally::order_violations() const {
  std::uint64_t sum = 0;
  for (const auto fault : {stream_fault::gap, stream_fault::duplicate, stream_fault::wrong_order}) {
    const auto found = faults.find(std::string{to_string(fault)});
    sum += found != faults.end() ? found->second : 0;
  }
  return sum;
}

} // namespace dispatch::bench
