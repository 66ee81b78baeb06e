#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/client.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/event_recorder.hpp"
#include "tests/support/fake_connection.hpp"
#include "wire/classic_codec.hpp"
#include "wire/classic_protocol.hpp"

namespace dispatch::test {

using indices = std::vector<std::int32_t>;

/// What a client has asked for; what is not at hand is answered by the test.
struct source_record {
  std::vector<caf::typed_response_promise<dataset_description>> descriptions;
  std::multimap<std::int32_t, batch_taker_actor> wanted;
  /// Batches that need no fetching.
  std::set<std::int32_t> at_hand;
  /// The batch that is marked as the last.
  std::optional<std::int32_t> last;
  /// The first batch of each question, and how many it was for.
  std::vector<std::pair<std::int32_t, std::int32_t>> questions;
};

using source_record_ptr = std::shared_ptr<source_record>;

inline batch_provider::behavior_type fake_source(batch_provider::pointer self, source_record_ptr record) {
  return {
    [=](const describe_dataset&) -> caf::result<dataset_description> {
      auto promise = self->make_response_promise<dataset_description>();
      record->descriptions.push_back(promise);
      return promise;
    },
    [=](const want_batches& request) {
      batches_arrived found;
      for (auto i = request.first.index; i < request.first.index + request.count; ++i) {
        if (record->at_hand.count(i) > 0)
          found.batches.push_back(make_batch(i, i == record->last, "data"));
        else
          record->wanted.emplace(i, request.taker);
      }
      record->questions.push_back({request.first.index, request.count});
      if (!found.batches.empty())
        self->send(request.taker, std::move(found));
    },
  };
}

/// The classic protocol, whose encoding takes as long as the test says.
class slow_protocol : public classic_protocol {
public:
  slow_protocol(std::string client_id, std::function<void()> pause)
    : classic_protocol(std::move(client_id)),
      pause_(std::move(pause)) {}

  void encode(const batch& next, bool is_last, pieces& out) const override {
    classic_protocol::encode(next, is_last, out);
    pause_();
  }

private:
  std::function<void()> pause_;
};

struct client_fixture : actor_fixture<> {
  std::shared_ptr<event_recorder> log = std::make_shared<event_recorder>();
  source_record_ptr asked = std::make_shared<source_record>();
  connection_record_ptr sent = std::make_shared<connection_record>();
  client_options options{"mnist", 10, {3, 3}, std::chrono::minutes{1}};
  batch_provider source;
  connection_actor connection;
  client_actor client;
  /// How long each batch takes to encode.
  std::chrono::seconds encoding{0};
  /// The last batch of the dataset that was described first.
  std::optional<std::int32_t> last;

  void start() {
    source = sys.spawn(fake_source, asked);
    connection = sys.spawn(fake_connection, sent);
    const auto protocol = std::make_shared<const slow_protocol>("client_1.2.3.4:5", [this] { advance_time(encoding); });
    client = sys.spawn<client_impl>(options, source, connection, "client_1.2.3.4:5", protocol, log,
                                    std::make_shared<const client_metrics>(sys.metrics()));
    sched.run();
  }

  void kill_source() {
    anon_send_exit(source, caf::exit_reason::unknown);
    sched.run();
    // With it go its promises.
    asked->descriptions.clear();
    sched.run();
  }

  client_report report() { return answer_from(client, get_client_report{}); }

  void tick() {
    anon_send(client, consumer_tick{});
    sched.run();
  }

  /// Runs `f` inside the source: a promise is kept by the actor that made it.
  template <class F>
  void in_source(F f) {
    caf::anon_send(caf::actor_cast<caf::actor>(source), caf::make_action(std::move(f)));
    sched.run();
  }

  /// Without a type, so that samples are not counted: batches have any size. The last batch is marked from now on.
  void describe(std::int32_t samples) {
    last = last ? last : (samples - 1) / options.batch_size;
    asked->last = last;
    in_source([promise = asked->descriptions.at(0), samples]() mutable {
      promise.deliver(dataset_description{"mnist", samples, {}, ""});
    });
  }

  void fail_description(status_code code) {
    in_source([promise = asked->descriptions.at(0), code]() mutable {
      promise.deliver(make_error(failure{code, "for the test"}));
    });
  }

  batch_taker_actor take(std::int32_t index) {
    const auto found = asked->wanted.find(index);
    if (found == asked->wanted.end())
      CAF_FAIL("batch " << index << " was not asked for");
    auto taker = found->second;
    asked->wanted.erase(found);
    return taker;
  }

  void answer_with(std::int32_t index, bool marked_last, std::string data) {
    anon_send(take(index), batches_arrived{{make_batch(index, marked_last, std::move(data))}});
    sched.run();
  }

  void answer(std::int32_t index) { answer_with(index, index == last, "data"); }

  /// A dataset of samples of two bytes.
  void describe_measured(std::int32_t samples) {
    in_source([promise = asked->descriptions.at(0), samples]() mutable {
      promise.deliver(dataset_description{"mnist", samples, {2}, "uint8"});
    });
  }

  void answer_with(std::int32_t index, std::size_t samples) {
    answer_with(index, false, std::string(2 * samples, 'x'));
  }

  /// Whether the last line is an error frame that begins so.
  bool ended_with(const std::string& code, const std::string& message) const {
    return sent->finished
           && sent->lines.back().find("\"code\":\"" + code + "\",\"message\":\"" + message) != std::string::npos;
  }

  bool ended_with_eof() const { return sent->finished && sent->lines.back().find("\"EOF\":true") != std::string::npos; }

  void fail(std::int32_t index, status_code code) {
    anon_send(take(index), batch_failed{index, {code, "for the test"}});
    sched.run();
  }

  void written(std::uint32_t batches) {
    anon_send(client, messages_sent{batches, batches * 100});
    sched.run();
  }

  std::vector<std::int32_t> requested() const {
    std::vector<std::int32_t> result;
    for (const auto& [index, taker] : asked->wanted)
      result.push_back(index);
    return result;
  }

  static std::string line(std::int32_t index, bool last) {
    return classic_text(index, "data") + encode_classic_tail("client_1.2.3.4:5", last);
  }

  void lose_connection() {
    anon_send_exit(connection, caf::exit_reason::kill);
    sched.run();
  }

  ~client_fixture() override {
    for (const auto& handle : {caf::actor_cast<caf::actor>(client), caf::actor_cast<caf::actor>(connection),
                               caf::actor_cast<caf::actor>(source)})
      anon_send_exit(handle, caf::exit_reason::kill);
    sched.run();
    asked->descriptions.clear();
    asked->wanted.clear();
    sent->owner = nullptr;
  }
};

} // namespace dispatch::test
