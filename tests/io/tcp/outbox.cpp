#define CAF_SUITE outbox

#include "io/tcp/outbox.hpp"

#include <caf/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

using dispatch::pieces;
using dispatch::shared_bytes;
using dispatch::io::gather_list;
using dispatch::io::outbox;

namespace {

/// A message in two pieces.
pieces message(std::string body, std::string tail) {
  return {{shared_bytes{std::move(body)}, false}, {shared_bytes{std::move(tail)}, true}};
}

/// A message in one piece.
pieces message(std::string whole) {
  return {{shared_bytes{std::move(whole)}, true}};
}

/// What the pieces hold together.
std::string text_of(const gather_list& list) {
  std::string result;
  for (std::size_t i = 0; i < list.count; ++i)
    result.append(list.pieces[i]);
  return result;
}

/// Takes all of it out, at most `limit` bytes at a time.
std::string drain(outbox& subject, std::size_t limit) {
  std::string taken;
  while (!subject.empty()) {
    const auto piece = text_of(subject.peek(limit));
    taken.append(piece);
    subject.consume(piece.size());
  }
  return taken;
}

bool finished(outbox& subject, std::uint32_t messages, std::uint64_t bytes) {
  const auto got = subject.take_finished();
  return got.messages == messages && got.bytes == bytes;
}

} // namespace

CAF_TEST(an outbox is empty at first) {
  outbox subject;
  CAF_CHECK(subject.empty());
  CAF_CHECK_EQUAL(subject.peek(100).count, 0u);
  CAF_CHECK(finished(subject, 0, 0));
}

CAF_TEST(pieces leave in the order in which they came) {
  for (const std::size_t limit : {1, 2, 3, 7, 1000}) {
    outbox subject;
    subject.push(message("{first", ",a}\n"));
    subject.push(message("{line}\n"));
    subject.push(message("{second", ",b}\n"));
    CAF_CHECK_EQUAL(drain(subject, limit), "{first,a}\n{line}\n{second,b}\n");
  }
}

CAF_TEST(peeking takes nothing and gives no more than it may) {
  outbox subject;
  subject.push(message("abcdef", "gh"));
  CAF_CHECK_EQUAL(text_of(subject.peek(4)), "abcd");
  CAF_CHECK_EQUAL(text_of(subject.peek(4)), "abcd");
  subject.consume(4);
  CAF_CHECK_EQUAL(text_of(subject.peek(4)), "efgh");
  CAF_CHECK(!subject.empty());
}

CAF_TEST(bytes are not copied) {
  outbox subject;
  const shared_bytes shared{std::string{"abcdef"}};
  subject.push({{shared, true}});
  subject.consume(2);
  CAF_CHECK(subject.peek(4).pieces[0].data() == shared.view().data() + 2);
}

CAF_TEST(a peek takes in as many messages as it may) {
  outbox subject;
  for (auto i = 0; i < 3; ++i)
    subject.push(message("abc", "de"));
  CAF_CHECK_EQUAL(text_of(subject.peek(9)), "abcdeabcd");
  CAF_CHECK_EQUAL(text_of(subject.peek(100)), "abcdeabcdeabcde");
  subject.consume(4);
  CAF_CHECK_EQUAL(text_of(subject.peek(100)), "eabcdeabcde");
  CAF_CHECK_EQUAL(subject.messages(), 3u);
}

CAF_TEST(a peek is never empty while there is something and has no more pieces than fit) {
  outbox subject;
  for (auto i = 0; i < 100; ++i)
    subject.push(message("x", "x"));
  const auto list = subject.peek(1000);
  CAF_CHECK_GREATER(list.count, 4u);
  CAF_CHECK_LESS(list.count, list.pieces.size() + 1);
  CAF_CHECK_EQUAL(drain(subject, 1000), std::string(200, 'x'));
}

CAF_TEST(a message counts when its last byte is taken) {
  outbox subject;
  subject.push(message("abc", "de"));
  subject.consume(3);
  CAF_CHECK(finished(subject, 0, 0));
  subject.consume(1);
  CAF_CHECK(finished(subject, 0, 0));
  subject.consume(1);
  CAF_CHECK(subject.empty());
  CAF_CHECK(finished(subject, 1, 5));
  CAF_CHECK(finished(subject, 0, 0));
}

CAF_TEST(several messages may be taken at once) {
  outbox subject;
  subject.push(message("abc", "de"));
  subject.push(message("fgh", "ij"));
  subject.push(message("klm", "no"));
  subject.consume(11);
  CAF_CHECK(finished(subject, 2, 10));
  CAF_CHECK_EQUAL(drain(subject, 100), "lmno");
  CAF_CHECK(finished(subject, 1, 5));
}

CAF_TEST(bytes that were sent are let go of) {
  outbox subject;
  auto memory = std::make_shared<const std::string>("abc");
  const std::weak_ptr<const std::string> watched = memory;
  const std::string_view bytes{*memory};
  subject.push({{shared_bytes{bytes, std::move(memory)}, false}, {shared_bytes{std::string{"d"}}, true}});
  subject.consume(2);
  CAF_CHECK(!watched.expired());
  subject.consume(1);
  CAF_CHECK(watched.expired());
}

CAF_TEST(any pieces make up the whole and count each message at its end) {
  constexpr std::uint64_t seed = 40;
  std::mt19937_64 random{seed};
  const auto text = [&](std::size_t least, std::size_t most) {
    std::string result(least + random() % (most - least + 1), '\0');
    for (auto& c : result)
      c = static_cast<char>(random());
    return result;
  };
  for (auto round = 0; round < 800; ++round) {
    const auto fail = [&](const char* what) { CAF_FAIL("seed " << seed << ", round " << round << ": " << what); };
    outbox subject;
    std::string expected;
    std::string taken;
    std::vector<std::size_t> ends; // where messages end
    std::size_t counted_messages = 0;
    std::size_t counted_bytes = 0;
    const auto most = round % 2 == 0 ? 4u : 300u;
    for (auto items = random() % 30; items > 0 || !subject.empty();) {
      if (items > 0 && random() % 2 == 0) {
        --items;
        pieces next;
        for (auto parts = random() % 4; parts > 0; --parts) {
          next.push_back({shared_bytes{text(0, most)}, false});
          expected += next.back().bytes.view();
        }
        next.push_back({shared_bytes{text(1, most)}, true});
        expected += next.back().bytes.view();
        subject.push(std::move(next));
        ends.push_back(expected.size());
      }
      const auto limit = 1 + random() % (2 * most);
      const auto piece = text_of(subject.peek(limit));
      if (piece.size() > limit || piece.empty() != subject.empty())
        fail("a piece of the wrong size");
      const auto bytes = random() % (piece.size() + 1);
      taken.append(piece.substr(0, bytes));
      subject.consume(bytes);
      const auto got = subject.take_finished();
      counted_messages += got.messages;
      counted_bytes += got.bytes;
      std::size_t messages = 0;
      for (; messages < ends.size() && ends[messages] <= taken.size();)
        ++messages;
      if (counted_messages != messages || counted_bytes != (messages > 0 ? ends[messages - 1] : 0))
        fail("a wrong count");
      if (subject.messages() != ends.size() - messages)
        fail("a wrong number of messages left");
      if (subject.empty() != (taken.size() == expected.size()))
        fail("empty too early or too late");
    }
    if (taken != expected)
      fail("other bytes");
  }
}

CAF_TEST(of a message that has begun before it is known the rest leaves) {
  outbox subject{1};
  CAF_CHECK_EQUAL(subject.drop_untouched(), 0u);
  subject.push(message("body", "tail"));
  CAF_CHECK_EQUAL(subject.drop_untouched(), 0u);
  subject.push(message("body", "tail"));
  CAF_CHECK_EQUAL(subject.drop_untouched(), 1u);
  CAF_CHECK_EQUAL(drain(subject, 100), "odytail");
  CAF_CHECK_EQUAL(subject.take_finished().bytes, 8u);
}

CAF_TEST(messages that have not begun to leave can be dropped) {
  outbox subject;
  CAF_CHECK_EQUAL(subject.drop_untouched(), 0u);
  for (auto i = 0; i < 3; ++i)
    subject.push(message("body", "tail"));
  subject.consume(5);
  CAF_CHECK_EQUAL(subject.drop_untouched(), 2u);
  CAF_CHECK_EQUAL(subject.messages(), 1u);
  CAF_CHECK_EQUAL(drain(subject, 100), "ail");
  subject.push(message("body", "tail"));
  subject.push(message("line"));
  CAF_CHECK_EQUAL(subject.drop_untouched(), 2u);
  CAF_CHECK(subject.empty());
  CAF_CHECK_EQUAL(subject.messages(), 0u);
}
