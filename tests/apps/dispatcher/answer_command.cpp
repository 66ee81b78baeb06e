#define CAF_SUITE answer_command

#include "apps/dispatcher/answer_command.hpp"

#include <caf/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

#include "tests/apps/dispatcher/configuration_source.hpp"
#include "tests/support/contains.hpp"

using namespace dispatch;

namespace {

std::optional<early_exit> answer(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "dispatcher");
  return answer_command(static_cast<int>(arguments.size()), arguments.data());
}

} // namespace

CAF_TEST(order and cursor are answered) {
  CAF_CHECK_EQUAL(answer({"order", "--samples", "3", "--block", "2"})->text, "0 1\n");
  CAF_CHECK_EQUAL(answer({"order", "--samples", "3"})->exit_code, 2);
  CAF_CHECK_EQUAL(answer({"cursor", "make", "--dataset", "d", "--samples", "3", "--block", "2"})->text,
                  "cursor=1,order=1,dataset=d,samples=3,block=2,epoch=0,sample=0,check=7285c593\n");
  CAF_CHECK_EQUAL(answer({"cursor"})->exit_code, 2);
}

CAF_TEST(what is none of them is left to others) {
  CAF_CHECK(!answer({}));
  CAF_CHECK(!answer({"status"}));
  CAF_CHECK(!answer({"--window", "3"}));
  CAF_CHECK(!answer({"--window", "3", "order"}));
}

CAF_TEST(neither the environment nor a file changes an answer) {
  test::configuration_source source;
  for (const auto* name : {"BATCH_SIZE", "WINDOW", "EPOCH", "SEED", "SAMPLES", "SHARD", "STEP", "JSON", "SKIP"})
    source.environment(std::string{"DISPATCHER_"} + name, "1");
  source.environment("DISPATCHER_CONFIG", "/is/not/there");
  source.environment("DISPATCHER_CACHE_MB", "nonsense");
  CAF_CHECK_EQUAL(answer({"order", "--samples", "3", "--block", "2"})->text, "0 1\n");
}

CAF_TEST(the help of the program lists them) {
  test::configuration_source source;
  source.flags({"--help"});
  const auto got = source.read();
  const auto& leave = std::get<early_exit>(got);
  for (const auto& command : answering_commands)
    CAF_CHECK(test::contains(leave.text, command.what));
}

CAF_TEST(they stand before all options) {
  test::configuration_source source;
  source.flags({"--window", "3", "order", "--samples", "4"});
  CAF_CHECK_EQUAL(source.error(), "order: got options before it; it takes its own, after it");
}
