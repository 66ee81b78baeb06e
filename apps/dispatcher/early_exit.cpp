#include "apps/dispatcher/early_exit.hpp"

namespace dispatch {

namespace {

constexpr int usage_error = 2;

} // namespace

early_exit usage_problem(std::string_view what) {
  static constexpr char digits[] = "0123456789abcdef";
  early_exit result{usage_error, {}};
  for (const auto c : what) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      result.text.append({'\\', 'x', digits[byte / 16], digits[byte % 16]});
    else
      result.text.push_back(c);
  }
  return result;
}

} // namespace dispatch
