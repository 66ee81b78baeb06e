#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "apps/dispatcher/config_options.hpp"
#include "apps/dispatcher/run_dispatcher.hpp"
#include "apps/process/stop_signals.hpp"

/// @file
/// A dispatcher in surroundings that throw once: `DISPATCHER_FAULT=PLACE:N` has the N-th use of a place throw, and the
/// actor that uses it dies of that. A place is the name of an event that is written to the log, or one of a batch
/// source's functions: `get_batch`, `describe`, `open_stream`, `read`.

namespace {

using namespace dispatch;

/// Counts the uses of one place. Used from all threads.
class planned_fault {
public:
  /// @param plan `PLACE:N`
  explicit planned_fault(const std::string& plan)
    : place_(plan.substr(0, plan.find(':'))),
      left_(std::stoi(plan.substr(plan.find(':') + 1))) {}

  /// Throws where it is time.
  void reach(std::string_view place) {
    if (place == place_ && --left_ == 0)
      throw std::runtime_error("a fault at " + place_);
  }

private:
  std::string place_;
  std::atomic<int> left_;
};

using fault_ptr = std::shared_ptr<planned_fault>;

class faulty_log : public level_log {
public:
  faulty_log(std::shared_ptr<level_log> next, fault_ptr fault) : next_(std::move(next)), fault_(std::move(fault)) {}

  void write(severity level, std::string_view event, event_fields fields) override {
    fault_->reach(event);
    next_->write(level, event, fields);
  }

  void set_level(const std::string& level) override { next_->set_level(level); }

private:
  std::shared_ptr<level_log> next_;
  fault_ptr fault_;
};

class faulty_reader : public batch_reader {
public:
  faulty_reader(std::unique_ptr<batch_reader> next, fault_ptr fault)
    : next_(std::move(next)),
      fault_(std::move(fault)) {}

  void read(call_id id) override {
    fault_->reach("read");
    next_->read(id);
  }

private:
  std::unique_ptr<batch_reader> next_;
  fault_ptr fault_;
};

class faulty_source : public batch_source {
public:
  faulty_source(std::unique_ptr<batch_source> next, fault_ptr fault)
    : next_(std::move(next)),
      fault_(std::move(fault)) {}

  void get_batch(call_id id, const batch_key& key, std::chrono::milliseconds deadline, batch_sink sink) override {
    fault_->reach("get_batch");
    next_->get_batch(id, key, deadline, std::move(sink));
  }

  std::unique_ptr<batch_reader> open_stream(const std::string& dataset, std::int32_t batch_size,
                                            batch_result_sink sink) override {
    fault_->reach("open_stream");
    return std::make_unique<faulty_reader>(next_->open_stream(dataset, batch_size, std::move(sink)), fault_);
  }

  void describe(call_id id, const std::string& dataset, std::chrono::milliseconds deadline,
                description_sink sink) override {
    fault_->reach("describe");
    next_->describe(id, dataset, deadline, std::move(sink));
  }

  void check_health(call_id id, std::chrono::milliseconds deadline, batch_sink sink) override {
    next_->check_health(id, deadline, std::move(sink));
  }

  bool connected() override { return next_->connected(); }

private:
  std::unique_ptr<batch_source> next_;
  fault_ptr fault_;
};

surroundings faulty(surroundings next, const fault_ptr& fault) {
  return {std::make_shared<faulty_log>(std::move(next.log), fault), [make = std::move(next.make_sources), fault] {
            return [sources = make(), fault](const std::string& upstream) {
              return std::make_unique<faulty_source>(sources(upstream), fault);
            };
          }};
}

} // namespace

int main(int argc, char** argv) {
  hold_stop_signals();
  const auto read = read_config(argc, argv);
  const auto& values = std::get<resolved_config>(read).values;
  const auto fault = std::make_shared<planned_fault>(std::getenv("DISPATCHER_FAULT"));
  return run_dispatcher(argc, argv, values, faulty(surroundings_of(values), fault));
}
