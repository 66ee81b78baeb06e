#define CAF_SUITE session_judge

#include "tests/chaos/session/session_judge.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

#include "tests/chaos/suites/session/said_session.hpp"

using namespace dispatch;
using namespace dispatch::chaos;

namespace {

/// What the judge finds wrong with a session; empty where nothing is.
std::string judged(const said_session& session, std::size_t piece = 100'000) {
  session_judge judge{session.known(), session.wish()};
  const auto text = session.text();
  for (std::size_t at = 0; at < text.size(); at += piece)
    judge.take(std::string_view{text}.substr(at, piece));
  if (!judge.problem() && !judge.complete())
    return "not complete";
  return judge.problem().value_or("");
}

bool has(const std::string& text, const std::string& part) {
  CAF_MESSAGE(text);
  return text.find(part) != std::string::npos;
}

/// A whole session of two epochs, with one message changed.
std::string changed(const std::string& type, const std::function<void(nlohmann::json&)>& change) {
  said_session session{{}};
  for (auto& message : session.messages())
    if (message["type"] == type) {
      change(message);
      break;
    }
  return judged(session);
}

} // namespace

CAF_TEST(whole sessions of every form are right) {
  for (const auto ends : {epoch_end::uneven, epoch_end::drop, epoch_end::pad})
    for (const auto form : {payload_form::raw, payload_form::base64})
      for (const std::int64_t batch_size : {1, 3, 4, 5})
        for (const std::int64_t ranks : {1, 2})
          for (std::int64_t rank = 0; rank < ranks; ++rank) {
            said_session::options options;
            options.stint.ends = ends;
            options.stint.payload = form;
            options.stint.batch_size = batch_size;
            options.stint.readers.resize(static_cast<std::size_t>(ranks));
            options.rank = rank;
            CAF_CHECK_EQUAL(judged(said_session{options}), "");
          }
}

CAF_TEST(a session in pieces of any size is right) {
  for (const auto form : {payload_form::raw, payload_form::base64}) {
    said_session::options options;
    options.stint.payload = form;
    const said_session session{options};
    for (std::size_t piece = 1; piece < 300; ++piece)
      CAF_CHECK_EQUAL(judged(session, piece), "");
  }
}

CAF_TEST(a session that goes on at a cursor begins there) {
  said_session::options options;
  options.from = order_place{0, 5};
  CAF_CHECK_EQUAL(judged(said_session{options}), "");
  options.from = order_place{0, 11};
  CAF_CHECK_EQUAL(judged(said_session{options}), "");
  options.from = order_place{1, 0};
  CAF_CHECK_EQUAL(judged(said_session{options}), "");
}

CAF_TEST(skipped samples are not waited for) {
  said_session::options options;
  options.team.skips = {{0, {2, 5}}, {1, {0, 1}}};
  CAF_CHECK_EQUAL(judged(said_session{options}), "");
}

CAF_TEST(another sample than is due is wrong) {
  CAF_CHECK(has(changed("batch",
                        [](nlohmann::json& x) {
                          auto& data = x["samples of"];
                          std::swap(data[0], data[1]);
                        }),
                "row 0 is sample"));
}

CAF_TEST(a sample that the dataset does not have is wrong) {
  CAF_CHECK(has(changed("batch", [](nlohmann::json& x) { x["damage"] = true; }), "row 0 is no sample"));
}

CAF_TEST(a batch at another place is wrong) {
  CAF_CHECK(changed("batch", [](nlohmann::json& x) { x["position"] = 1; }) != "");
  CAF_CHECK(changed("batch", [](nlohmann::json& x) { x["epoch"] = 1; }) != "");
  CAF_CHECK(changed("batch", [](nlohmann::json& x) { x["seq"] = 1; }) != "");
}

CAF_TEST(another cursor than that of the place is wrong) {
  said_session session{{}};
  auto& messages = session.messages();
  for (const auto index : {1, 2, 4})
    CAF_CHECK(has(changed(messages[0]["type"], [&](nlohmann::json& x) { x["cursor"] = messages[index]["cursor"]; }),
                  "welcome begins elsewhere"));
  CAF_CHECK(changed("batch", [&](nlohmann::json& x) { x["cursor"] = messages[2]["cursor"]; }) != "");
  CAF_CHECK(changed("epoch", [&](nlohmann::json& x) { x["cursor"] = messages[1]["cursor"]; }) != "");
  CAF_CHECK(changed("eof", [&](nlohmann::json& x) { x["cursor"] = messages[1]["cursor"]; }) != "");
}

CAF_TEST(a message that is left out is noticed) {
  const auto count = said_session{{}}.messages().size();
  for (std::size_t i = 0; i < count; ++i) {
    said_session session{{}};
    auto& messages = session.messages();
    messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(i));
    CAF_CHECK(judged(session) != "");
  }
}

CAF_TEST(a message that comes twice is noticed) {
  const auto count = said_session{{}}.messages().size();
  for (std::size_t i = 0; i < count; ++i) {
    said_session session{{}};
    auto& messages = session.messages();
    messages.insert(messages.begin() + static_cast<std::ptrdiff_t>(i), messages[i]);
    CAF_CHECK(judged(session) != "");
  }
}

CAF_TEST(an epoch that ends before its last batch is wrong) {
  // From within it: what welcome says of a whole epoch is no help.
  said_session::options options;
  options.from = order_place{0, 5};
  said_session session{options};
  auto& messages = session.messages();
  std::size_t end = 0;
  while (messages[end]["type"] != "epoch")
    ++end;
  for (const auto* name : {"batches", "samples"}) {
    const auto of_last = std::string{name} == "batches" ? 1 : messages[end - 1]["samples"].get<int>();
    messages[end][name] = messages[end][name].get<int>() - of_last;
  }
  messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(end) - 1);
  CAF_CHECK(has(judged(session), "said to be over after 1 batches of 2"));
}

CAF_TEST(epochs have to say what they dropped and skipped) {
  CAF_CHECK(changed("epoch", [](nlohmann::json& x) { x["dropped"] = 1; }) != "");
  CAF_CHECK(changed("epoch", [](nlohmann::json& x) { x["skipped"] = 1; }) != "");
  CAF_CHECK(changed("epoch", [](nlohmann::json& x) { x["samples"] = 10; }) != "");
}

CAF_TEST(errors and ends that nobody has asked for are wrong) {
  const auto first = said_session{{}}.messages().front()["cursor"].get<std::string>();
  const auto with = [&first](const std::string& line, const std::function<void(session_judge&)>& allow) {
    said_session session{{}};
    session.messages().resize(1);
    session_judge judge{session.known(), session.wish()};
    allow(judge);
    judge.take(session.text() + line + "\n");
    return judge.problem().value_or(judge.is_over() ? "over" : "");
  };
  const auto nothing = [](session_judge&) {};
  const auto error = R"({"type":"error","code":"INVALID_ARGUMENT","message":"no","cursor":")" + first + "\"}";
  const auto drain = R"({"type":"drain","message":"stops","cursor":")" + first + "\"}";
  const std::string pong = R"({"type":"pong"})";
  CAF_CHECK(has(with(error, nothing), "INVALID_ARGUMENT: no"));
  CAF_CHECK_EQUAL(with(error, [](session_judge& x) { x.allow_error(); }), "over");
  CAF_CHECK(has(with(drain, nothing), "not due"));
  CAF_CHECK_EQUAL(with(drain, [](session_judge& x) { x.allow_draining(); }), "over");
  CAF_CHECK(has(with(pong, nothing), "nobody asked"));
  CAF_CHECK_EQUAL(with(pong, [](session_judge& x) { x.expect_pongs(1); }), "");
  CAF_CHECK(has(with("GET", nothing), "no message"));
}

CAF_TEST(a rank that stops after some steps takes no more) {
  said_session::options options;
  options.stint.steps = 2;
  const said_session session{options};
  session_judge judge{session.known(), session.wish()};
  judge.take(session.text());
  CAF_CHECK(judge.enough());
  CAF_CHECK_EQUAL(judge.batches().size(), 2u);
  CAF_CHECK((judge.place() == order_place{0, 6}));
}

CAF_TEST(a rank that stops at the end of an epoch has not heard of it) {
  said_session::options options;
  options.stint.to_epoch_end = true;
  const said_session session{options};
  session_judge judge{session.known(), session.wish()};
  judge.take(session.text());
  CAF_CHECK(judge.enough());
  CAF_CHECK((judge.place() == order_place{0, 11}));
  CAF_CHECK(judge.dropped().empty());
}
