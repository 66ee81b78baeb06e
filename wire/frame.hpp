#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace dispatch {

/// Allocates one object with room for bytes behind it, for `std::allocate_shared`: what that makes of the object (with
/// its reference counts) and the bytes share one block.
template <class T>
class allocator_with_room {
public:
  using value_type = T;

  /// @param bytes the size of the room, which nothing initialises
  /// @param room where to put the room's begin as soon as there is one
  allocator_with_room(std::size_t bytes, char*& room) noexcept : bytes_(bytes), room_(&room) {}

  template <class U>
  allocator_with_room(const allocator_with_room<U>& other) noexcept : bytes_(other.bytes_),
                                                                      room_(other.room_) {}

  T* allocate(std::size_t count) {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    auto* block = ::operator new(count * sizeof(T) + bytes_);
    *room_ = static_cast<char*>(block) + count * sizeof(T);
    return static_cast<T*>(block);
  }

  void deallocate(T* block, std::size_t) noexcept { ::operator delete(block); }

  template <class U>
  bool operator==(const allocator_with_room<U>&) const noexcept {
    return true;
  }

  template <class U>
  bool operator!=(const allocator_with_room<U>&) const noexcept {
    return false;
  }

private:
  template <class U>
  friend class allocator_with_room;

  std::size_t bytes_;
  char** room_; // valid until allocate_shared returns
};

/// One encoded batch: the part of a JSON line that is the same for every client. Immutable as a `frame_ptr`, and shared
/// by all who send it; what differs between clients follows it as a tail (see `classic_codec.hpp`). It lies in one
/// block of memory with its bytes and its reference counts.
class frame {
  /// Lets `make` alone construct frames, through `std::allocate_shared`.
  struct key {};

public:
  /// Makes a frame and writes its bytes where they will stay.
  /// @param index the batch's index, from 0
  /// @param marked_last whether the dataset service called the batch its last
  /// @param payload_bytes how many bytes of samples are in it
  /// @param encoded_bytes the size of the encoded part, from `{` to the end of `batch_data`
  /// @param write is called with a `char*` and writes all of the encoded part there
  template <class Write>
  static std::shared_ptr<frame> make(std::int32_t index, bool marked_last, std::size_t payload_bytes,
                                     std::size_t encoded_bytes, Write write) {
    char* room = nullptr;
    auto made = std::allocate_shared<frame>(allocator_with_room<frame>{encoded_bytes, room}, key{}, index, marked_last,
                                            payload_bytes, encoded_bytes, room);
    write(room);
    return made;
  }

  /// @param room is set by the time that this runs; hence a reference
  frame(key, std::int32_t index, bool marked_last, std::size_t payload_bytes, std::size_t encoded_bytes,
        char* const& room)
    : index_(index),
      marked_last_(marked_last),
      payload_bytes_(payload_bytes),
      encoded_(room, encoded_bytes) {}

  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  std::int32_t index() const noexcept { return index_; }

  bool marked_last() const noexcept { return marked_last_; }

  std::size_t payload_bytes() const noexcept { return payload_bytes_; }

  std::string_view encoded() const noexcept { return encoded_; }

  /// How long it took to encode; zero where nobody has measured it.
  std::chrono::steady_clock::duration encoding_time() const noexcept { return encoding_time_; }

  /// For who has encoded it, before anybody else has it.
  void encoding_took(std::chrono::steady_clock::duration time) noexcept { encoding_time_ = time; }

private:
  std::int32_t index_;
  bool marked_last_;
  std::size_t payload_bytes_;
  std::string_view encoded_;
  std::chrono::steady_clock::duration encoding_time_{};
};

using frame_ptr = std::shared_ptr<const frame>;

/// The end of a JSON line, with what belongs to one client. Two of them serve a whole stream.
using frame_tail_ptr = std::shared_ptr<const std::string>;

} // namespace dispatch
