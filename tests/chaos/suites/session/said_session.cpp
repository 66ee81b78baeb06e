#include "tests/chaos/suites/session/said_session.hpp"

#include <zlib.h>

#include <utility>

#include "dataset/synthetic.hpp"
#include "tests/support/plain_base64.hpp"

namespace dispatch::chaos {

namespace {

constexpr const char* counted[] = {"batches", "samples", "padded", "dropped", "skipped"};

} // namespace

said_session::options::options() {
  team.epochs = 2;
  team.shuffle = wanted_shuffle{7, 2, 4};
  stint.batch_size = 3;
  stint.has_checksum = true;
  stint.readers.resize(1);
}

said_session::said_session(options opts) : options_(std::move(opts)) {
  const auto from = options_.from.value_or(order_place{});
  nlohmann::json sums{{"type", "eof"}};
  for (const auto* name : counted)
    sums[name] = 0;
  say_welcome(from);
  for (auto epoch = from.epoch; epoch < options_.team.epochs; ++epoch)
    say_epoch(epoch, epoch == from.epoch ? from.position : 0, sums);
  sums["cursor"] = cursor_text({options_.team.epochs, 0});
  messages_.push_back(sums);
}

const known_samples& said_session::known() {
  static const known_samples all{dataset::make_synthetic(dataset::parse_synthetic("synthetic:11x20:uint8"))};
  return all;
}

session_wish said_session::wish() const {
  session_wish result{&options_.team, &options_.stint, options_.rank, std::nullopt};
  if (options_.from)
    result.start = cursor_at(*options_.from);
  return result;
}

session_cursor said_session::cursor_at(order_place place) const {
  const auto& shuffle = *options_.team.shuffle;
  const order_spec order{known().count(), *shuffle.block, shuffle_spec{shuffle.seed, *shuffle.window}};
  return {"chaos", fingerprint{4711}, order, place.epoch, place.position, normalized(options_.team.skips, place.epoch)};
}

void said_session::say_welcome(order_place from) {
  const auto& shuffle = *options_.team.shuffle;
  const auto& stint = options_.stint;
  const policy::epoch_steps steps{
    policy::left_positions{known().count(), {}},
    policy::epoch_steps::options{stint.batch_size, {options_.rank, stint.ranks()}, stint.ends}, 0};
  nlohmann::json said{{"type", "welcome"},
                      {"version", 1},
                      {"session", "session 1"},
                      {"dataset", "chaos"},
                      {"samples", known().count()},
                      {"batches", steps.batches()},
                      {"batch_size", stint.batch_size},
                      {"epochs", options_.team.epochs},
                      {"cursor", cursor_text(from)}};
  said["shuffle"] = {{"seed", shuffle.seed}, {"window", *shuffle.window}, {"block", *shuffle.block}};
  said["shard"] = {{"index", options_.rank}, {"count", stint.ranks()}};
  said["columns"] = nlohmann::json::array({{{"name", "data"}, {"dtype", "uint8"}, {"shape", {known().row_bytes()}}}});
  messages_.push_back(std::move(said));
}

void said_session::say_epoch(std::uint64_t epoch, std::int64_t from, nlohmann::json& sums) {
  std::vector<position_range> skipped;
  for (const auto& each : options_.team.skips)
    if (each.epoch == epoch)
      skipped.push_back(each.positions);
  const auto& stint = options_.stint;
  const policy::epoch_order order{cursor_at({}).order, epoch};
  const policy::epoch_steps steps{
    policy::left_positions{known().count(), std::move(skipped)},
    policy::epoch_steps::options{stint.batch_size, {options_.rank, stint.ranks()}, stint.ends}, from};
  nlohmann::json over{{"type", "epoch"},
                      {"epoch", epoch},
                      {"batches", steps.batches()},
                      {"samples", 0},
                      {"padded", 0},
                      {"dropped", steps.dropped()},
                      {"skipped", steps.skipped()}};
  for (std::int64_t i = 0; i < steps.batches(); ++i) {
    const auto due = steps.batch(i);
    nlohmann::json batch{{"type", "batch"},        {"seq", seq_++},
                         {"epoch", epoch},         {"position", due.step_position},
                         {"samples", due.samples}, {"cursor", cursor_text({epoch, due.next_position})}};
    for (const auto& range : due.positions)
      for (auto position = range.from; position < range.to; ++position)
        batch["samples of"].push_back(order.sample_at(position));
    over["samples"] = over["samples"].get<std::int64_t>() + due.samples;
    over["padded"] = over["padded"].get<std::int64_t>() + due.padded;
    messages_.push_back(std::move(batch));
  }
  over["cursor"] = cursor_text({epoch + 1, 0});
  for (const auto* name : counted)
    sums[name] = sums[name].get<std::int64_t>() + over[name].get<std::int64_t>();
  messages_.push_back(std::move(over));
}

std::string said_session::text() const {
  std::string result;
  for (const auto& each : messages_)
    result += each["type"] == "batch" ? batch_text(each) : each.dump() + "\n";
  return result;
}

std::string said_session::batch_text(nlohmann::json batch) const {
  std::string payload;
  for (const auto& number : batch["samples of"])
    payload += known().row(number.get<std::int64_t>());
  if (batch.contains("damage"))
    payload.front() = static_cast<char>(payload.front() + 1);
  batch.erase("samples of");
  batch.erase("damage");
  batch["crc32"] = ::crc32_z(0, reinterpret_cast<const unsigned char*>(payload.data()), payload.size());
  const auto is_raw = options_.stint.payload == payload_form::raw;
  nlohmann::json column{{"name", "data"}};
  if (is_raw) {
    column["offset"] = 0;
    column["bytes"] = batch["payload_bytes"] = payload.size();
  } else {
    column["data"] = test::plain_base64(payload);
  }
  batch["columns"] = nlohmann::json::array({column});
  return batch.dump() + "\n" + (is_raw ? payload + "\n" : std::string{});
}

} // namespace dispatch::chaos
