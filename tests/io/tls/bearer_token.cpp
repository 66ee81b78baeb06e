#define CAF_SUITE bearer_token

#include "io/tls/bearer_token.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/support/temporary_folder.hpp"

using namespace dispatch::tls;
using namespace std::chrono_literals;

namespace {

/// What is wrong with a file's content.
std::string problem_of(const std::string& content) {
  try {
    token_in(content);
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "nothing";
}

std::string error_of(const file_option& file) {
  try {
    bearer_token{file};
  } catch (const file_error& problem) {
    return problem.what();
  }
  return "nothing";
}

} // namespace

CAF_TEST(a token is what the file holds without blanks around it) {
  for (const std::string content : {"abc.DEF-123_~+/=", "abc.DEF-123_~+/=\n", "\r\n abc.DEF-123_~+/=\t \r\n\n"})
    CAF_CHECK_EQUAL(token_in(content), "abc.DEF-123_~+/=");
}

CAF_TEST(what does not belong in a header is named by its place and not shown) {
  CAF_CHECK_EQUAL(problem_of("secret\nsecond line\n"), "whose byte 7 does not belong in a token");
  CAF_CHECK_EQUAL(problem_of("Bearer secret"), "whose byte 7 does not belong in a token");
  CAF_CHECK_EQUAL(problem_of("secret\xc3\xa4"), "whose byte 7 does not belong in a token");
  CAF_CHECK_EQUAL(problem_of(std::string{"\0", 1}), "whose byte 1 does not belong in a token");
  CAF_CHECK_EQUAL(problem_of(""), "which is empty");
  CAF_CHECK_EQUAL(problem_of(" \r\n"), "which is empty");
}

CAF_TEST(a file that cannot be used is one line that names it) {
  const dispatch::test::temporary_folder folder;
  const auto expected = [](const std::string& path, const std::string& why) {
    return "--upstream-token-file: got '" + path + "', " + why + "; it takes a file with a token, and nothing else";
  };
  const auto none = folder.at("none");
  CAF_CHECK_EQUAL(error_of({"--upstream-token-file", none}),
                  expected(none, "which cannot be read (No such file or directory)"));
  const auto directory = folder.path().string();
  CAF_CHECK_EQUAL(error_of({"--upstream-token-file", directory}), expected(directory, "which is not a file"));
  const auto two = folder.write("two", "a b");
  CAF_CHECK_EQUAL(error_of({"--upstream-token-file", two}), expected(two, "whose byte 2 does not belong in a token"));
  const auto large = folder.write("large", std::string((1 << 20) + 1, 'a'));
  CAF_CHECK_EQUAL(error_of({"--upstream-token-file", large}), expected(large, "which is larger than 1 MiB"));
}

CAF_TEST(a token that was renewed is taken after a while) {
  const dispatch::test::temporary_folder folder;
  const auto path = folder.write("token", "first\n");
  bearer_token token{{"--upstream-token-file", path}};
  const auto began = bearer_token::clock::now();
  folder.write("token", "second\n");
  CAF_CHECK_EQUAL(token.current(began), "first");
  CAF_CHECK_EQUAL(token.current(began + bearer_token::read_again_after), "second");
}

CAF_TEST(a token stays as it was while its file cannot be used) {
  const dispatch::test::temporary_folder folder;
  const auto path = folder.write("token", "first");
  bearer_token token{{"--upstream-token-file", path}};
  const auto began = bearer_token::clock::now();
  std::filesystem::remove(path);
  CAF_CHECK_EQUAL(token.current(began + bearer_token::read_again_after), "first");
  folder.write("token", "");
  CAF_CHECK_EQUAL(token.current(began + 2 * bearer_token::read_again_after), "first");
  folder.write("token", "third");
  CAF_CHECK_EQUAL(token.current(began + 3 * bearer_token::read_again_after), "third");
}
