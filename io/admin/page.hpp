#pragma once

#include <string_view>

namespace dispatch::admin {

/// The live page: one HTML document that needs nothing else. Built from page/, and part of the program.
std::string_view page_html() noexcept;

} // namespace dispatch::admin
