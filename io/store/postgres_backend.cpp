#include "io/store/postgres_backend.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <poll.h>

namespace dispatch::io {

namespace {

/// How long the server may take for one statement, and what it is told itself to give up before.
constexpr std::chrono::seconds statement_timeout{6};
constexpr const char* server_limits =
  "SET statement_timeout = '5s'; SET lock_timeout = '4s'; SET idle_in_transaction_session_timeout = '10s'; "
  "SET client_min_messages = warning; SET TIME ZONE 'UTC'; SET datestyle = 'ISO'; SET synchronous_commit = off";

/// Dispatchers that start at the same time bring the tables to the present version one after the other.
constexpr const char* migration_lock = "SELECT pg_advisory_xact_lock(5014201)";

sql_dialect dialect() {
  return {"bit(64)", "timestamptz", " FOR UPDATE", "SELECT clock_timestamp()"};
}

/// libpq's messages have several lines.
std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text;
}

/// The parts of an address.
std::map<std::string, std::string> parts_of(const std::string& address) {
  char* message = nullptr;
  auto* const found = ::PQconninfoParse(address.c_str(), &message);
  if (found == nullptr) {
    store_error problem{message != nullptr ? one_line(message) : "there is no memory to read the address"};
    ::PQfreemem(message);
    throw problem;
  }
  std::map<std::string, std::string> said;
  for (auto* each = found; each->keyword != nullptr; ++each)
    if (each->val != nullptr)
      said[each->keyword] = each->val;
  ::PQconninfoFree(found);
  return said;
}

std::string describe(const std::string& address) {
  auto said = parts_of(address);
  return "postgresql://" + said["host"] + (said["port"].empty() ? "" : ":" + said["port"]) + "/" + said["dbname"];
}

} // namespace

postgres_backend::postgres_backend(std::string address)
  : sql_backend(dialect()),
    address_(std::move(address)),
    description_(io::describe(address_)) {}

void postgres_backend::check(const std::string& address) {
  if (parts_of(address).count("password") > 0)
    throw store_error{"there is a password in the address, which is shown to people who look at the dispatcher: put it "
                      "into PGPASSFILE, PGPASSWORD or a service file"};
}

// -- transactions -----------------------------------------------------------------------------------------------------

void postgres_backend::begin() {
  if (connection_ == nullptr)
    connect();
  try {
    run("BEGIN", {});
  } catch (const store_error&) {
    // The server has been restarted since the last transaction, or is another one.
    connect();
    run("BEGIN", {});
  }
}

void postgres_backend::commit(bool is_durable) {
  // The session does not wait for the disk. What has to be durable waits as the server is configured to.
  if (is_durable)
    run("SET LOCAL synchronous_commit TO DEFAULT", {});
  run("COMMIT", {});
}

void postgres_backend::roll_back() noexcept {
  // Whatever state the connection is in, the server rolls back when it ends.
  connection_.reset();
}

// -- the connection ---------------------------------------------------------------------------------------------------

void postgres_backend::connect() {
  prepared_.clear();
  // What the address says counts more than what stands before it.
  constexpr std::array<const char*, 7> names{"connect_timeout",
                                             "tcp_user_timeout",
                                             "keepalives_idle",
                                             "target_session_attrs",
                                             "fallback_application_name",
                                             "dbname",
                                             nullptr};
  const std::array<const char*, 7> values{"3",    "6000", "10", "read-write", "data-dispatcher", address_.c_str(),
                                          nullptr};
  connection_.reset(::PQconnectdbParams(names.data(), values.data(), 1));
  if (::PQstatus(connection_.get()) != CONNECTION_OK)
    throw problem();
  ::PQsetnonblocking(connection_.get(), 1);
  ::PQsetNoticeProcessor(
    connection_.get(), [](void*, const char*) {}, nullptr);
  if (::PQsendQuery(connection_.get(), server_limits) == 0)
    throw problem();
  receive(clock::now() + statement_timeout);
  run("BEGIN", {});
  run(migration_lock, {});
  migrate();
  commit(true);
}

std::vector<sql_row> postgres_backend::run(const std::string& statement, const sql_row& parameters) {
  if (connection_ == nullptr)
    throw store_error{"there is no connection"};
  send(statement, parameters);
  const auto result = receive(clock::now() + statement_timeout);
  std::vector<sql_row> rows;
  for (int i = 0; i < ::PQntuples(result.get()); ++i) {
    auto& row = rows.emplace_back();
    for (int column = 0; column < ::PQnfields(result.get()); ++column)
      row.push_back(::PQgetisnull(result.get(), i, column) != 0 ? std::nullopt
                                                                : sql_value{::PQgetvalue(result.get(), i, column)});
  }
  return rows;
}

void postgres_backend::send(const std::string& statement, const sql_row& parameters) {
  std::vector<const char*> values;
  for (const auto& each : parameters)
    values.push_back(each ? each->c_str() : nullptr);
  const auto count = static_cast<int>(values.size());
  auto& name = prepared_[statement];
  if (name.empty()) {
    name = "s" + std::to_string(prepared_.size());
    if (::PQsendPrepare(connection_.get(), name.c_str(), statement.c_str(), 0, nullptr) == 0)
      throw problem();
    receive(clock::now() + statement_timeout);
  }
  if (::PQsendQueryPrepared(connection_.get(), name.c_str(), count, values.data(), nullptr, nullptr, 0) == 0)
    throw problem();
}

postgres_backend::result_ptr postgres_backend::receive(clock::time_point until) {
  result_ptr last;
  for (;;) {
    wait_for_server(until);
    result_ptr next{::PQgetResult(connection_.get())};
    if (next == nullptr)
      return last;
    const auto status = ::PQresultStatus(next.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
      throw store_error{one_line(::PQresultErrorMessage(next.get()))};
    last = std::move(next);
  }
}

void postgres_backend::wait_for_server(clock::time_point until) {
  for (auto unsent = ::PQflush(connection_.get()); unsent != 0 || ::PQisBusy(connection_.get()) != 0;
       unsent = ::PQflush(connection_.get())) {
    if (unsent < 0)
      throw problem();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count();
    pollfd ready{::PQsocket(connection_.get()), static_cast<short>(POLLIN | (unsent != 0 ? POLLOUT : 0)), 0};
    if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) == 0)
      throw store_error{"the server has not answered for "
                        + std::to_string(std::chrono::seconds{statement_timeout}.count()) + " s"};
    if (::PQconsumeInput(connection_.get()) == 0)
      throw problem();
  }
}

store_error postgres_backend::problem() const {
  return store_error{one_line(::PQerrorMessage(connection_.get()))};
}

} // namespace dispatch::io
