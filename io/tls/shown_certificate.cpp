#include "io/tls/shown_certificate.hpp"

#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <array>
#include <cstddef>
#include <utility>

#include "io/tls/openssl_ptr.hpp"

namespace dispatch::tls {

namespace {

std::string text_of(const ASN1_TIME* moment) {
  const bio_ptr text{BIO_new(BIO_s_mem())};
  ASN1_TIME_print(text.get(), moment);
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string text_of(const GENERAL_NAME& name) {
  if (name.type == GEN_DNS)
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(name.d.dNSName)),
            static_cast<std::size_t>(ASN1_STRING_length(name.d.dNSName))};
  if (name.type != GEN_IPADD)
    return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto family = ASN1_STRING_length(name.d.iPAddress) == 4 ? AF_INET : AF_INET6;
  ::inet_ntop(family, ASN1_STRING_get0_data(name.d.iPAddress), text.data(), text.size());
  return text.data();
}

/// The names that a certificate is for, or that it has none.
std::string names_in(const X509* certificate) {
  const names_ptr names{
    static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  std::string result;
  for (auto i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i)
    if (const auto name = text_of(*sk_GENERAL_NAME_value(names.get(), i)); !name.empty())
      result += (result.empty() ? "" : ", ") + name;
  return result.empty() ? "no name" : result;
}

bool is_for(X509* certificate, const std::string& name) {
  return X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1
         || X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
}

} // namespace

void judge_certificate(SSL* ssl, const std::string& name, handshake_report& report) {
  const certificate_ptr shown{SSL_get1_peer_certificate(ssl)};
  if (shown == nullptr)
    return;
  const auto found = [&report](certificate_fault fault, std::string detail) {
    report.fault = fault;
    report.fault_detail = std::move(detail);
  };
  switch (const auto result = SSL_get_verify_result(ssl)) {
  case X509_V_OK:
    if (!is_for(shown.get(), name))
      found(certificate_fault::other_name, names_in(shown.get()));
    return;
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return found(certificate_fault::expired, text_of(X509_get0_notAfter(shown.get())));
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return found(certificate_fault::not_yet_valid, text_of(X509_get0_notBefore(shown.get())));
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    return found(certificate_fault::unknown_authority, {});
  default:
    return found(certificate_fault::other, X509_verify_cert_error_string(result));
  }
}

std::string expired_on(const X509* certificate) {
  const auto* end = X509_get0_notAfter(certificate);
  return X509_cmp_current_time(end) < 0 ? text_of(end) : std::string{};
}

} // namespace dispatch::tls
