#pragma once

#include <string>

#include "io/tls/handshake.hpp"

namespace dispatch::tls {

/// How a channel speaks to its upstream.
struct channel_manner {
  bool is_tls = false;
  /// The name that the upstream's certificate has to be for.
  std::string name;
  /// Where `is_tls`: what it was configured with.
  pem_files files;
};

/// Why a channel of this manner fails to connect where a handshake shows this, and the way out: one sentence. Empty
/// where the handshake shows no reason.
std::string trouble_of(const handshake_report& shown, const channel_manner& manner);

} // namespace dispatch::tls
