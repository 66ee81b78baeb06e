#pragma once

#include <chrono>
#include <string>

#include "io/tls/pem_files.hpp"

namespace dispatch::tls {

/// What is wrong with the certificate that the other side has shown.
enum class certificate_fault { none, expired, not_yet_valid, unknown_authority, other_name, other };

/// What one handshake has shown.
struct handshake_report {
  /// The other side has answered, in TLS or in something else.
  bool answers_in_tls = false;
  bool answers_otherwise = false;
  /// Whether it has asked for a certificate.
  bool wants_certificate = false;
  /// Until when the certificate was valid that it was shown; empty where that is still valid, or where there is none.
  std::string own_expired_on;
  /// Both sides were content with the handshake, as far as a client of TLS 1.3 can tell.
  bool completed = false;
  /// Whether it takes HTTP/2.
  bool offers_http2 = false;
  /// It has ended the connection, for the reason that it gave, such as "unknown CA"; it may give none.
  bool refused = false;
  std::string refusal;
  certificate_fault fault = certificate_fault::none;
  /// With the fault: since or until when, for which names, or OpenSSL's words.
  std::string fault_detail;
  /// OpenSSL's words where the handshake has failed here.
  std::string failure;
};

struct handshake_request {
  /// `ipv4:HOST:PORT`, `ipv6:[HOST]:PORT` or `unix:PATH`.
  std::string address;
  /// The name that the certificate has to be for.
  std::string name;
  /// Without authorities, those of the system count.
  pem_texts pem;
  std::chrono::milliseconds timeout{1500};
  /// Readable as soon as the handshake is to be given up.
  int stop_descriptor = -1;
};

/// Connects, makes one handshake as gRPC does, listens for a moment whether the other side is content with it, and
/// disconnects. Blocks for the timeout at most. Does not throw for what the network does: the report says how far it
/// got.
handshake_report make_handshake(const handshake_request& request);

} // namespace dispatch::tls
