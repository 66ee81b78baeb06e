#define CAF_SUITE group_command

#include "apps/dispatcher/group_command.hpp"

#include <caf/test/unit_test.hpp>

#include <string>
#include <variant>
#include <vector>

#include "tests/support/contains.hpp"

using namespace dispatch;
using action = group_options::action;
using admin::json;
using test::contains;

namespace {

using strings = std::vector<std::string>;

group_options read(const strings& arguments) {
  const auto result = read_group_options(arguments);
  if (const auto* leave = std::get_if<early_exit>(&result))
    CAF_FAIL(leave->text);
  return std::get<group_options>(result);
}

std::string problem_of(const strings& arguments) {
  const auto result = read_group_options(arguments);
  const auto* leave = std::get_if<early_exit>(&result);
  if (leave == nullptr || leave->exit_code != 2)
    CAF_FAIL("this is taken");
  return leave->text;
}

} // namespace

CAF_TEST(what is asked for) {
  CAF_CHECK(read({"list"}).what == action::list);
  CAF_CHECK_EQUAL(read({"show", "run-42", "--admin", "gpu1:9"}).admin, "gpu1:9");
  const auto seek = read({"seek", "run-42", "--epoch", "3"});
  CAF_CHECK(seek.what == action::seek);
  CAF_CHECK_EQUAL(seek.name, "run-42");
  CAF_CHECK_EQUAL(seek.epoch, 3u);
  CAF_CHECK_EQUAL(seek.position, 0);
  const auto park = read({"park", "run-42", "--epoch", "3", "--position", "640"});
  CAF_CHECK(park.what == action::park);
  CAF_CHECK_EQUAL(park.position, 640);
  CAF_CHECK(read({"delete", "run-42"}).what == action::remove);
}

CAF_TEST(what is missing or wrong is named) {
  CAF_CHECK_EQUAL(problem_of({}), "group: got nothing; it takes list, show, seek, park or delete");
  CAF_CHECK_EQUAL(problem_of({"drop"}), "group: got 'drop'; it takes list, show, seek, park or delete");
  CAF_CHECK_EQUAL(problem_of({"show"}), "NAME: got nothing; it takes the name of a group");
  CAF_CHECK(contains(problem_of({"seek", "g"}), "--epoch: got nothing"));
  CAF_CHECK(contains(problem_of({"park", "g", "--epoch", "0"}), "--position: got nothing"));
  CAF_CHECK(contains(problem_of({"seek", "g", "--epoch", "-1"}), "--epoch: got '-1'"));
  CAF_CHECK(contains(problem_of({"list", "--admin", "none"}), "--admin: got 'none'"));
}

CAF_TEST(a list is a table) {
  CAF_CHECK_EQUAL(group_list_text(json::parse(R"({"groups":[]})")), "there are no groups\n");
  const auto text = group_list_text(json::parse(
    R"({"groups":[{"name":"eval","dataset":"mnist","generation":1,"state":"over","epoch":1,"position":0,"epochs":1,)"
    R"("acked":334,"redelivered":2,"parked":0},{"name":"run-42","dataset":"mnist","generation":3,"state":"open",)"
    R"("epoch":2,"position":640,"epochs":null,"acked":700,"redelivered":0,"parked":1}]})"));
  CAF_CHECK_EQUAL(text, "NAME    DATASET  GENERATION  AT                     ACKED  AGAIN  PARKED\n"
                        "eval    mnist             1  over                     334      2       0\n"
                        "run-42  mnist             3  epoch 2, position 640    700      0       1\n");
}

CAF_TEST(a group says who has what) {
  const auto text = group_text(json::parse(
    R"({"name":"run-42","dataset":"mnist","generation":3,"state":"open","epoch":2,"position":640,"epochs":10,)"
    R"("acked":700,"redelivered":4,"parked":1,"open_epoch":2,"start":"cursor=1","samples":10000,"batch_size":30,)"
    R"("barrier":false,"ack_wait_seconds":30.0,"max_deliver":0,"out":[{"epoch":2,"position":60,"batches":5,)"
    R"("touched":5,"dispatcher":"gpu1:7","expires_in_seconds":7.5,"members":"client_a: 5"},{"epoch":2,"position":300,)"
    R"("batches":2,"touched":0,"dispatcher":null,"expires_in_seconds":-3.0,"members":null}],)"
    R"("parked_batches":[{"epoch":1,"position":90,"deliveries":5,"member":"client_b"}]})"));
  CAF_CHECK(contains(text, "group 'run-42' of dataset 'mnist', generation 3: epoch 2 of 10, position 640\n"));
  CAF_CHECK(contains(text, "max_deliver   no limit\n"));
  CAF_CHECK(contains(text, "    2        60        5  gpu1:7      in 7.5s  client_a: 5\n"));
  CAF_CHECK(contains(text, "    2       300        2  none              -  -\n"));
  CAF_CHECK(contains(text, "    1        90           5  client_b\n"));
}
