#include "wire/base64.hpp"

#include <algorithm>

#include "wire/base64_kernels.hpp"

namespace dispatch {

base64_writer::base64_writer(char* out) noexcept : base64_writer(out, nullptr) {
  static const auto fastest = base64_kernels().front().kernel;
  kernel_ = fastest;
}

void base64_writer::write(std::string_view piece) noexcept {
  if (held_ > 0)
    complete_group(piece);
  const auto groups = piece.size() / 3;
  if (groups > 0)
    kernel_(piece.data(), groups, out_);
  out_ += 4 * groups;
  piece.remove_prefix(3 * groups);
  std::copy(piece.begin(), piece.end(), group_.begin() + held_);
  held_ += piece.size();
}

char* base64_writer::finish() noexcept {
  if (held_ > 0) {
    std::fill(group_.begin() + held_, group_.end(), '\0');
    // One byte fills two characters, two fill three.
    const auto padding = 3 - held_;
    write_group();
    std::fill(out_ - padding, out_, '=');
  }
  return out_;
}

void base64_writer::complete_group(std::string_view& piece) noexcept {
  const auto taken = std::min(group_.size() - held_, piece.size());
  std::copy_n(piece.begin(), taken, group_.begin() + held_);
  held_ += taken;
  piece.remove_prefix(taken);
  if (held_ == group_.size())
    write_group();
}

void base64_writer::write_group() noexcept {
  base64_portable(group_.data(), 1, out_);
  out_ += 4;
  held_ = 0;
}

} // namespace dispatch
