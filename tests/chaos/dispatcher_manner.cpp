#include "tests/chaos/dispatcher_manner.hpp"

#include <utility>

#include "tests/chaos/draw.hpp"

namespace dispatch::chaos {

namespace {

using strings = std::vector<std::string>;

std::string one_of(const strings& all, random_source& random) {
  return all[static_cast<std::size_t>(random.below(all.size()))];
}

} // namespace

dispatcher_manner dispatcher_manner_of(std::uint64_t seed) {
  random_source random{seed + 0x6d616e6e6572}; // "manner"
  dispatcher_manner result;
  result.fetchers = static_cast<std::size_t>(draw_between(random, 1, 3));
  // A pass has four MiB. With all of it kept, nobody would notice what happens upstream.
  const auto cache = one_of({"0", "1", "2"}, random);
  const std::vector<std::pair<std::string, strings>> drawn{{"--fetch-mode", {"auto", "get", "stream"}},
                                                           {"--in-flight", {"auto", "auto", "2", "16"}},
                                                           {"--window", {"auto", "auto", "1", "50"}}};
  result.options = {"--fetchers", std::to_string(result.fetchers), "--cache-mb", cache};
  for (const auto& [option, values] : drawn)
    result.options.insert(result.options.end(), {option, one_of(values, random)});
  // So much goes wrong that an unlucky batch may fail more often than a user would let it.
  result.options.insert(result.options.end(),
                        {"--call-timeout", "2s", "--max-attempts", "100", "--drain-timeout", "3s"});
  // Some consumers vanish.
  result.options.insert(result.options.end(), {"--dead-peer-timeout", "5s"});
  return result;
}

} // namespace dispatch::chaos
