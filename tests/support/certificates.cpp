#include "tests/support/certificates.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/support/process.hpp"

namespace dispatch::test {

namespace {

void openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const auto result = run_process(std::move(arguments), std::chrono::seconds{60});
  if (!result.status.exited_with(0))
    throw std::runtime_error("openssl: " + result.status.text() + ": " + result.err);
}

/// How `openssl req` makes a key: fast, and without a passphrase.
std::vector<std::string> request_with_key(const std::string& key, const std::string& subject) {
  return {"req",    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
          "-nodes", "-keyout", key,  "-subj",    "/CN=" + subject};
}

} // namespace

certificate_authority::certificate_authority() : own_{folder_.at("authority.pem"), folder_.at("authority.key")} {
  auto request = request_with_key(own_.key, "an authority");
  request.insert(request.end(), {"-x509", "-days", "1", "-out", own_.certificate});
  openssl(std::move(request));
}

certificate_files certificate_authority::issue(const std::string& name, const std::string& alternative_names,
                                               validity days) const {
  const certificate_files result{folder_.at(name + ".pem"), folder_.at(name + ".key")};
  const auto wanted = folder_.at(name + ".csr");
  auto request = request_with_key(result.key, name);
  request.insert(request.end(), {"-out", wanted});
  openssl(std::move(request));
  openssl({"x509", "-req", "-in", wanted, "-CA", own_.certificate, "-CAkey", own_.key, "-CAcreateserial", "-days",
           std::to_string(days), "-out", result.certificate, "-extfile",
           folder_.write(name + ".ext", "subjectAltName=" + alternative_names + "\n")});
  return result;
}

} // namespace dispatch::test
