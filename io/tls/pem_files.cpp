#include "io/tls/pem_files.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "io/tls/openssl_ptr.hpp"

namespace dispatch::tls {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_file = 1 << 20;

constexpr const char* takes_certificates = "a file with certificates in PEM form";
constexpr const char* takes_key = "a file with a private key in PEM form, without a passphrase";

[[noreturn]] void refuse(const file_option& file, const std::string& why, const std::string& takes) {
  throw file_error(file.option + ": got '" + file.path + "', " + why + "; it takes " + takes);
}

/// Does not ask the terminal for the passphrase of a key.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

certificate_ptr first_certificate(const std::string& pem) {
  const auto reader = reader_of(pem);
  certificate_ptr result{PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr)};
  ERR_clear_error();
  return result;
}

key_ptr private_key(const std::string& pem) {
  const auto reader = reader_of(pem);
  key_ptr result{PEM_read_bio_PrivateKey(reader.get(), nullptr, no_passphrase, nullptr)};
  ERR_clear_error();
  return result;
}

std::string read_certificates(const file_option& file) {
  if (file.path.empty())
    return {};
  auto pem = read_file(file, takes_certificates);
  if (first_certificate(pem) == nullptr)
    refuse(file, "which does not begin with a certificate", takes_certificates);
  return pem;
}

std::string read_key(const pem_files& files, const std::string& certificate) {
  if (files.key.path.empty())
    return {};
  auto pem = read_file(files.key, takes_key);
  const auto key = private_key(pem);
  if (key == nullptr)
    refuse(files.key, "which has no private key, or one with a passphrase", takes_key);
  const auto fits = X509_check_private_key(first_certificate(certificate).get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits)
    refuse(files.key, "which is the key of another certificate than '" + files.certificate.path + "'", takes_key);
  return pem;
}

} // namespace

std::string read_file(const file_option& file, const std::string& takes) {
  std::error_code problem;
  const auto found = fs::status(file.path, problem);
  if (!fs::exists(found))
    refuse(file, "which cannot be read (" + problem.message() + ")", takes);
  if (!fs::is_regular_file(found))
    refuse(file, "which is not a file", takes);
  errno = 0;
  std::ifstream in{file.path, std::ios::binary};
  if (!in)
    refuse(file, "which cannot be read (" + std::generic_category().message(errno) + ")", takes);
  std::string content(largest_file + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (in.bad())
    refuse(file, "which cannot be read to its end", takes);
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (content.size() > largest_file)
    refuse(file, "which is larger than 1 MiB", takes);
  return content;
}

pem_texts read_pem_files(const pem_files& files) {
  pem_texts result;
  result.authorities = read_certificates(files.authorities);
  result.certificate = read_certificates(files.certificate);
  result.key = read_key(files, result.certificate);
  return result;
}

} // namespace dispatch::tls
