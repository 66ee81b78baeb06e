#include "io/tls/handshake.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <poll.h>
#include <signal.h>

#include <array>
#include <cstddef>

#include "io/tls/bounded_socket.hpp"
#include "io/tls/openssl_ptr.hpp"
#include "io/tls/shown_certificate.hpp"

namespace dispatch::tls {

namespace {

/// OpenSSL writes to sockets in a way that raises SIGPIPE.
void hold_sigpipe() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

// -- the context ------------------------------------------------------------------------------------------------------

/// Notes that the other side has asked for a certificate, and whether it gets one that is out of date.
int note_wanted_certificate(SSL* ssl, void*) {
  auto& report = *static_cast<handshake_report*>(SSL_get_app_data(ssl));
  report.wants_certificate = true;
  if (const auto* own = SSL_get_certificate(ssl))
    report.own_expired_on = expired_on(own);
  return 1;
}

/// Notes that the other side has said something in TLS.
void note_message(int is_written, int, int content_type, const void*, std::size_t, SSL*, void* report) {
  if (is_written == 0 && (content_type == SSL3_RT_HANDSHAKE || content_type == SSL3_RT_ALERT))
    static_cast<handshake_report*>(report)->answers_in_tls = true;
}

void trust(SSL_CTX* context, const std::string& authorities) {
  if (authorities.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  const auto reader = reader_of(authorities);
  while (const certificate_ptr next{PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)})
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), next.get());
}

void show(SSL_CTX* context, const pem_texts& pem) {
  const auto certificates = reader_of(pem.certificate);
  if (const certificate_ptr own{PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr)})
    SSL_CTX_use_certificate(context, own.get());
  while (const certificate_ptr between{PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr)})
    SSL_CTX_add1_chain_cert(context, between.get());
  const auto key = reader_of(pem.key);
  if (const key_ptr own{PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr)})
    SSL_CTX_use_PrivateKey(context, own.get());
}

ssl_context_ptr make_context(const pem_texts& pem) {
  ssl_context_ptr context{SSL_CTX_new(TLS_client_method())};
  if (context == nullptr)
    return nullptr;
  // As gRPC does: an authority need not be a root.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context.get()), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  trust(context.get(), pem.authorities);
  if (!pem.certificate.empty())
    show(context.get(), pem);
  SSL_CTX_set_cert_cb(context.get(), note_wanted_certificate, nullptr);
  constexpr std::array<unsigned char, 3> http2{2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), http2.data(), http2.size());
  ERR_clear_error();
  return context;
}

// -- what it shows ----------------------------------------------------------------------------------------------------

/// OpenSSL 3.0 has no words for an alert that came with TLS 1.3.
std::string alert_text(int alert) {
  return alert == TLS13_AD_CERTIFICATE_REQUIRED ? "certificate required" : SSL_alert_desc_string_long(alert);
}

/// What OpenSSL has to say of an operation that has failed.
void judge_failure(SSL* ssl, int result, handshake_report& report) {
  const auto kind = SSL_get_error(ssl, result);
  const auto reason = ERR_GET_REASON(ERR_peek_error());
  if (kind == SSL_ERROR_SSL && reason > SSL_AD_REASON_OFFSET) {
    report.refused = true;
    report.refusal = alert_text(reason - SSL_AD_REASON_OFFSET);
  } else if (kind == SSL_ERROR_SSL && (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST)) {
    report.answers_otherwise = true;
  } else if (kind == SSL_ERROR_SSL && reason != SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    if (const auto* words = ERR_reason_error_string(ERR_peek_error()))
      report.failure = words;
  } else {
    report.refused = report.answers_in_tls;
  }
  ERR_clear_error();
}

/// Runs an operation of OpenSSL's until it is done or the time is over. Returns whether it has succeeded.
template <class Operation>
bool complete(SSL* ssl, bounded_socket& socket, handshake_report& report, Operation operation) {
  for (;;) {
    ERR_clear_error();
    const auto result = operation();
    if (result > 0)
      return true;
    const auto kind = SSL_get_error(ssl, result);
    if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE) {
      judge_failure(ssl, result, report);
      return false;
    }
    if (!socket.wait_for(kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT))
      return false;
  }
}

} // namespace

handshake_report make_handshake(const handshake_request& request) {
  handshake_report report;
  hold_sigpipe();
  bounded_socket socket{request.address, request.timeout, request.stop_descriptor};
  const auto context = make_context(request.pem);
  const ssl_ptr ssl{context != nullptr ? SSL_new(context.get()) : nullptr};
  if (!socket.is_connected() || ssl == nullptr || SSL_set_fd(ssl.get(), socket.descriptor()) != 1)
    return report;
  SSL_set_app_data(ssl.get(), &report);
  SSL_set_msg_callback(ssl.get(), note_message);
  SSL_set_msg_callback_arg(ssl.get(), &report);
  if (!is_ip_address(request.name))
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(request.name.c_str()));
  report.completed = complete(ssl.get(), socket, report, [&] { return SSL_connect(ssl.get()); });
  judge_certificate(ssl.get(), request.name, report);
  if (!report.completed)
    return report;
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl.get(), &protocol, &size);
  report.offers_http2 = size > 0;
  // A server of TLS 1.3 refuses a client's certificate after the client's side of the handshake is done.
  std::array<char, 1> byte{};
  complete(ssl.get(), socket, report, [&] { return SSL_read(ssl.get(), byte.data(), static_cast<int>(byte.size())); });
  return report;
}

} // namespace dispatch::tls
