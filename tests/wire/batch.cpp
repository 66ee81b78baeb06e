#define CAF_SUITE batch

#include "wire/batch.hpp"

#include <caf/test/unit_test.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/batches.hpp"

using dispatch::batch;
using dispatch::received_batch;
using dispatch::received_bytes;
using dispatch::test::classic_text;
using dispatch::test::make_batch;

CAF_TEST(a batch says what came) {
  const auto subject = make_batch(7, true, "abcde");
  CAF_CHECK_EQUAL(subject->index(), 7);
  CAF_CHECK(subject->marked_last());
  CAF_CHECK_EQUAL(subject->data_bytes(), 5u);
  CAF_REQUIRE(subject->received() != nullptr);
  CAF_CHECK_EQUAL(subject->received()->columns.front().bytes.prefix(100), "abcde");
}

CAF_TEST(a batch keeps what came until there is a text and then the text alone) {
  auto memory = std::make_shared<const std::string>("abcde");
  const std::weak_ptr<const std::string> watched = memory;
  const batch subject{{0, false, {{{}, received_bytes{{*memory}, memory}}}}};
  memory = nullptr;
  CAF_CHECK(!watched.expired());
  const auto text = subject.classic_text();
  CAF_CHECK(watched.expired());
  CAF_CHECK(subject.received() == nullptr);
  CAF_CHECK_EQUAL(text.view(), classic_text(0, "abcde"));
}

CAF_TEST(the text is made once and shared) {
  const auto subject = make_batch(0, false, std::string(100'000, 'x'));
  const auto* first = subject->classic_text().view().data();
  CAF_CHECK(subject->classic_text().view().data() == first);
}

CAF_TEST(threads that want the text at the same time get the same) {
  for (auto round = 0; round < 100; ++round) {
    const auto subject = make_batch(0, false, std::string(10'000, 'x'));
    std::atomic<int> ready{0};
    std::vector<const char*> seen(4);
    std::vector<std::thread> threads;
    for (auto& each : seen)
      threads.emplace_back([&] {
        ++ready;
        while (ready < 4)
          std::this_thread::yield();
        each = subject->classic_text().view().data();
      });
    for (auto& each : threads)
      each.join();
    CAF_CHECK(seen == std::vector<const char*>(4, seen.front()));
  }
}

CAF_TEST(the text outlives its batch) {
  auto subject = make_batch(3, false, "abc");
  const auto text = subject->classic_text();
  subject = nullptr;
  CAF_CHECK_EQUAL(text.view(), classic_text(3, "abc"));
}

CAF_TEST(a batch counts as what it becomes) {
  const auto overhead = make_batch(0, false, "")->footprint() - classic_text(0, "").size();
  const auto subject = make_batch(12, false, std::string(1000, 'x'));
  CAF_CHECK_EQUAL(subject->footprint(), subject->classic_text().size() + overhead);
  const batch labelled{
    {0, false, {{{}, received_bytes{std::string(3, 'x')}}, {"wide", received_bytes{std::string(500, 'x')}}}}};
  CAF_CHECK_EQUAL(labelled.footprint(), 503u + overhead);
}

CAF_TEST(a batch that keeps what was received counts its text as long as it lives) {
  const auto text_bytes = std::make_shared<std::atomic<std::size_t>>(0);
  auto subject = make_batch(3, false, "abc");
  CAF_CHECK(subject->keep_received(text_bytes));
  CAF_CHECK_EQUAL(*text_bytes, 0u);
  CAF_CHECK_EQUAL(subject->classic_text().view(), classic_text(3, "abc"));
  CAF_CHECK_EQUAL(subject->received()->data_bytes(), 3u);
  CAF_CHECK_EQUAL(*text_bytes, classic_text(3, "abc").size());
  CAF_CHECK(subject->keep_received(text_bytes));
  CAF_CHECK_EQUAL(*text_bytes, classic_text(3, "abc").size());
  subject = nullptr;
  CAF_CHECK_EQUAL(*text_bytes, 0u);
}

CAF_TEST(what is text alone has nothing to keep) {
  const auto text_bytes = std::make_shared<std::atomic<std::size_t>>(0);
  const auto subject = make_batch(3, false, "abc");
  subject->classic_text();
  CAF_CHECK(!subject->keep_received(text_bytes));
}

CAF_TEST(slices are followed from the first byte on) {
  const auto memory = std::make_shared<const std::string>("abcdefgh");
  const std::string_view all{*memory};
  const received_bytes subject{{all.substr(0, 3), {}, all.substr(3)}, memory};
  CAF_CHECK_EQUAL(subject.size(), 8u);
  for (std::size_t most = 0; most < 10; ++most)
    CAF_CHECK_EQUAL(subject.prefix(most), memory->substr(0, most));
}
