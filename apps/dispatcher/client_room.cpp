#include "apps/dispatcher/client_room.hpp"

#include <algorithm>

#include "actors/policy/name_watch.hpp"
#include "apps/dispatcher/upstream_options.hpp"

namespace dispatch {

namespace {

/// For files, for what waits for events, and for those who are refused.
constexpr std::uint64_t base_reserve = 128;

/// For those who look at the admin endpoint.
constexpr std::uint64_t reserve_for_admin = 40;

/// A connection that breaks may not be closed yet when the next is opened; an embedded dataset service has its other
/// end.
constexpr std::uint64_t reserve_for_connection = 4;

/// The part of the reserve that those who are refused may take: what is left must do for the way to the data.
constexpr std::uint64_t reserve_by_refused = 4;

std::size_t most_upstreams(const config& values) {
  const auto places = upstreams_of(values);
  return places.addresses.size() + places.names.size() * policy::name_watch::most_addresses;
}

} // namespace

client_room room_for_clients(std::uint64_t descriptors, const config& values) {
  // Besides the fetchers' connections, each upstream may have one for a stream.
  const auto connections = most_upstreams(values) * (values.fetchers + 1);
  const auto admin = values.admin != no_endpoint ? reserve_for_admin : 0;
  const auto reserve = std::min(base_reserve + admin + reserve_for_connection * connections, descriptors / 2);
  const auto at_least_one = [](std::uint64_t count) {
    return static_cast<std::size_t>(std::max(count, std::uint64_t{1}));
  };
  return {at_least_one(descriptors - reserve), at_least_one(reserve / reserve_by_refused)};
}

} // namespace dispatch
