#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wire/frame.hpp"
#include "wire/status_code.hpp"

/// @file
/// The classic client protocol, and the only place that knows its bytes (docs/protocol.md). A line is the shared part
/// of a frame followed by a tail:
///
///     {"batch_id":0,"batch_index":0,"batch_data":["AAAA"]  ,"client_id":"client_127.0.0.1:53412","EOF":false}\n
///     |------------------ frame -------------------------|  |---------------------- tail -------------------|
///
/// Nothing here depends on actors, sockets or clocks.

namespace dispatch {

/// What every stream begins with, whether a batch comes first or an error.
inline constexpr std::string_view stream_beginning = "{";

/// The id that a client from `peer` (`host:port` or `[v6]:port`) has in its frames and in the log.
std::string client_id_of(std::string_view peer);

/// Encodes a batch's samples into a frame.
/// @param data raw tensor bytes, as the dataset service gave them
std::shared_ptr<frame> encode_frame(std::int32_t index, bool marked_last, std::string_view data);

/// Encodes a batch's samples into a frame, which is the only allocation.
/// @param pieces raw tensor bytes in their order, cut anywhere, as they came from the network
std::shared_ptr<frame> encode_frame(std::int32_t index, bool marked_last, const std::vector<std::string_view>& pieces);

/// The samples that a frame holds, from the first on.
/// @param most bytes at most
/// @returns raw tensor bytes, as they were encoded
std::string decode_samples(const frame& encoded, std::size_t most);

/// Encodes the end of the lines of one client.
/// @param last whether it is for the frame that ends the stream
std::string encode_tail(std::string_view client_id, bool last);

/// Encodes the whole line that ends a stream before its last batch.
/// @param index the batch that cannot be had
std::string encode_error_line(std::int32_t index, std::string_view client_id, const failure& reason);

} // namespace dispatch
