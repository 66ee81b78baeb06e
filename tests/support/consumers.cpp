#include "tests/support/consumers.hpp"

#include <csignal>

#include <thread>

namespace dispatch::test {

void kill_and_restart(server_process& upstream, std::chrono::milliseconds away,
                      const std::vector<std::string>& options) {
  upstream.program.signal(SIGKILL);
  upstream.program.wait_for_end(test_timeout);
  std::this_thread::sleep_for(away);
  upstream = start_dataset_server(options, upstream.port);
}

} // namespace dispatch::test
