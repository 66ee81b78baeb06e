#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "apps/pull/frame.hpp"

namespace dispatch::pull {

/// A member of a frame's object, or of the error in it.
enum class member { batch_id, batch_index, batch_data, client_id, eof, error, error_code, error_message, unknown };

member member_named(std::string_view key);

member error_member_named(std::string_view key);

/// Collects the members of a frame as they come, and decides what they make. Members that are unknown are ignored. The
/// functions that return a bool return false when the line is no frame.
class frame_members {
public:
  /// The name of a member has come.
  bool begin(member which);

  /// The value of a member has come.
  bool take(member which, bool x);
  bool take(member which, std::uint64_t x);
  bool take(member which, std::string x);
  /// A value that no member has.
  /// @param what for people, such as "a boolean"
  bool take_other(member which, const char* what);

  /// A string of `batch_data` has come: `cut` where it was cut out of the line, which must live on, or else `whole`.
  bool take_data(std::optional<std::string_view> cut, std::string whole);
  /// `batch_data` holds something else.
  bool take_no_data(const char* what);

  /// Says why the line is no frame; the first reason counts.
  bool refuse(std::string reason);

  /// All members have come.
  std::variant<frame, malformed_frame> finish();

private:
  bool has(member which) const;
  /// Why what has come is no frame although each member is right; nothing where it is one.
  std::optional<std::string> what_is_missing() const;

  unsigned seen_ = 0;
  std::string problem_;

  std::int64_t batch_id_ = 0;
  std::int64_t batch_index_ = 0;
  /// Refers to the line, or to `own_data_`.
  std::optional<std::string_view> data_;
  std::string own_data_;
  std::string client_id_;
  bool eof_ = false;
  std::optional<std::string> error_code_;
  std::optional<std::string> error_message_;
};

} // namespace dispatch::pull
