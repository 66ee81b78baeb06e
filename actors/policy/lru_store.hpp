#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace dispatch::policy {

/// Keeps values up to a number of bytes; those that were not used for longest go first.
///
/// @tparam Key names a value
/// @tparam Value is copied out by reference, so usually a pointer
template <class Key, class Value, class Hash = std::hash<Key>>
class lru_store {
public:
  /// What has made room for something else.
  struct eviction {
    std::uint64_t values = 0;
    std::uint64_t bytes = 0;
  };

  /// @param capacity in bytes; 0 keeps nothing
  explicit lru_store(std::size_t capacity) : capacity_(capacity) {}

  /// The value of `key`, which then counts as used; null where there is none. Valid until the next call that is not
  /// const.
  const Value* find(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end())
      return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->value;
  }

  /// Keeps `value`, which counts as used, in the place of one of the same key; others go until all fits. One that does
  /// not fit at all is not kept, and costs no other its place.
  eviction insert(const Key& key, Value value, std::size_t bytes) {
    erase(key);
    if (bytes > room())
      return {};
    const auto evicted = make_room(bytes);
    entries_.push_front(entry{key, std::move(value), bytes});
    index_.emplace(key, entries_.begin());
    bytes_ += bytes;
    return evicted;
  }

  /// From now on so many bytes of the capacity are taken by something else; values go until the others fit.
  eviction reserve(std::size_t bytes) {
    reserved_ = bytes;
    return make_room(0);
  }

  /// Drops what `is_outdated(key)` says; not counted as evicted.
  template <class Predicate>
  void erase_if(Predicate is_outdated) {
    for (auto i = entries_.begin(); i != entries_.end();) {
      const auto& candidate = *i++;
      if (is_outdated(candidate.key))
        erase(Key{candidate.key});
    }
  }

  std::size_t size() const noexcept { return index_.size(); }

  std::size_t bytes() const noexcept { return bytes_; }

  std::size_t capacity() const noexcept { return capacity_; }

private:
  struct entry {
    Key key;
    Value value;
    std::size_t bytes;
  };

  /// Bytes that values may take.
  std::size_t room() const noexcept { return capacity_ - std::min(reserved_, capacity_); }

  eviction make_room(std::size_t bytes) {
    eviction evicted;
    while (bytes_ > 0 && bytes_ + bytes > room()) {
      ++evicted.values;
      evicted.bytes += entries_.back().bytes;
      erase(Key{entries_.back().key});
    }
    return evicted;
  }

  void erase(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end())
      return;
    bytes_ -= found->second->bytes;
    entries_.erase(found->second);
    index_.erase(found);
  }

  std::size_t capacity_;
  std::size_t reserved_ = 0;
  std::size_t bytes_ = 0;
  /// Most recently used first.
  std::list<entry> entries_;
  std::unordered_map<Key, typename std::list<entry>::iterator, Hash> index_;
};

} // namespace dispatch::policy
