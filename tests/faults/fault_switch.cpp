#include "tests/faults/fault_switch.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>

#include <cstdlib>
#include <utility>

#include "actors/batch_stream.hpp"
#include "actors/client.hpp"
#include "actors/fetcher.hpp"
#include "actors/fetcher_pool.hpp"
#include "actors/frame_cache.hpp"
#include "actors/listener.hpp"
#include "io/host_port.hpp"
#include "io/tcp/connection_broker.hpp"

namespace dispatch::test {

// -- the switch -------------------------------------------------------------------------------------------------------

fault_switch::fault_switch() {
  const auto* chosen = std::getenv("DISPATCHER_FAULT");
  if (chosen == nullptr)
    return;
  const std::string text{chosen};
  const auto first = text.find(':');
  const auto last = text.rfind(':');
  arm({text.substr(0, first), text.substr(first + 1, last - first - 1)}, std::stoull(text.substr(last + 1)));
}

fault_switch& fault_switch::instance() {
  static fault_switch only;
  return only;
}

void fault_switch::arm(const fault_point& where, std::uint64_t occurrence) {
  const std::lock_guard guard{mutex_};
  armed_ = where;
  left_ = occurrence;
}

bool fault_switch::has_thrown() const {
  const std::lock_guard guard{mutex_};
  return left_ == 0;
}

std::map<fault_point, std::uint64_t> fault_switch::take_counts() {
  const std::lock_guard guard{mutex_};
  return std::exchange(counts_, {});
}

void fault_switch::reach(const fault_point& where) {
  {
    const std::lock_guard guard{mutex_};
    ++counts_[where];
    if (left_ == 0 || armed_ < where || where < armed_ || --left_ > 0)
      return;
  }
  throw injected_fault{where};
}

std::size_t fault_switch::running_actors() const {
  return system_.load()->registry().running();
}

// -- around handlers --------------------------------------------------------------------------------------------------

namespace {

/// `reply dispatch::frame_run` without the namespaces.
std::string short_name(const caf::message& content) {
  if (content.empty())
    return "nothing";
  const auto full = caf::query_type_name(content.type_at(0));
  const std::string name{full.data(), full.size()};
  const auto last = name.rfind("::");
  return last == std::string::npos ? name : name.substr(last + 2);
}

/// CAF delivers the end of a socket from outside of what it guards against exceptions, and the process would end. The
/// connection's handler for it throws nothing.
bool may_throw(const std::string& message) {
  return message != "connection_closed_msg";
}

/// Reaches a fault point before each of the handlers that it stands around.
class faulty_handlers : public caf::detail::behavior_impl {
public:
  faulty_handlers(std::string actor, std::string prefix, caf::behavior::impl_ptr handlers)
    : actor_(std::move(actor)),
      prefix_(std::move(prefix)),
      handlers_(std::move(handlers)) {}

  bool invoke(caf::detail::invoke_result_visitor& visitor, caf::message& content) override {
    const auto message = prefix_ + short_name(content);
    if (may_throw(message))
      fault_switch::instance().reach({actor_, message});
    return handlers_->invoke(visitor, content);
  }

private:
  std::string actor_;
  std::string prefix_;
  caf::behavior::impl_ptr handlers_;
};

caf::behavior with_faults(const char* actor, const std::string& prefix, const caf::behavior& handlers) {
  return caf::behavior{
    caf::behavior::impl_ptr{caf::make_counted<faulty_handlers>(actor, prefix, handlers.as_behavior_impl())}};
}

/// What `State::make_behavior` returns, and its handler for down messages, with faults.
template <class State, class Behavior>
Behavior with_faults(State& state, Behavior handlers) {
  caf::scheduled_actor* self = state.self_;
  fault_switch::instance().note(self->home_system());
  self->down_handler_ = [inner = self->down_handler_](caf::scheduled_actor* who, caf::down_msg& msg) {
    fault_switch::instance().reach({State::name, "down_msg"});
    inner(who, msg);
  };
  return {caf::unsafe_behavior_init, with_faults(State::name, "", handlers.unbox())};
}

template <class State>
using behavior_of = decltype(std::declval<State&>().make_behavior());

} // namespace

// -- what the linker calls --------------------------------------------------------------------------------------------

// NOLINTBEGIN: the names are the linker's.
#define DISPATCH_FAULTS_IN(state, symbol)                                                                              \
  behavior_of<state> real_make_behavior(state* self) asm("__real_" symbol);                                            \
  behavior_of<state> wrapped_make_behavior(state* self) asm("__wrap_" symbol);                                         \
  behavior_of<state> wrapped_make_behavior(state* self) {                                                              \
    return with_faults(*self, real_make_behavior(self));                                                               \
  }

DISPATCH_FAULTS_IN(batch_stream_state, "_ZN8dispatch18batch_stream_state13make_behaviorEv")
DISPATCH_FAULTS_IN(client_state, "_ZN8dispatch12client_state13make_behaviorEv")
DISPATCH_FAULTS_IN(fetcher_state, "_ZN8dispatch13fetcher_state13make_behaviorB5cxx11Ev")
DISPATCH_FAULTS_IN(fetcher_pool_state, "_ZN8dispatch18fetcher_pool_state13make_behaviorEv")
DISPATCH_FAULTS_IN(frame_cache_state, "_ZN8dispatch17frame_cache_state13make_behaviorEv")
DISPATCH_FAULTS_IN(listener_state, "_ZN8dispatch14listener_state13make_behaviorEv")
DISPATCH_FAULTS_IN(io::connection_broker_state, "_ZN8dispatch2io23connection_broker_state13make_behaviorEv")

#undef DISPATCH_FAULTS_IN

/// Every `request(...).then(...)` comes by here.
void real_add_handler(caf::scheduled_actor* self, caf::message_id id, caf::behavior handlers) asm(
  "__real__ZN3caf15scheduled_actor32add_multiplexed_response_handlerENS_10message_idENS_8behaviorE");
void wrapped_add_handler(caf::scheduled_actor* self, caf::message_id id, caf::behavior handlers) asm(
  "__wrap__ZN3caf15scheduled_actor32add_multiplexed_response_handlerENS_10message_idENS_8behaviorE");
void wrapped_add_handler(caf::scheduled_actor* self, caf::message_id id, caf::behavior handlers) {
  real_add_handler(self, id, with_faults(self->name(), "reply ", handlers));
}

/// Every `run_delayed` comes by here.
caf::disposable real_run_delayed(caf::scheduled_actor* self, caf::timespan delay, caf::action what) asm(
  "__real__ZN3caf15scheduled_actor11run_delayedENSt6chrono8durationIlSt5ratioILl1ELl1000000000EEEENS_6actionE");
caf::disposable wrapped_run_delayed(caf::scheduled_actor* self, caf::timespan delay, caf::action what) asm(
  "__wrap__ZN3caf15scheduled_actor11run_delayedENSt6chrono8durationIlSt5ratioILl1ELl1000000000EEEENS_6actionE");
caf::disposable wrapped_run_delayed(caf::scheduled_actor* self, caf::timespan delay, caf::action what) {
  auto faulty = [actor = self->name(), what = std::move(what)]() mutable {
    fault_switch::instance().reach({actor, "timer"});
    // The clock does that with the one that it knows.
    what.reschedule();
    what.run();
  };
  return real_run_delayed(self, delay, caf::make_action(std::move(faulty), caf::action::state::waiting));
}

/// The server broker is made where it is defined, out of the linker's reach; this is what it does with each connection
/// that it accepts.
std::string
real_to_string(const io::host_port& address) asm("__real__ZN8dispatch2io9to_stringB5cxx11ERKNS0_9host_portE");
std::string
wrapped_to_string(const io::host_port& address) asm("__wrap__ZN8dispatch2io9to_stringB5cxx11ERKNS0_9host_portE");
std::string wrapped_to_string(const io::host_port& address) {
  fault_switch::instance().reach({"server", "new_connection_msg"});
  return real_to_string(address);
}
// NOLINTEND

} // namespace dispatch::test
