#include "io/tcp/gather_send.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <tuple>

namespace dispatch::io {

std::optional<std::size_t> gather_send(int fd, const gather_list& list) {
  std::array<::iovec, std::tuple_size_v<decltype(list.pieces)>> vectors;
  for (std::size_t i = 0; i < list.count; ++i)
    vectors[i] = {const_cast<char*>(list.pieces[i].data()), list.pieces[i].size()};
  ::msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = list.count;
  ::ssize_t sent = 0;
  do {
    sent = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0)
    return static_cast<std::size_t>(sent);
  return errno == EAGAIN || errno == EWOULDBLOCK ? std::optional<std::size_t>{0} : std::nullopt;
}

} // namespace dispatch::io
