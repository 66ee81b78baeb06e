#include "io/tls/bearer_token.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace dispatch::tls {

namespace {

constexpr const char* takes_token = "a file with a token, and nothing else";

constexpr const char* blanks = " \t\r\n";

bool belongs_in_a_header(char c) {
  return c > ' ' && c <= '~';
}

} // namespace

std::string token_in(const std::string& content) {
  const auto first = content.find_first_not_of(blanks);
  if (first == std::string::npos)
    throw std::invalid_argument("which is empty");
  auto token = content.substr(first, content.find_last_not_of(blanks) + 1 - first);
  const auto odd = std::find_if_not(token.begin(), token.end(), belongs_in_a_header);
  if (odd != token.end())
    throw std::invalid_argument("whose byte "
                                + std::to_string(first + static_cast<std::size_t>(odd - token.begin()) + 1)
                                + " does not belong in a token");
  return token;
}

bearer_token::bearer_token(file_option file) : file_(std::move(file)), token_(read()), read_at_(clock::now()) {}

std::string bearer_token::current(clock::time_point now) {
  const std::lock_guard guard{mutex_};
  if (now - read_at_ >= read_again_after) {
    read_at_ = now;
    try {
      token_ = read();
    } catch (const file_error&) {
      // The next channel says so. This one goes on with what it has.
    }
  }
  return token_;
}

std::string bearer_token::read() const {
  const auto content = read_file(file_, takes_token);
  try {
    return token_in(content);
  } catch (const std::invalid_argument& problem) {
    throw file_error(file_.option + ": got '" + file_.path + "', " + problem.what() + "; it takes " + takes_token);
  }
}

} // namespace dispatch::tls
