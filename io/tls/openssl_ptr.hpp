#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace dispatch::tls {

/// Frees an object of OpenSSL's with the function that OpenSSL has for its type.
template <auto Free>
struct openssl_free {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using bio_ptr = std::unique_ptr<BIO, openssl_free<BIO_free>>;
using certificate_ptr = std::unique_ptr<X509, openssl_free<X509_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, openssl_free<EVP_PKEY_free>>;
using names_ptr = std::unique_ptr<GENERAL_NAMES, openssl_free<GENERAL_NAMES_free>>;
using ssl_ptr = std::unique_ptr<SSL, openssl_free<SSL_free>>;
using ssl_context_ptr = std::unique_ptr<SSL_CTX, openssl_free<SSL_CTX_free>>;

/// The text as something that OpenSSL reads from. The text must live longer.
inline bio_ptr reader_of(const std::string& text) {
  return bio_ptr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

} // namespace dispatch::tls
