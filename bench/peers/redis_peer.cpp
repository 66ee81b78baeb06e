#include <hiredis/hiredis.h>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "bench/peers/brokers.hpp"

namespace dispatch::bench {

namespace {

constexpr const char* stream_name = "pass";

/// Commands that the publisher has sent and Redis has not answered.
constexpr std::size_t unanswered_at_most = 16;

/// As dispatcher-load has.
constexpr std::size_t buffer_size = 256 * 1024;

/// All consumers of a thread share it.
thread_local std::array<char, buffer_size> buffer;

struct free_context {
  void operator()(redisContext* context) const { redisFree(context); }
};

struct free_reader {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};

using context_ptr = std::unique_ptr<redisContext, free_context>;

context_ptr connect(const io::host_port& server) {
  context_ptr context{redisConnect(server.host.c_str(), server.port)};
  if (!context || context->err != 0)
    throw peer_error("redis: cannot connect: " + std::string{context ? context->errstr : "no memory"});
  return context;
}

void send_all(redisContext& context) {
  for (int done = 0; done == 0;)
    if (redisBufferWrite(&context, &done) != REDIS_OK)
      throw peer_error("redis: cannot send: " + std::string{context.errstr});
}

// -- the publisher ----------------------------------------------------------------------------------------------------

class redis_publisher final : public publisher {
public:
  explicit redis_publisher(context_ptr context) : context_(std::move(context)) {
    redisAppendCommand(context_.get(), "DEL %s", stream_name);
    ++unanswered_;
  }

  void publish(std::string_view frame) override {
    redisAppendCommand(context_.get(), "XADD %s * frame %b", stream_name, frame.data(), frame.size());
    ++unanswered_;
    send_all(*context_);
    if (unanswered_ > unanswered_at_most)
      take_answer();
  }

  void finish() override {
    while (unanswered_ > 0)
      take_answer();
  }

private:
  void take_answer() {
    void* answer = nullptr;
    if (redisGetReply(context_.get(), &answer) != REDIS_OK)
      throw peer_error("redis: " + std::string{context_->errstr});
    const std::unique_ptr<redisReply, void (*)(void*)> reply{static_cast<redisReply*>(answer), freeReplyObject};
    if (reply->type == REDIS_REPLY_ERROR)
      throw peer_error("redis: " + std::string{reply->str, reply->len});
    --unanswered_;
  }

  context_ptr context_;
  std::size_t unanswered_ = 0;
};

// -- the parts of a reply ---------------------------------------------------------------------------------------------

/// Where the parts of one reply go. They are looked at where they lie, which hiredis would copy them from.
struct reply_parts {
  const consumer::frame_sink* take = nullptr;
  std::string last_id{};
  std::string error{};
  std::size_t frames = 0; ///< of the pass
};

/// hiredis takes a null for a failure, so each part of a reply becomes a pointer to this. It is never read.
char part;

std::size_t level_of(const redisReadTask& task) {
  std::size_t level = 0;
  for (const auto* at = task.parent; at != nullptr; at = at->parent)
    ++level;
  return level;
}

// A reply to XREAD: streams of [name, entries of [id, fields of [name, value]]].
constexpr std::size_t id_level = 4;
constexpr std::size_t value_level = 5;

void* take_string(const redisReadTask* task, char* bytes, std::size_t size) {
  auto& parts = *static_cast<reply_parts*>(task->privdata);
  const auto level = level_of(*task);
  if (task->type == REDIS_REPLY_ERROR)
    parts.error.assign(bytes, size);
  else if (level == id_level && task->idx == 0)
    parts.last_id.assign(bytes, size);
  else if (level == value_level && task->idx == 1) {
    ++parts.frames;
    (*parts.take)({bytes, size});
  }
  return &part;
}

/// By version of hiredis, the size is an int or a size_t.
template <class Size>
void* take_array(const redisReadTask*, Size) {
  return &part;
}

void* take_integer(const redisReadTask*, long long) {
  return &part;
}

void* take_nil(const redisReadTask*) {
  return &part;
}

redisReplyObjectFunctions part_functions() {
  redisReplyObjectFunctions result{};
  result.createString = take_string;
  result.createArray = take_array;
  result.createInteger = take_integer;
  result.createNil = take_nil;
  result.freeObject = [](void*) {};
  return result;
}

// -- the consumer -----------------------------------------------------------------------------------------------------

class redis_consumer final : public consumer {
public:
  redis_consumer(context_ptr context, std::size_t frames)
    : context_(std::move(context)),
      frames_(frames),
      functions_(part_functions()),
      reader_(redisReaderCreateWithFunctions(&functions_)) {
    // It would give its memory back after each reply.
    reader_->maxbuf = 0;
    reader_->privdata = &parts_;
  }

  int fd() const override { return context_->fd; }

  void begin_pass() override {
    parts_.last_id = "0";
    parts_.frames = 0;
    ask();
  }

  void read(const frame_sink& take) override {
    parts_.take = &take;
    const auto got = ::recv(context_->fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (got <= 0)
      throw peer_error("redis: the connection has ended");
    if (redisReaderFeed(reader_.get(), buffer.data(), static_cast<std::size_t>(got)) != REDIS_OK)
      throw peer_error("redis: " + std::string{reader_->errstr});
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK)
      throw peer_error("redis: " + std::string{reader_->errstr});
    if (!parts_.error.empty())
      throw peer_error("redis: " + parts_.error);
    if (reply != nullptr && parts_.frames < frames_)
      ask();
  }

private:
  /// Where there is nothing yet, Redis answers once there is. More entries at a time are slower with many consumers:
  /// Redis makes each reply in new memory before it sends it.
  void ask() {
    redisAppendCommand(context_.get(), "XREAD COUNT 4 BLOCK 0 STREAMS %s %s", stream_name, parts_.last_id.c_str());
    send_all(*context_);
  }

  context_ptr context_;
  std::size_t frames_;
  reply_parts parts_;
  redisReplyObjectFunctions functions_;
  std::unique_ptr<redisReader, free_reader> reader_;
};

class redis_peer final : public peer {
public:
  redis_peer(io::host_port server, std::size_t frames) : server_(std::move(server)), frames_(frames) {}

  std::unique_ptr<publisher> make_publisher() override { return std::make_unique<redis_publisher>(connect(server_)); }

  std::unique_ptr<consumer> make_consumer() override {
    return std::make_unique<redis_consumer>(connect(server_), frames_);
  }

private:
  io::host_port server_;
  std::size_t frames_;
};

} // namespace

std::unique_ptr<peer> make_redis_peer(const io::host_port& server, std::size_t frames) {
  return std::make_unique<redis_peer>(server, frames);
}

} // namespace dispatch::bench
