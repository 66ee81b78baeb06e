#pragma once

#include <string>

#include "apps/dispatcher/cursor_options.hpp"

namespace dispatch {

/// `dispatcher cursor`: a cursor in the form that was asked for, with a line end.
std::string text_of(const cursor_options& options);

} // namespace dispatch
