#include "apps/pull/sample_digest.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace dispatch::pull {

namespace {

struct free_context {
  void operator()(EVP_MD_CTX* x) const { EVP_MD_CTX_free(x); }
};

void require(int result) {
  if (result != 1)
    throw std::runtime_error{"the system's OpenSSL cannot compute SHA-256"};
}

} // namespace

struct sample_digest::context {
  std::unique_ptr<EVP_MD_CTX, free_context> md{EVP_MD_CTX_new()};
};

sample_digest::sample_digest() : context_(std::make_unique<context>()) {
  require(EVP_DigestInit_ex(context_->md.get(), EVP_sha256(), nullptr));
}

sample_digest::~sample_digest() = default;
sample_digest::sample_digest(sample_digest&&) noexcept = default;
sample_digest& sample_digest::operator=(sample_digest&&) noexcept = default;

void sample_digest::add(std::string_view samples) {
  require(EVP_DigestUpdate(context_->md.get(), samples.data(), samples.size()));
}

std::string sample_digest::hex() const {
  context copy;
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  require(EVP_MD_CTX_copy_ex(copy.md.get(), context_->md.get()));
  require(EVP_DigestFinal_ex(copy.md.get(), bytes, &size));
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (unsigned i = 0; i < size; ++i)
    result.append(1, digits[bytes[i] >> 4]).append(1, digits[bytes[i] & 15]);
  return result;
}

} // namespace dispatch::pull
