#pragma once

#include <cstddef>
#include <string>

#include "io/admin/json_text.hpp"

/// @file
/// What the admin endpoint says, as cells of tables for a terminal. What is null is `-`. All throw
/// `admin::json::exception` where a value has another type.

namespace dispatch {

/// In bytes.
inline constexpr std::size_t longest_cell = 60;
inline constexpr std::size_t longest_field = 300;

/// A text without what a terminal would act on, or another value as it is written.
std::string text_of(const admin::json& value, std::size_t longest = longest_cell);

std::string count_of(const admin::json& value);

/// Of seconds.
std::string duration_of(const admin::json& value);

/// `12.5/s`
std::string rate_of(const admin::json& value);

/// `25%` of 0.25.
std::string share_of(const admin::json& value);

/// `12:30:01` of a moment.
std::string time_of(const admin::json& moment);

/// Texts with commas between.
std::string joined(const admin::json& list);

/// A duration as people read it, in at most two units: `950ms`, `4.2s`, `3m 20s`, `2h 05m`, `4d 03h`.
std::string rough_duration(double seconds);

/// A number of bytes as people read it: `120 B`, `1.2 MB`.
std::string rough_bytes(double bytes);

} // namespace dispatch
