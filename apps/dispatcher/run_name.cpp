#include "apps/dispatcher/run_name.hpp"

#include <array>
#include <random>

#include <limits.h>
#include <unistd.h>

namespace dispatch {

std::string name_of_run() {
  std::array<char, HOST_NAME_MAX + 1> host{};
  ::gethostname(host.data(), host.size() - 1);
  return std::string{host.data()} + "/" + std::to_string(::getpid()) + "/" + std::to_string(std::random_device{}());
}

} // namespace dispatch
