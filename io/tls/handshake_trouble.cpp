#include "io/tls/handshake_trouble.hpp"

namespace dispatch::tls {

namespace {

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

std::string certificate_trouble(const handshake_report& shown, const channel_manner& manner) {
  const auto& authorities = manner.files.authorities.path;
  switch (shown.fault) {
  case certificate_fault::none:
    return {};
  case certificate_fault::expired:
    return "the upstream's certificate expired on " + shown.fault_detail + ": it has to be renewed there";
  case certificate_fault::not_yet_valid:
    return "the upstream's certificate is not valid before " + shown.fault_detail + ": is one of the clocks wrong?";
  case certificate_fault::unknown_authority:
    return "the upstream's certificate is from an authority that "
           + (authorities.empty() ? "this system does not know" : "is not in " + quoted(authorities))
           + ": --upstream-ca takes the certificate of that authority";
  case certificate_fault::other_name:
    return "the upstream's certificate is not for " + quoted(manner.name) + " but for " + shown.fault_detail
           + ": --upstream-authority takes the name to expect";
  case certificate_fault::other:
    return "the upstream's certificate is not accepted: " + shown.fault_detail;
  }
  return {};
}

std::string refusal_trouble(const handshake_report& shown, const channel_manner& manner) {
  const auto reason = shown.refusal.empty() ? std::string{} : " (" + shown.refusal + ")";
  const auto& own = manner.files.certificate.path;
  if (!shown.own_expired_on.empty())
    return "the upstream refuses the certificate in " + quoted(own) + ", which expired on " + shown.own_expired_on
           + ": a new one in that file is taken with the next connection";
  if (!shown.wants_certificate)
    return shown.refusal.empty() ? "" : "the upstream refuses the TLS handshake: " + shown.refusal;
  if (own.empty())
    return "the upstream wants a certificate of its client" + reason + ": --upstream-cert and --upstream-key take one";
  return "the upstream refuses the certificate in " + quoted(own) + reason
         + ": --upstream-cert takes one from an authority that the upstream trusts";
}

} // namespace

std::string trouble_of(const handshake_report& shown, const channel_manner& manner) {
  if (!manner.is_tls)
    return shown.answers_in_tls ? "the upstream speaks TLS and is spoken to in plain text: --upstream-tls speaks TLS"
                                : "";
  if (shown.answers_otherwise)
    return "the upstream does not speak TLS: without --upstream-tls it is spoken to in plain text";
  if (auto fault = certificate_trouble(shown, manner); !fault.empty())
    return fault;
  if (shown.refused)
    return refusal_trouble(shown, manner);
  if (!shown.failure.empty())
    return "the TLS handshake with the upstream fails: " + shown.failure;
  if (shown.completed && !shown.offers_http2)
    return "the upstream does not offer HTTP/2 over TLS (ALPN h2), so it is no gRPC service";
  return {};
}

} // namespace dispatch::tls
