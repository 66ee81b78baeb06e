#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wire/fingerprint.hpp"
#include "wire/session/order_spec.hpp"

namespace dispatch {

/// A place in a dataset's order, and all that is needed to go on from there. It holds no shard and no batch size: those
/// who go on may choose others.
///
/// Its text is one word that people can read (docs/order.md):
///
///     cursor=1,order=1,dataset=mnist,fingerprint=5d2f7f1f0a9c11e3,samples=60000,block=30,seed=7,window=2786,epoch=3,
///     sample=640,skip=3:0-64+4:128-192,check=1c291ca3
///
/// `check` is the CRC-32 of zlib over what stands before `,check=`.
struct session_cursor {
  std::string dataset;
  /// Unknown where the dataset is not described.
  dispatch::fingerprint fingerprint;
  /// With 0 samples where they cannot be counted. Such a dataset is served in whole blocks, and positions count those.
  order_spec order;
  std::uint64_t epoch = 0;
  std::int64_t position = 0;
  /// Sorted, without overlaps, and not of epochs before `epoch`.
  std::vector<skipped_range> skips;

  bool counts_samples() const noexcept { return order.samples > 0; }

  friend bool operator==(const session_cursor& a, const session_cursor& b) {
    return a.dataset == b.dataset && a.fingerprint == b.fingerprint && a.order == b.order && a.epoch == b.epoch
           && a.position == b.position && a.skips == b.skips;
  }
};

/// No cursor has more skipped ranges, so that a line has room for it.
inline constexpr std::size_t most_skips = 1000;

/// Reads one skipped range as a cursor has it: `EPOCH:FROM-TO`.
/// @returns nothing where it has another form, or does not hold positions of an epoch of `samples`
std::optional<skipped_range> parse_skip(std::string_view text, std::int64_t samples);

/// Sorts ranges, joins those that touch, and drops those of epochs before `epoch`.
std::vector<skipped_range> normalized(std::vector<skipped_range> skips, std::uint64_t epoch);

/// Writes the cursors of one epoch, which differ in their position alone.
class cursor_writer {
public:
  explicit cursor_writer(const session_cursor& any_of_epoch);

  std::string text(std::int64_t position) const;

private:
  std::string head_;
  /// CRC-32 of `head_`.
  std::uint32_t head_check_;
  std::string skips_;
};

std::string to_text(const session_cursor& cursor);

/// Reads the text of a cursor.
/// @returns the cursor, or what is wrong with the text, in words for people
std::variant<session_cursor, std::string> parse_cursor(std::string_view text);

} // namespace dispatch
