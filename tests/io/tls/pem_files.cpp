#define CAF_SUITE pem_files

#include "io/tls/pem_files.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

#include "tests/support/certificates.hpp"

using namespace dispatch::tls;
using dispatch::test::certificate_authority;

namespace {

pem_files files(const std::string& authorities, const std::string& certificate, const std::string& key) {
  return {{"--upstream-ca", authorities}, {"--upstream-cert", certificate}, {"--upstream-key", key}};
}

std::string error_of(const pem_files& given) {
  try {
    read_pem_files(given);
  } catch (const file_error& problem) {
    return problem.what();
  }
  return "nothing";
}

} // namespace

CAF_TEST(files are read whole and each may be left out) {
  const certificate_authority authority;
  const auto [certificate, key] = authority.issue("client");
  const auto all = read_pem_files(files(authority.certificate(), certificate, key));
  CAF_CHECK(all.authorities.find("BEGIN CERTIFICATE") != std::string::npos);
  CAF_CHECK(all.certificate.find("BEGIN CERTIFICATE") != std::string::npos);
  CAF_CHECK(all.key.find("PRIVATE KEY") != std::string::npos);
  const auto none = read_pem_files(files("", "", ""));
  CAF_CHECK(none.authorities.empty() && none.certificate.empty() && none.key.empty());
}

CAF_TEST(a file that is not what its option takes is one line that names both) {
  const certificate_authority authority;
  const auto [certificate, key] = authority.issue("client");
  const auto other_key = authority.issue("other").key;
  const auto text = authority.write("text", "not PEM\n");
  const std::string certificates = "; it takes a file with certificates in PEM form";
  const std::string a_key = "; it takes a file with a private key in PEM form, without a passphrase";
  CAF_CHECK_EQUAL(error_of(files("/none", "", "")),
                  "--upstream-ca: got '/none', which cannot be read (No such file or directory)" + certificates);
  CAF_CHECK_EQUAL(error_of(files("/", "", "")), "--upstream-ca: got '/', which is not a file" + certificates);
  CAF_CHECK_EQUAL(error_of(files(text, "", "")),
                  "--upstream-ca: got '" + text + "', which does not begin with a certificate" + certificates);
  CAF_CHECK_EQUAL(error_of(files("", key, key)),
                  "--upstream-cert: got '" + key + "', which does not begin with a certificate" + certificates);
  CAF_CHECK_EQUAL(error_of(files("", certificate, certificate)),
                  "--upstream-key: got '" + certificate + "', which has no private key, or one with a passphrase"
                    + a_key);
  CAF_CHECK_EQUAL(error_of(files("", certificate, other_key)), "--upstream-key: got '" + other_key
                                                                 + "', which is the key of another certificate than '"
                                                                 + certificate + "'" + a_key);
}

CAF_TEST(no passphrase of a key is asked for) {
  const certificate_authority authority;
  const auto [certificate, key] = authority.issue("client");
  // What a key with a passphrase looks like from the outside.
  const auto locked = authority.write("locked.key", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                                                    "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                                                    "AAAAAAAAAAAAAAAAAAAAAA==\n-----END RSA PRIVATE KEY-----\n");
  CAF_CHECK_EQUAL(error_of(files("", certificate, locked)),
                  "--upstream-key: got '" + locked
                    + "', which has no private key, or one with a passphrase; it takes a file with a private key in "
                      "PEM form, without a passphrase");
}
