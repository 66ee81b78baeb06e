#pragma once

namespace dispatch::test {

/// Whether all is compiled for ThreadSanitizer: the tests, and the programs that they start.
#if defined(__SANITIZE_THREAD__)
constexpr bool under_thread_sanitizer = true;
#else
constexpr bool under_thread_sanitizer = false;
#endif

/// Whether all is compiled for any sanitizer: it is slower then, and takes several bytes for each of the program's.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool under_sanitizer = true;
#else
constexpr bool under_sanitizer = under_thread_sanitizer;
#endif

} // namespace dispatch::test
