#define CAF_SUITE failing_connection

#include <caf/test/dsl.hpp>

#include <future>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "io/tcp/connection_broker.hpp"
#include "io/tcp/listen_socket.hpp"
#include "tests/support/broker_fixture.hpp"
#include "tests/support/tcp_client.hpp"

using namespace dispatch;

namespace {

/// A connection that dies of an exception when it is told that no more messages will come.
class failing_connection_state : public io::connection_broker_state {
public:
  using connection_broker_state::connection_broker_state;

  io::connection_broker_actor::behavior_type make_behavior() {
    auto handlers = connection_broker_state::make_behavior();
    const caf::message_handler fault{[](finish_sending) { throw std::runtime_error("for the test"); }};
    return {caf::unsafe_behavior_init, fault.or_else(handlers.unbox())};
  }
};

using failing_connection = io::connection_broker_actor::stateful_broker_base<failing_connection_state>;

struct fixture : test::broker_fixture {
  /// Accepts a peer in the multiplexer's thread, as the server does.
  connection_actor accept_failing(const io::listen_socket& socket) {
    std::promise<connection_actor> made;
    auto& multiplexer = sys.middleman().backend();
    multiplexer.post([&] {
      auto accepted = std::get<io::accepted_socket>(io::accept_connection(socket.fd.get()));
      caf::actor_config config{&multiplexer};
      made.set_value(
        sys.spawn_class<failing_connection, caf::no_spawn_options>(config, std::move(accepted.fd), options));
    });
    auto result = made.get_future();
    CAF_REQUIRE(result.wait_for(timeout) == std::future_status::ready);
    return result.get();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(failing_connection_tests, fixture)

CAF_TEST(a connection that fails closes its socket and says so) {
  const auto socket = listen();
  test::tcp_client peer{port};
  const auto connection = accept_failing(socket);
  self->monitor(connection);
  send_message(connection, "whole\n");
  CAF_CHECK_EQUAL(peer.read_line().value_or(""), "whole");
  self->send(connection, finish_sending{});
  CAF_CHECK_EQUAL(peer.read_all(), "");
  self->receive([](const caf::down_msg& msg) { CAF_CHECK(msg.reason); },
                caf::after(timeout) >> [] { CAF_FAIL("the connection stays"); });
}

CAF_TEST_FIXTURE_SCOPE_END()
