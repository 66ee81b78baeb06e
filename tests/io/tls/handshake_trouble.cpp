#define CAF_SUITE handshake_trouble

#include "io/tls/handshake_trouble.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using namespace dispatch::tls;

namespace {

const channel_manner plain{};

const channel_manner over_tls{true, "gpu1", {{"--upstream-ca", "ca.pem"}, {}, {}}};

const channel_manner with_certificate{
  true, "gpu1", {{}, {"--upstream-cert", "own.pem"}, {"--upstream-key", "own.key"}}};

/// A handshake that went well.
handshake_report good() {
  handshake_report report;
  report.answers_in_tls = true;
  report.completed = true;
  report.offers_http2 = true;
  return report;
}

template <class Change>
std::string trouble_after(Change change, const channel_manner& manner = over_tls) {
  auto report = good();
  change(report);
  return trouble_of(report, manner);
}

std::string trouble_of_fault(certificate_fault fault, const std::string& detail,
                             const channel_manner& manner = over_tls) {
  return trouble_after(
    [&](handshake_report& x) {
      x.fault = fault;
      x.fault_detail = detail;
    },
    manner);
}

std::string trouble_of_refusal(bool wants_certificate, const std::string& refusal, const channel_manner& manner) {
  return trouble_after(
    [&](handshake_report& x) {
      x.wants_certificate = wants_certificate;
      x.refused = true;
      x.refusal = refusal;
    },
    manner);
}

} // namespace

CAF_TEST(a handshake that went well is no reason) {
  CAF_CHECK_EQUAL(trouble_of(good(), over_tls), "");
  CAF_CHECK_EQUAL(trouble_of(handshake_report{}, over_tls), "");
  CAF_CHECK_EQUAL(trouble_of(handshake_report{}, plain), "");
}

CAF_TEST(one side speaks TLS and the other does not ) {
  CAF_CHECK_EQUAL(trouble_of(good(), plain),
                  "the upstream speaks TLS and is spoken to in plain text: --upstream-tls speaks TLS");
  handshake_report otherwise;
  otherwise.answers_otherwise = true;
  CAF_CHECK_EQUAL(trouble_of(otherwise, over_tls),
                  "the upstream does not speak TLS: without --upstream-tls it is spoken to in plain text");
  CAF_CHECK_EQUAL(trouble_of(otherwise, plain), "");
}

CAF_TEST(a certificate that is not accepted) {
  CAF_CHECK_EQUAL(trouble_of_fault(certificate_fault::expired, "Nov 28 2026"),
                  "the upstream's certificate expired on Nov 28 2026: it has to be renewed there");
  CAF_CHECK_EQUAL(trouble_of_fault(certificate_fault::not_yet_valid, "Nov 28 2026"),
                  "the upstream's certificate is not valid before Nov 28 2026: is one of the clocks wrong?");
  CAF_CHECK_EQUAL(trouble_of_fault(certificate_fault::unknown_authority, ""),
                  "the upstream's certificate is from an authority that is not in 'ca.pem': --upstream-ca takes the "
                  "certificate of that authority");
  CAF_CHECK_EQUAL(trouble_of_fault(certificate_fault::unknown_authority, "", with_certificate),
                  "the upstream's certificate is from an authority that this system does not know: --upstream-ca takes "
                  "the certificate of that authority");
  CAF_CHECK_EQUAL(trouble_of_fault(certificate_fault::other_name, "gpu2, 10.0.0.2"),
                  "the upstream's certificate is not for 'gpu1' but for gpu2, 10.0.0.2: --upstream-authority takes the "
                  "name to expect");
  CAF_CHECK_EQUAL(trouble_of_fault(certificate_fault::other, "unsuitable certificate purpose"),
                  "the upstream's certificate is not accepted: unsuitable certificate purpose");
}

CAF_TEST(a certificate of the client is wanted or refused) {
  CAF_CHECK_EQUAL(trouble_of_refusal(true, "", over_tls),
                  "the upstream wants a certificate of its client: --upstream-cert and --upstream-key take one");
  CAF_CHECK_EQUAL(trouble_of_refusal(true, "certificate required", over_tls),
                  "the upstream wants a certificate of its client (certificate required): --upstream-cert and "
                  "--upstream-key take one");
  CAF_CHECK_EQUAL(trouble_of_refusal(true, "unknown CA", with_certificate),
                  "the upstream refuses the certificate in 'own.pem' (unknown CA): --upstream-cert takes one from an "
                  "authority that the upstream trusts");
  CAF_CHECK_EQUAL(trouble_after(
                    [](handshake_report& x) {
                      x.wants_certificate = true;
                      x.own_expired_on = "Nov 28 2026";
                      x.refused = true;
                    },
                    with_certificate),
                  "the upstream refuses the certificate in 'own.pem', which expired on Nov 28 2026: a new one in that "
                  "file is taken with the next connection");
}

CAF_TEST(other reasons are in the words of the other side or of OpenSSL) {
  CAF_CHECK_EQUAL(trouble_of_refusal(false, "protocol version", over_tls),
                  "the upstream refuses the TLS handshake: protocol version");
  CAF_CHECK_EQUAL(trouble_of_refusal(false, "", over_tls), "");
  CAF_CHECK_EQUAL(trouble_after([](handshake_report& x) { x.failure = "dh key too small"; }),
                  "the TLS handshake with the upstream fails: dh key too small");
  CAF_CHECK_EQUAL(trouble_after([](handshake_report& x) { x.offers_http2 = false; }),
                  "the upstream does not offer HTTP/2 over TLS (ALPN h2), so it is no gRPC service");
}
