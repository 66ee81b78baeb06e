#pragma once

#include <cstddef>
#include <cstdint>

namespace dispatch::policy {

/// Index of an upstream.
using upstream_id = std::size_t;

/// Names one incarnation of a fetcher; a fetcher that is started anew has a new one.
using fetcher_id = std::uint64_t;

/// Names one piece of work; lower is older.
using ticket = std::uint64_t;

} // namespace dispatch::policy
