#include <amqp.h>
#include <amqp_tcp_socket.h>

#include <sys/time.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "bench/peers/brokers.hpp"

namespace dispatch::bench {

namespace {

constexpr const char* exchange_name = "pass";
constexpr amqp_channel_t channel = 1;

/// What servers and clients have by default; a frame of MNIST fits into one of AMQP.
constexpr int frame_max = 131072;

void check(int status, const char* what) {
  if (status != AMQP_STATUS_OK)
    throw peer_error(std::string{"rabbitmq: "} + what + ": " + amqp_error_string2(status));
}

std::string text_of(const amqp_bytes_t& bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

void check(const amqp_rpc_reply_t& reply, const char* what) {
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
    check(reply.library_error, what);
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
    throw peer_error("rabbitmq: " + text_of(static_cast<amqp_channel_close_t*>(reply.reply.decoded)->reply_text));
  if (reply.reply_type != AMQP_RESPONSE_NORMAL)
    throw peer_error(std::string{"rabbitmq: "} + what + " was refused");
}

/// A connection with a channel, on which the exchange is known.
class rabbitmq_connection {
public:
  explicit rabbitmq_connection(const io::host_port& server) : state_(amqp_new_connection()) {
    auto* socket = amqp_tcp_socket_new(state_.get());
    check(amqp_socket_open(socket, server.host.c_str(), server.port), "connect");
    check(amqp_login(state_.get(), "/", 1, frame_max, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), "log in");
    amqp_channel_open(state_.get(), channel);
    check_last("open a channel");
    amqp_exchange_declare(state_.get(), channel, amqp_cstring_bytes(exchange_name), amqp_cstring_bytes("fanout"), 0, 0,
                          0, 0, amqp_empty_table);
    check_last("declare the exchange");
  }

  amqp_connection_state_t get() const { return state_.get(); }

  void check_last(const char* what) { check(amqp_get_rpc_reply(state_.get()), what); }

private:
  struct destroy {
    void operator()(amqp_connection_state_t state) const { amqp_destroy_connection(state); }
  };

  std::unique_ptr<std::remove_pointer_t<amqp_connection_state_t>, destroy> state_;
};

class rabbitmq_publisher final : public publisher {
public:
  explicit rabbitmq_publisher(const io::host_port& server) : connection_(server) {}

  void publish(std::string_view frame) override {
    const amqp_bytes_t body{frame.size(), const_cast<char*>(frame.data())};
    check(amqp_basic_publish(connection_.get(), channel, amqp_cstring_bytes(exchange_name), amqp_empty_bytes, 0, 0,
                             nullptr, body),
          "publish");
  }

  /// What consumers have got says it.
  void finish() override {}

private:
  rabbitmq_connection connection_;
};

class rabbitmq_consumer final : public consumer {
public:
  explicit rabbitmq_consumer(const io::host_port& server) : connection_(server) {
    // Of its own, and gone with it. Messages count as acknowledged when they are sent: that is the fastest.
    const auto* queue = amqp_queue_declare(connection_.get(), channel, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
    connection_.check_last("declare a queue");
    const auto name = text_of(queue->queue);
    amqp_queue_bind(connection_.get(), channel, amqp_cstring_bytes(name.c_str()), amqp_cstring_bytes(exchange_name),
                    amqp_empty_bytes, amqp_empty_table);
    connection_.check_last("bind a queue");
    amqp_basic_consume(connection_.get(), channel, amqp_cstring_bytes(name.c_str()), amqp_empty_bytes, 0, 1, 1,
                       amqp_empty_table);
    connection_.check_last("consume");
  }

  int fd() const override { return amqp_get_sockfd(connection_.get()); }

  void begin_pass() override {}

  void read(const frame_sink& take) override {
    for (;;) {
      ::timeval at_once{0, 0};
      amqp_frame_t frame;
      const auto status = amqp_simple_wait_frame_noblock(connection_.get(), &frame, &at_once);
      if (status == AMQP_STATUS_TIMEOUT)
        return;
      check(status, "read");
      take_part(frame, take);
    }
  }

private:
  void take_part(const amqp_frame_t& frame, const frame_sink& take) {
    if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id != AMQP_BASIC_DELIVER_METHOD)
      throw peer_error("rabbitmq: the server said " + std::string{amqp_method_name(frame.payload.method.id)});
    if (frame.frame_type == AMQP_FRAME_HEADER)
      due_ = frame.payload.properties.body_size;
    if (frame.frame_type != AMQP_FRAME_BODY)
      return;
    const auto& piece = frame.payload.body_fragment;
    due_ -= piece.len;
    if (due_ == 0 && body_.empty()) {
      take({static_cast<const char*>(piece.bytes), piece.len});
    } else {
      body_ += text_of(piece);
      if (due_ == 0)
        take(std::exchange(body_, {}));
    }
    amqp_maybe_release_buffers_on_channel(connection_.get(), channel);
  }

  rabbitmq_connection connection_;
  std::uint64_t due_ = 0; // bytes of the body that have not come
  std::string body_;      // where it comes in several pieces
};

class rabbitmq_peer final : public peer {
public:
  explicit rabbitmq_peer(io::host_port server) : server_(std::move(server)) {}

  std::unique_ptr<publisher> make_publisher() override { return std::make_unique<rabbitmq_publisher>(server_); }

  std::unique_ptr<consumer> make_consumer() override { return std::make_unique<rabbitmq_consumer>(server_); }

private:
  io::host_port server_;
};

} // namespace

std::unique_ptr<peer> make_rabbitmq_peer(const io::host_port& server) {
  return std::make_unique<rabbitmq_peer>(server);
}

} // namespace dispatch::bench
