#pragma once

#include <string>

#include "tests/support/temporary_folder.hpp"

namespace dispatch::test {

/// A certificate and its key, as paths of files.
struct certificate_files {
  std::string certificate;
  std::string key;
};

/// An authority that issues certificates, which last as long as this object.
class certificate_authority {
public:
  /// How long a certificate is valid from now on, in days.
  enum validity : int { one_day = 1, none_any_more = -1 };

  certificate_authority();

  /// The authority's own certificate.
  const std::string& certificate() const { return own_.certificate; }

  /// Issues a certificate.
  /// @param name of its files; one of the same name is replaced
  /// @param alternative_names what it is for, such as `DNS:localhost,IP:127.0.0.1`
  certificate_files issue(const std::string& name, const std::string& alternative_names = "DNS:localhost,IP:127.0.0.1",
                          validity days = one_day) const;

  /// A file in the same folder.
  std::string write(const std::string& name, const std::string& content) const { return folder_.write(name, content); }

private:
  temporary_folder folder_;
  certificate_files own_;
};

} // namespace dispatch::test
