#pragma once

#include <cstddef>
#include <memory>

#include "bench/peers/peer.hpp"
#include "io/host_port.hpp"

namespace dispatch::bench {

/// Redis: a stream, which keeps the frames. Each consumer reads it from its first entry.
/// @param frames of a pass: with so many a consumer has all
std::unique_ptr<peer> make_redis_peer(const io::host_port& server, std::size_t frames);

/// RabbitMQ: a fanout exchange, and a queue for each consumer.
std::unique_ptr<peer> make_rabbitmq_peer(const io::host_port& server);

/// NATS: a subject, which keeps nothing.
std::unique_ptr<peer> make_nats_peer(const io::host_port& server);

} // namespace dispatch::bench
