#include <nats/nats.h>

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "bench/peers/brokers.hpp"

namespace dispatch::bench {

namespace {

constexpr const char* subject = "pass";

/// As dispatcher-load has.
constexpr int buffer_size = 256 * 1024;

constexpr std::int64_t patience_ms = 10'000;

void check(natsStatus status, const char* what) {
  if (status != NATS_OK)
    throw peer_error(std::string{"nats: "} + what + ": " + natsStatus_GetText(status));
}

template <class Type, void (*Destroy)(Type*)>
struct destroy_by {
  void operator()(Type* object) const { Destroy(object); }
};

template <class Type, void (*Destroy)(Type*)>
using owned = std::unique_ptr<Type, destroy_by<Type, Destroy>>;

using options_ptr = owned<natsOptions, natsOptions_Destroy>;
using connection_ptr = owned<natsConnection, natsConnection_Destroy>;
using subscription_ptr = owned<natsSubscription, natsSubscription_Destroy>;
using message_ptr = owned<natsMsg, natsMsg_Destroy>;

options_ptr make_options(const io::host_port& server) {
  natsOptions* made = nullptr;
  check(natsOptions_Create(&made), "options");
  options_ptr options{made};
  check(natsOptions_SetURL(made, ("nats://" + to_string(server)).c_str()), "address");
  check(natsOptions_SetAllowReconnect(made, false), "options");
  check(natsOptions_SetIOBufSize(made, buffer_size), "options");
  // Without this what is published waits for a millisecond.
  check(natsOptions_SetSendAsap(made, true), "options");
  return options;
}

connection_ptr connect(natsOptions& options) {
  natsConnection* made = nullptr;
  check(natsConnection_Connect(&made, &options), "connect");
  return connection_ptr{made};
}

class nats_publisher final : public publisher {
public:
  explicit nats_publisher(const io::host_port& server) : connection_(connect(*make_options(server))) {}

  void publish(std::string_view frame) override {
    check(natsConnection_Publish(connection_.get(), subject, frame.data(), static_cast<int>(frame.size())), "publish");
  }

  void finish() override { check(natsConnection_FlushTimeout(connection_.get(), patience_ms), "flush"); }

private:
  connection_ptr connection_;
};

/// What the library tells an event loop, of one connection.
struct loop_part {
  int fd = -1;
  std::atomic<bool> has_to_write{false};
};

natsStatus attach(void** user, void* loop, natsConnection*, natsSock socket) {
  static_cast<loop_part*>(loop)->fd = socket;
  *user = loop;
  return NATS_OK;
}

natsStatus watch_reads(void*, bool) {
  return NATS_OK;
}

natsStatus watch_writes(void* user, bool wanted) {
  static_cast<loop_part*>(user)->has_to_write = wanted;
  return NATS_OK;
}

natsStatus detach(void*) {
  return NATS_OK;
}

class nats_consumer final : public consumer {
public:
  explicit nats_consumer(const io::host_port& server) {
    const auto options = make_options(server);
    check(natsOptions_SetEventLoop(options.get(), &loop_, attach, watch_reads, watch_writes, detach), "event loop");
    connection_ = connect(*options);
    subscription_ = subscribe(subject);
    wait_until_known();
  }

  nats_consumer(const nats_consumer&) = delete;
  nats_consumer& operator=(const nats_consumer&) = delete;

  /// To close it in order would wait for an answer that no loop reads any more. Its end comes behind what is there.
  ~nats_consumer() override {
    ::shutdown(fd(), SHUT_RDWR);
    while (connection_ && !natsConnection_IsClosed(connection_.get()))
      natsConnection_ProcessReadEvent(connection_.get());
  }

  int fd() const override { return loop_.fd; }

  void begin_pass() override {}

  void read(const frame_sink& take) override {
    move_bytes();
    while (const auto message = next_of(*subscription_))
      take({natsMsg_GetData(message.get()), static_cast<std::size_t>(natsMsg_GetDataLength(message.get()))});
  }

private:
  subscription_ptr subscribe(const char* to) {
    natsSubscription* made = nullptr;
    check(natsConnection_SubscribeSync(&made, connection_.get(), to), "subscribe");
    subscription_ptr result{made};
    check(natsSubscription_SetPendingLimits(made, -1, -1), "pending limits");
    return result;
  }

  /// The server knows of the subscription when it has sent back what was published behind it.
  void wait_until_known() {
    natsInbox* made = nullptr;
    check(natsInbox_Create(&made), "inbox");
    const owned<natsInbox, natsInbox_Destroy> inbox{made};
    const auto back = subscribe(inbox.get());
    check(natsConnection_PublishString(connection_.get(), inbox.get(), "?"), "publish");
    write_rest();
    while (!next_of(*back)) {
      ::pollfd waiting{fd(), POLLIN, 0};
      if (::poll(&waiting, 1, static_cast<int>(patience_ms)) <= 0)
        throw peer_error("nats: the subscription was not answered");
      move_bytes();
    }
  }

  static message_ptr next_of(natsSubscription& from) {
    natsMsg* message = nullptr;
    const auto status = natsSubscription_NextMsg(&message, &from, 0);
    if (status != NATS_TIMEOUT)
      check(status, "read");
    return message_ptr{message};
  }

  void move_bytes() {
    natsConnection_ProcessReadEvent(connection_.get());
    write_rest();
    if (natsConnection_IsClosed(connection_.get()))
      throw peer_error("nats: the connection has ended");
  }

  /// Such as the answer to a ping.
  void write_rest() {
    while (loop_.has_to_write)
      natsConnection_ProcessWriteEvent(connection_.get());
  }

  loop_part loop_;
  connection_ptr connection_;
  subscription_ptr subscription_;
};

class nats_peer final : public peer {
public:
  explicit nats_peer(io::host_port server) : server_(std::move(server)) {}

  std::unique_ptr<publisher> make_publisher() override { return std::make_unique<nats_publisher>(server_); }

  std::unique_ptr<consumer> make_consumer() override { return std::make_unique<nats_consumer>(server_); }

private:
  io::host_port server_;
};

} // namespace

std::unique_ptr<peer> make_nats_peer(const io::host_port& server) {
  return std::make_unique<nats_peer>(server);
}

} // namespace dispatch::bench
