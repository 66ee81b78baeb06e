#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace dispatch {

enum class severity : std::uint8_t { debug, info, warning, error };

/// One named value of an event. Refers to its strings: it does not outlive the call it is passed to.
struct event_field {
  using value_type = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  template <class T>
  event_field(std::string_view name, const T& x) : key(name),
                                                   value(convert(x)) {}

  std::string_view key;
  value_type value;

private:
  template <class T>
  static value_type convert(const T& x) {
    if constexpr (std::is_same_v<T, bool>)
      return x;
    else if constexpr (std::is_floating_point_v<T>)
      return static_cast<double>(x);
    else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
      return static_cast<std::int64_t>(x);
    else if constexpr (std::is_integral_v<T>)
      return static_cast<std::uint64_t>(x);
    else
      return std::string_view{x};
  }
};

/// The fields of one event, in their order. A view: it does not outlive the call that it is passed to.
class event_fields {
public:
  event_fields(const std::vector<event_field>& fields) noexcept : begin_(fields.data()), size_(fields.size()) {}

  event_fields(std::initializer_list<event_field> fields) noexcept : begin_(std::data(fields)), size_(fields.size()) {}

  const event_field* begin() const noexcept { return begin_; }

  const event_field* end() const noexcept { return begin_ + size_; }

  std::size_t size() const noexcept { return size_; }

private:
  const event_field* begin_;
  std::size_t size_;
};

/// Takes what an operator should know: a stable event name that can be searched for, then fields. Safe to use from all
/// threads.
class event_log {
public:
  virtual ~event_log() = default;

  virtual void write(severity level, std::string_view event, event_fields fields) = 0;
};

using event_log_ptr = std::shared_ptr<event_log>;

} // namespace dispatch
