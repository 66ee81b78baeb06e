#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/store/sql_backend.hpp"

namespace dispatch::io {

/// The store in PostgreSQL, which several dispatchers may share. It connects when it is first used, and anew after each
/// failure, to the first of its hosts that takes writes: so it follows a failover
/// (https://www.postgresql.org/docs/15/libpq-connect.html). What the address leaves out, such as a password, comes from
/// libpq's usual places.
///
/// No call takes longer than some seconds, whatever the server does: a connection that does not answer is closed.
class postgres_backend : public sql_backend {
public:
  /// @param address a URI, `postgresql://...`
  /// @throws store_error where it is none
  explicit postgres_backend(std::string address);

  /// Checks an address, which must not hold a password: what stands there is shown to people.
  /// @throws store_error
  static void check(const std::string& address);

  std::string describe() const override { return description_; }
  void begin() override;
  void commit(bool is_durable) override;
  void roll_back() noexcept override;

protected:
  std::vector<sql_row> run(const std::string& statement, const sql_row& parameters) override;

private:
  struct closer {
    void operator()(PGconn* connection) const noexcept { ::PQfinish(connection); }
    void operator()(PGresult* result) const noexcept { ::PQclear(result); }
  };

  using result_ptr = std::unique_ptr<PGresult, closer>;
  using clock = std::chrono::steady_clock;

  void connect();
  /// Sends a statement, which the server knows by its name from its second time on.
  void send(const std::string& statement, const sql_row& parameters);
  /// The result of what was sent.
  result_ptr receive(clock::time_point until);
  void wait_for_server(clock::time_point until);
  store_error problem() const;

  std::string address_;
  std::string description_;
  std::unique_ptr<PGconn, closer> connection_;
  /// Statements that the server knows, by their text.
  std::map<std::string, std::string> prepared_;
};

} // namespace dispatch::io
