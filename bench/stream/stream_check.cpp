#include "bench/stream/stream_check.hpp"

namespace dispatch::bench {

std::string_view to_string(stream_fault fault) {
  switch (fault) {
  case stream_fault::malformed:
    return "malformed";
  case stream_fault::gap:
    return "gap";
  case stream_fault::duplicate:
    return "duplicate";
  case stream_fault::wrong_order:
    return "wrong_order";
  case stream_fault::server_error:
    return "server_error";
  case stream_fault::wrong_count:
    return "wrong_count";
  case stream_fault::after_eof:
    return "after_eof";
  case stream_fault::without_eof:
    return "without_eof";
  }
  return "unknown";
}

} // namespace dispatch::bench
