#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace dispatch::pull {

/// SHA-256 of all samples of a pass, in their order.
class sample_digest {
public:
  sample_digest();
  ~sample_digest();
  sample_digest(sample_digest&&) noexcept;
  sample_digest& operator=(sample_digest&&) noexcept;

  /// Adds the samples of one batch.
  void add(std::string_view samples);

  /// The digest of what was added so far, as 64 hexadecimal digits.
  std::string hex() const;

private:
  struct context;
  std::unique_ptr<context> context_;
};

} // namespace dispatch::pull
