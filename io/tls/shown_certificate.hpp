#pragma once

#include <openssl/ssl.h>

#include <string>

#include "io/tls/handshake.hpp"

namespace dispatch::tls {

/// Puts into the report what is wrong with the certificate that the other side has shown in a handshake, where it has
/// shown one.
/// @param name what the certificate has to be for
void judge_certificate(SSL* handshake, const std::string& name, handshake_report& report);

/// The moment after which a certificate is not valid, where that has passed; else empty.
std::string expired_on(const X509* certificate);

} // namespace dispatch::tls
