#define CAF_SUITE failed_peer

#include "io/tls/failed_peer.hpp"

#include <caf/test/unit_test.hpp>

#include <string>

using dispatch::tls::failed_peer;
using dispatch::tls::readable_peer;

namespace {

const std::string beginning = "failed to connect to all addresses; last error: ";

std::string peer_in(const std::string& end) {
  return failed_peer(beginning + end).value_or("nothing");
}

} // namespace

CAF_TEST(gRPC names the address where it was connected and could not talk) {
  CAF_CHECK_EQUAL(peer_in("UNKNOWN: ipv4:127.0.0.1:50051: Ssl handshake failed: SSL_ERROR_SSL: error:0A00010B:SSL "
                          "routines::wrong version number"),
                  "ipv4:127.0.0.1:50051");
  CAF_CHECK_EQUAL(peer_in("UNKNOWN: ipv6:%5B::1%5D:38105: Peer name gpu is not in peer certificate"),
                  "ipv6:[::1]:38105");
  CAF_CHECK_EQUAL(peer_in("UNAVAILABLE: unix:/run/dataset.sock: Socket closed"), "unix:/run/dataset.sock");
  CAF_CHECK_EQUAL(peer_in("UNAVAILABLE: ipv4:10.0.0.7:443: recvmsg:Connection reset by peer"), "ipv4:10.0.0.7:443");
}

CAF_TEST(nothing is to be tried where nothing listens) {
  CAF_CHECK_EQUAL(peer_in("UNKNOWN: ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused"),
                  "nothing");
  CAF_CHECK_EQUAL(peer_in("UNKNOWN: unix:/run/none: No such file or directory"), "nothing");
}

CAF_TEST(other texts name no address) {
  for (const std::string text :
       {"", "Deadline Exceeded", "Socket closed", "the connection to the dataset service was lost",
        "DNS resolution failed for nowhere.invalid:1: C-ares status is not ARES_SUCCESS qtype=AAAA",
        "a service says: ipv4:127.0.0.1:1: failed to connect to all addresses; last error: "})
    CAF_CHECK(!failed_peer(text));
  for (const std::string end : {"", "UNKNOWN", "UNKNOWN: ", "UNKNOWN: ipv4:1.2.3.4:5", "UNKNOWN: vsock:3:4: closed"})
    CAF_CHECK_EQUAL(peer_in(end), "nothing");
}

CAF_TEST(the other side of a call is written as people do) {
  CAF_CHECK_EQUAL(readable_peer("ipv4:127.0.0.1:50051"), "127.0.0.1:50051");
  CAF_CHECK_EQUAL(readable_peer("ipv6:%5B::1%5D:50051"), "[::1]:50051");
  CAF_CHECK_EQUAL(readable_peer("ipv6:[::1]:50051"), "[::1]:50051");
  CAF_CHECK_EQUAL(readable_peer("unix:/run/dataset.sock"), "unix:/run/dataset.sock");
  CAF_CHECK_EQUAL(readable_peer("unix:"), "unix:");
}
