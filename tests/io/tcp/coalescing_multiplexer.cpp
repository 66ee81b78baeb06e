#define CAF_SUITE coalescing_multiplexer

#include "io/tcp/coalescing_multiplexer.hpp"

#include <caf/test/dsl.hpp>

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <vector>

using namespace dispatch;
using namespace std::chrono_literals;

namespace {

constexpr auto timeout = 30s;

struct config : caf::actor_system_config {
  config() {
    load<caf::io::middleman, io::coalescing_multiplexer>();
    set("caf.scheduler.max-threads", 1);
    set("caf.logger.console.verbosity", "quiet");
  }
};

struct fixture {
  config cfg;
  caf::actor_system sys{cfg};
  caf::io::network::multiplexer& backend = sys.middleman().backend();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(coalescing_multiplexer_tests, fixture)

CAF_TEST(what came from other threads while it was busy runs in one round) {
  constexpr auto count = 100;
  std::promise<void> busy;
  std::promise<void> go_on;
  backend.post([&] {
    busy.set_value();
    go_on.get_future().wait();
  });
  CAF_REQUIRE(busy.get_future().wait_for(timeout) == std::future_status::ready);
  std::vector<int> order;
  std::promise<void> done;
  for (auto i = 0; i < count; ++i)
    backend.post([&, i] {
      order.push_back(i);
      // What is posted in one round runs in the next: behind all that was to run in this one.
      if (i == 0)
        backend.post([&] {
          order.push_back(count);
          done.set_value();
        });
    });
  go_on.set_value();
  CAF_REQUIRE(done.get_future().wait_for(timeout) == std::future_status::ready);
  CAF_REQUIRE_EQUAL(order.size(), 101u);
  for (auto i = 0; i <= count; ++i)
    CAF_CHECK_EQUAL(order[static_cast<std::size_t>(i)], i);
}

CAF_TEST(nothing is forgotten when many threads post at once) {
  constexpr auto threads = 4;
  constexpr auto posts = 5000;
  auto left = threads * posts; // touched in the multiplexer's thread only
  std::promise<void> done;
  std::vector<std::thread> posters;
  for (auto t = 0; t < threads; ++t)
    posters.emplace_back([&] {
      for (auto i = 0; i < posts; ++i)
        backend.post([&] {
          if (--left == 0)
            done.set_value();
        });
    });
  for (auto& poster : posters)
    poster.join();
  CAF_CHECK(done.get_future().wait_for(timeout) == std::future_status::ready);
}

CAF_TEST(jobs that never ran are released with it) {
  const auto kept = std::make_shared<int>(0);
  {
    io::coalescing_multiplexer idle{&sys};
    for (auto i = 0; i < 3; ++i)
      idle.post([kept] { ++*kept; });
    CAF_CHECK_EQUAL(kept.use_count(), 4);
  }
  CAF_CHECK_EQUAL(kept.use_count(), 1);
  CAF_CHECK_EQUAL(*kept, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
