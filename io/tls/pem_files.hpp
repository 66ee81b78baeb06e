#pragma once

#include <stdexcept>
#include <string>

namespace dispatch::tls {

/// A file, and the option that names it. An empty path: the option was not given.
struct file_option {
  std::string option;
  std::string path;
};

/// The files that TLS is configured with.
struct pem_files {
  /// Certificates of the authorities that the other side's certificate has to come from.
  file_option authorities;
  /// The own certificate, followed by those between it and its authority.
  file_option certificate;
  file_option key;
};

/// What is in them; empty where the option was not given.
struct pem_texts {
  std::string authorities;
  std::string certificate;
  std::string key;
};

/// A file that cannot be used. what() is one line that names the option and the file.
class file_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Reads a small regular file whole.
/// @param takes what the option takes, for the error line
/// @throws file_error
std::string read_file(const file_option& file, const std::string& takes);

/// Reads the files and checks that OpenSSL can use them: certificates are there, and the key is the certificate's.
/// @throws file_error
pem_texts read_pem_files(const pem_files& files);

} // namespace dispatch::tls
