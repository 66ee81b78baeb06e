#pragma once

#include <httplib.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "io/admin/json_text.hpp"
#include "io/host_port.hpp"

namespace dispatch {

/// A dispatcher has not answered, or has refused. what() is one line that says why.
class no_answer : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// What is wrong with the address of a dispatcher to ask, behind the option's name; nothing where it can be asked.
std::optional<std::string> admin_address_problem(const std::string& address);

/// Asks one dispatcher that runs, at its admin endpoint.
class admin_client {
public:
  /// @param address as the dispatcher's own option has it: an empty host means this machine
  explicit admin_client(const std::string& address);

  /// The body of a path. @throws no_answer
  std::string get(const std::string& path);

  /// The same as JSON. @throws no_answer
  admin::json get_json(const std::string& path);

  /// Has something changed. @throws no_answer
  admin::json put(const std::string& path);
  void remove(const std::string& path);

private:
  std::string body_of(const httplib::Result& answer, const std::string& path) const;
  admin::json parsed(const std::string& body, const std::string& path) const;

  io::host_port address_;
  httplib::Client client_;
};

} // namespace dispatch
