#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/batch.hpp"
#include "wire/shared_bytes.hpp"
#include "wire/status_code.hpp"

/// @file
/// The lines of the classic protocol, and the only place that knows their bytes (docs/protocol.md). A line is the text
/// of a batch, which all consumers share, followed by a tail:
///
///     {"batch_id":0,"batch_index":0,"batch_data":["AAAA"]  ,"client_id":"client_127.0.0.1:53412","EOF":false}\n
///     |------------------- text -------------------------|  |---------------------- tail -------------------|

namespace dispatch {

/// What every consumer's lines begin with, whether a batch comes first or an error.
inline constexpr std::string_view classic_beginning = "{";

/// The id that a consumer at `peer` (`host:port` or `[v6]:port`) has in its lines and in the log.
std::string client_id_of(std::string_view peer);

/// Bytes of the text of batch `index`, which holds `data_bytes` bytes of samples.
std::size_t classic_text_size(std::int32_t index, std::size_t data_bytes);

/// Encodes `data` of a batch.
shared_bytes encode_classic_text(const received_batch& from);

/// Encodes the end of the lines of one consumer.
/// @param last whether it is for the line that ends the pass
std::string encode_classic_tail(std::string_view client_id, bool last);

/// Encodes the line that ends a pass before its last batch.
/// @param index the batch that cannot be had
std::string encode_classic_error(std::int32_t index, std::string_view client_id, const failure& reason);

} // namespace dispatch
