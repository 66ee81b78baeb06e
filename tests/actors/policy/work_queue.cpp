#define CAF_SUITE work_queue

#include "actors/policy/work_queue.hpp"

#include <caf/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using dispatch::policy::fault;
using dispatch::policy::ticket;
using dispatch::policy::upstream_id;
using dispatch::policy::work_item;
using dispatch::policy::work_queue;

namespace {

using tickets = std::vector<ticket>;

const work_item::time_point start{};

ticket add(work_queue& queue, const std::string& dataset = "d", work_item::time_point deadline = start) {
  work_item added;
  added.dataset = dataset;
  added.deadline = deadline;
  return queue.add(added);
}

} // namespace

CAF_TEST(new work waits by its dataset and work that was begun by itself) {
  work_queue queue;
  const auto first = add(queue);
  const auto second = add(queue, "other");
  CAF_CHECK_EQUAL(queue.queued(), 2u);
  CAF_CHECK_EQUAL(queue.fresh().size(), 2u);
  queue.dequeue(first);
  CAF_CHECK(!queue.is_queued(first));
  CAF_CHECK_EQUAL(queue.fresh().count("d"), 0u);
  queue.at(first).tried.note_failure(fault::upstream_gone, 1, 0, first, start);
  queue.enqueue(first);
  CAF_CHECK_EQUAL(queue.begun().count(first), 1u);
  CAF_CHECK(queue.is_queued(second));
  CAF_CHECK_EQUAL(queue.queued(), 2u);
}

CAF_TEST(work waits once however often it is queued) {
  work_queue queue;
  const auto id = add(queue);
  queue.enqueue(id);
  CAF_CHECK_EQUAL(queue.queued(), 1u);
  queue.dequeue(id);
  queue.dequeue(id);
  CAF_CHECK_EQUAL(queue.queued(), 0u);
}

CAF_TEST(what is forgotten waits no more) {
  work_queue queue;
  const auto id = add(queue);
  queue.forget(id);
  queue.forget(id);
  CAF_CHECK_EQUAL(queue.queued(), 0u);
  CAF_CHECK(queue.find(id) == nullptr);
}

CAF_TEST(work is forgotten at its deadline) {
  work_queue queue;
  const auto old = add(queue);
  const auto young = add(queue, "d", start + 1s);
  CAF_CHECK_EQUAL(queue.forget_due(start), tickets{old});
  CAF_CHECK_EQUAL(queue.forget_due(start), tickets{});
  CAF_CHECK(queue.is_queued(young));
}

CAF_TEST(a refusal is forgiven for one dataset or for all) {
  work_queue queue;
  const auto one = add(queue, "one");
  const auto two = add(queue, "two");
  for (const auto id : {one, two}) {
    for (const upstream_id upstream : {0, 1})
      queue.at(id).tried.note_failure(fault::dataset, 1, upstream, id, start);
    queue.at(id).tried.note_failure(fault::upstream, 1, 0, id, start);
  }
  queue.forgive(0, "one");
  CAF_CHECK(!queue.at(one).tried.is_refused_at(0));
  CAF_CHECK(queue.at(two).tried.is_refused_at(0));
  queue.forget_upstream(0);
  CAF_CHECK(!queue.at(two).tried.is_refused_at(0));
  CAF_CHECK(queue.at(two).tried.is_refused_at(1));
  CAF_CHECK(!queue.at(two).tried.has_failed_at(0));
}
