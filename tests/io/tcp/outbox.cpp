#define CAF_SUITE outbox

#include "io/tcp/outbox.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

using dispatch::frame;
using dispatch::frame_ptr;
using dispatch::frame_tail_ptr;
using dispatch::io::gather_list;
using dispatch::io::outbox;

namespace {

frame_ptr body(const std::string& encoded, std::int32_t index = 0) {
  return frame::make(index, false, encoded.size(), encoded.size(),
                     [&](char* out) { std::copy(encoded.begin(), encoded.end(), out); });
}

frame_tail_ptr tail(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
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

bool finished(outbox& subject, std::uint32_t frames, std::uint64_t bytes) {
  const auto got = subject.take_finished();
  return got.frames == frames && got.bytes == bytes;
}

} // namespace

CAF_TEST(an outbox is empty at first) {
  outbox subject;
  CAF_CHECK(subject.empty());
  CAF_CHECK_EQUAL(subject.peek(100).count, 0u);
  CAF_CHECK(finished(subject, 0, 0));
}

CAF_TEST(body and tail and lines leave in the order in which they came) {
  for (const std::size_t limit : {1, 2, 3, 7, 1000}) {
    outbox subject;
    subject.push(body("{first"), tail(",a}\n"));
    subject.push_line("{line}\n");
    subject.push(body("{second"), tail(",b}\n"));
    CAF_CHECK_EQUAL(drain(subject, limit), "{first,a}\n{line}\n{second,b}\n");
  }
}

CAF_TEST(peeking takes nothing and gives no more than it may) {
  outbox subject;
  subject.push(body("abcdef"), tail("gh"));
  CAF_CHECK_EQUAL(text_of(subject.peek(4)), "abcd");
  CAF_CHECK_EQUAL(text_of(subject.peek(4)), "abcd");
  subject.consume(4);
  CAF_CHECK_EQUAL(text_of(subject.peek(4)), "efgh");
  CAF_CHECK(!subject.empty());
}

CAF_TEST(pieces of a body are not copied) {
  outbox subject;
  const auto shared = body("abcdef");
  subject.push(shared, tail("gh"));
  subject.consume(2);
  CAF_CHECK(subject.peek(4).pieces[0].data() == shared->encoded().data() + 2);
}

CAF_TEST(a look takes in as many frames as it may) {
  outbox subject;
  for (auto i = 0; i < 3; ++i)
    subject.push(body("abc", i), tail("de"));
  CAF_CHECK_EQUAL(text_of(subject.peek(9)), "abcdeabcd");
  CAF_CHECK_EQUAL(text_of(subject.peek(100)), "abcdeabcdeabcde");
  subject.consume(4);
  CAF_CHECK_EQUAL(text_of(subject.peek(100)), "eabcdeabcde");
  CAF_CHECK_EQUAL(subject.size(), 3u);
}

CAF_TEST(a look is never empty while there is something and has no more pieces than fit) {
  outbox subject;
  for (auto i = 0; i < 100; ++i)
    subject.push(body("x", i), tail("x"));
  const auto list = subject.peek(1000);
  CAF_CHECK_GREATER(list.count, 4u);
  CAF_CHECK_LESS(list.count, list.pieces.size() + 1);
  CAF_CHECK_EQUAL(drain(subject, 1000), std::string(200, 'x'));
}

CAF_TEST(a frame counts when its last byte is taken) {
  outbox subject;
  subject.push(body("abc"), tail("de"));
  subject.consume(3);
  CAF_CHECK(finished(subject, 0, 0));
  subject.consume(1);
  CAF_CHECK(finished(subject, 0, 0));
  subject.consume(1);
  CAF_CHECK(subject.empty());
  CAF_CHECK(finished(subject, 1, 5));
  CAF_CHECK(finished(subject, 0, 0));
}

CAF_TEST(a line counts in bytes and not as a frame) {
  outbox subject;
  subject.push_line("error\n");
  CAF_CHECK_EQUAL(drain(subject, 4), "error\n");
  CAF_CHECK(finished(subject, 0, 6));
}

CAF_TEST(several frames may be taken at once) {
  outbox subject;
  subject.push(body("abc"), tail("de"));
  subject.push(body("fgh"), tail("ij"));
  subject.push(body("klm"), tail("no"));
  subject.consume(11);
  CAF_CHECK(finished(subject, 2, 10));
  CAF_CHECK_EQUAL(drain(subject, 100), "lmno");
  CAF_CHECK(finished(subject, 1, 5));
}

CAF_TEST(what was sent is let go of) {
  outbox subject;
  auto shared = body("abc");
  const std::weak_ptr<const frame> watched = shared;
  subject.push(std::move(shared), tail("d"));
  subject.consume(3);
  CAF_CHECK(!watched.expired());
  subject.consume(1);
  CAF_CHECK(watched.expired());
}

CAF_TEST(any pieces make up the whole and count each frame at its end) {
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
    std::vector<std::pair<std::size_t, bool>> ends; // where an item ends, and whether it is a frame
    std::size_t counted_frames = 0;
    std::size_t counted_bytes = 0;
    const auto most = round % 2 == 0 ? 4u : 300u;
    for (auto items = random() % 30; items > 0 || !subject.empty();) {
      if (items > 0 && random() % 2 == 0) {
        --items;
        if (random() % 5 == 0) {
          const auto line = text(1, most);
          expected += line;
          subject.push_line(line);
          ends.emplace_back(expected.size(), false);
        } else {
          const auto first = text(0, most);
          const auto second = text(1, most);
          expected += first + second;
          subject.push(body(first), tail(second));
          ends.emplace_back(expected.size(), true);
        }
      }
      const auto limit = 1 + random() % (2 * most);
      const auto piece = text_of(subject.peek(limit));
      if (piece.size() > limit || piece.empty() != subject.empty())
        fail("a piece of the wrong size");
      const auto bytes = random() % (piece.size() + 1);
      taken.append(piece.substr(0, bytes));
      subject.consume(bytes);
      const auto got = subject.take_finished();
      counted_frames += got.frames;
      counted_bytes += got.bytes;
      std::size_t frames = 0;
      std::size_t whole = 0;
      for (const auto& [end, is_frame] : ends) {
        if (end > taken.size())
          break;
        frames += is_frame ? 1 : 0;
        whole = end;
      }
      if (counted_frames != frames || counted_bytes != whole)
        fail("a wrong count");
      if (subject.empty() != (taken.size() == expected.size()))
        fail("empty too early or too late");
    }
    if (taken != expected)
      fail("other bytes");
  }
}

CAF_TEST(of a stream that has begun the rest of the first item leaves) {
  outbox subject{1};
  CAF_CHECK(!subject.has_untouched());
  CAF_CHECK(!subject.drop_untouched());
  subject.push(body("body"), tail("tail"));
  CAF_CHECK(!subject.has_untouched());
  subject.push(body("body", 1), tail("tail"));
  CAF_CHECK(subject.drop_untouched() == 1);
  CAF_CHECK_EQUAL(drain(subject, 100), "odytail");
  CAF_CHECK_EQUAL(subject.take_finished().bytes, 8u);
}

CAF_TEST(what nothing was taken of can be dropped) {
  outbox subject;
  const auto push = [&](std::int32_t index) { subject.push(body("body", index), tail("tail")); };
  CAF_CHECK(!subject.drop_untouched());
  for (auto i = 0; i < 3; ++i)
    push(i);
  subject.consume(1);
  CAF_CHECK(subject.drop_untouched() == 1);
  CAF_CHECK_EQUAL(drain(subject, 100), "odytail");
  push(3);
  subject.push_line("line");
  CAF_CHECK(subject.drop_untouched() == 3);
  CAF_CHECK(subject.empty());
  subject.push_line("line");
  CAF_CHECK(!subject.drop_untouched());
  CAF_CHECK(subject.empty());
}
