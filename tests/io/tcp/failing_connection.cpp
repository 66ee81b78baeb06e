#define CAF_SUITE failing_connection

#include <caf/test/dsl.hpp>

#include <unistd.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>

#include "io/tcp/connection_broker.hpp"
#include "io/tcp/listen_socket.hpp"
#include "tests/support/broker_fixture.hpp"
#include "tests/support/tcp_client.hpp"
#include "wire/classic_codec.hpp"

using namespace dispatch;

namespace {

/// A connection that dies of an exception when it is to write a line.
class failing_connection_state : public io::connection_broker_state {
public:
  using connection_broker_state::connection_broker_state;

  io::connection_broker_actor::behavior_type make_behavior() {
    auto handlers = connection_broker_state::make_behavior();
    const caf::message_handler fault{[](const write_line&) { throw std::runtime_error("for the test"); }};
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
      const auto accepted = std::get<io::accepted_socket>(io::accept_connection(socket.fd));
      auto scribe = multiplexer.new_scribe(accepted.fd);
      caf::actor_config config{&multiplexer};
      connection_actor connection =
        sys.spawn_class<failing_connection, caf::no_spawn_options>(config, scribe->hdl(), options, std::string{"c"});
      static_cast<failing_connection*>(caf::actor_cast<caf::abstract_actor*>(connection))
        ->move_scribe(std::move(scribe));
      made.set_value(std::move(connection));
    });
    auto result = made.get_future();
    CAF_REQUIRE(result.wait_for(patience) == std::future_status::ready);
    ::close(socket.fd);
    return result.get();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(failing_connection_tests, fixture)

CAF_TEST(a connection that fails leaves an error frame behind what has left whole) {
  const auto socket = listen();
  test::tcp_client peer{port};
  const auto connection = accept_failing(socket);
  self->monitor(connection);
  const auto frame = encode_frame(0, false, "samples");
  const auto tail = std::make_shared<const std::string>(encode_tail("c", false));
  self->send(connection, write_frames{{{frame, tail}}});
  CAF_CHECK_EQUAL(peer.read_line().value_or("") + "\n", std::string{frame->encoded()} + *tail);
  self->send(connection, write_line{"never written\n"});
  const auto last = peer.read_all();
  CAF_CHECK_EQUAL(last.find("{\"batch_id\":1,"), 0u);
  CAF_CHECK(last.find("\"code\":\"INTERNAL\"") != std::string::npos);
  expect_down();
}

CAF_TEST_FIXTURE_SCOPE_END()
