#include "io/admin/page.hpp"

#include <cstdint>

extern "C" {
// In page_bytes.S, which the build makes.
extern const char dispatch_page[];
extern const std::uint64_t dispatch_page_size;
}

namespace dispatch::admin {

std::string_view page_html() noexcept {
  return {dispatch_page, static_cast<std::size_t>(dispatch_page_size)};
}

} // namespace dispatch::admin
