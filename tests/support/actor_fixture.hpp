#pragma once

#include <caf/test/dsl.hpp>

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

#include "messages/status_code.hpp"

namespace dispatch::test {

/// What the answer to a request is: the only type in its list.
template <class Types>
struct answer_of;

template <template <class...> class List, class Result>
struct answer_of<List<Result>> {
  using type = Result;
};

/// Actors that run when the test says so, in time that the test advances.
template <class Config = caf::actor_system_config>
struct actor_fixture : test_coordinator_fixture<Config> {
  using milliseconds = std::chrono::milliseconds;

  /// The steps in which time passes, so that what is due runs in its order.
  static constexpr milliseconds step{50};

  // -- time -----------------------------------------------------------------------------------------------------------

  void pass(milliseconds time) {
    for (; time > milliseconds::zero(); time -= step) {
      this->advance_time(std::min(time, step));
      this->sched.run();
    }
  }

  /// Lets time pass until something holds, which must be within ten minutes.
  /// @returns how long that took
  template <class Predicate>
  milliseconds pass_until(Predicate holds) {
    constexpr std::chrono::minutes at_most{10};
    milliseconds took{0};
    for (; !holds(); took += step) {
      if (took > at_most)
        CAF_FAIL("it does not come to be, however long it is waited for");
      pass(step);
    }
    return took;
  }

  // -- requests -------------------------------------------------------------------------------------------------------

  /// Sends a request, and has the actors do what they can.
  template <class Handle, class Request>
  auto send_request(const Handle& whom, Request request) {
    auto response = this->self->request(whom, caf::infinite, std::move(request));
    this->sched.run();
    return response;
  }

  /// The answer to a request, which must be there and no error.
  template <class Response>
  auto answer_to(Response& response) {
    this->sched.run();
    typename answer_of<typename Response::response_type>::type result{};
    response.receive([&](const decltype(result)& answer) { result = answer; },
                     [](const caf::error& reason) { CAF_FAIL("a request has failed: " << reason); });
    return result;
  }

  /// Asks, and returns the answer, which must come at once.
  template <class Handle, class Request>
  auto answer_from(const Handle& whom, Request request) {
    auto response = send_request(whom, std::move(request));
    return answer_to(response);
  }

  /// Why a request has failed, which it must have.
  template <class Response>
  failure failure_of(Response& response) {
    using answer = typename answer_of<typename Response::response_type>::type;
    this->sched.run();
    failure result;
    const auto on_error = [&](const caf::error& reason) { result = to_failure(reason); };
    if constexpr (std::is_void_v<answer>)
      response.receive([] { CAF_FAIL("a request has not failed"); }, on_error);
    else
      response.receive([](const answer&) { CAF_FAIL("a request has not failed"); }, on_error);
    return result;
  }

  /// That a request is done whose answer says nothing more.
  template <class Response>
  void expect_done(Response& response) {
    this->sched.run();
    auto done = false;
    response.receive([&] { done = true; },
                     [](const caf::error& reason) { CAF_FAIL("a request has failed: " << reason); });
    CAF_CHECK(done);
  }
};

} // namespace dispatch::test
