#include "tests/chaos/frame_damager.hpp"

#include <algorithm>

namespace dispatch::chaos {

namespace {

constexpr unsigned char type_data = 0;
constexpr unsigned char type_headers = 1;
constexpr unsigned char flag_end_stream = 1;
constexpr unsigned char flag_padded = 8;

/// gRPC knows 0 and 1.
constexpr char no_message_flag = 0x7f;

} // namespace

void frame_damager::pass(char* data, std::size_t size) {
  while (size > 0 && !done_) {
    std::size_t taken = 0;
    if (skip_ == 0) {
      taken = take_header(data, size);
    } else if (message_begins_ && requested_ == damage::message_flag) {
      *data = no_message_flag;
      done_ = true;
    } else {
      message_begins_ = false;
      taken = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, size));
      skip_ -= taken;
    }
    data += taken;
    size -= taken;
  }
}

std::size_t frame_damager::take_header(char* data, std::size_t size) {
  // What has gone out cannot be changed.
  const auto can_be_damaged = held_ == 0 && size >= header_size;
  const auto taken = std::min(header_size - held_, size);
  std::copy_n(data, taken, reinterpret_cast<char*>(header_.data()) + held_);
  held_ += taken;
  if (held_ < header_size)
    return taken;
  held_ = 0;
  on_header();
  if (can_be_damaged && requested_ && *requested_ != damage::message_flag)
    damage_header(data);
  return taken;
}

void frame_damager::on_header() {
  const auto type = header_[3];
  const auto flags = header_[4];
  skip_ = std::uint32_t{header_[0]} << 16 | std::uint32_t{header_[1]} << 8 | header_[2];
  const auto stream = (std::uint32_t{header_[5]} & 0x7f) << 24 | std::uint32_t{header_[6]} << 16
                      | std::uint32_t{header_[7]} << 8 | header_[8];
  const auto is_first_data = type == type_data && stream == opened_stream_;
  message_begins_ = is_first_data && (flags & flag_padded) == 0 && skip_ > 0;
  if (is_first_data)
    opened_stream_ = 0;
  if (type == type_headers)
    opened_stream_ = (flags & flag_end_stream) != 0 ? 0 : stream;
}

void frame_damager::damage_header(char* header) {
  // Length (3 bytes), type, flags, stream (4 bytes).
  constexpr std::array<char, header_size> short_ping{0, 0, 5, 6, 0, 0, 0, 0, 0};
  constexpr std::array<char, header_size - 3> settings_on_a_stream{4, 0, 0, 0, 0, 1};
  if (*requested_ == damage::short_ping)
    std::copy(short_ping.begin(), short_ping.end(), header);
  else
    std::copy(settings_on_a_stream.begin(), settings_on_a_stream.end(), header + 3);
  done_ = true;
}

} // namespace dispatch::chaos
