#pragma once

#include <cstdint>
#include <string_view>

namespace dispatch {

/// Bytes of one element of the type that a description names: as NumPy's `dtype` (`float32`, `<f4`, `|S5`,
/// `datetime64[ns]`), `bfloat16`, or either with a module in front (`torch.uint8`, `np.int64`). 0 where the name does
/// not say: NumPy and PyTorch disagree on what `float` is, and an object has no size.
std::uint64_t element_size(std::string_view data_type);

} // namespace dispatch
