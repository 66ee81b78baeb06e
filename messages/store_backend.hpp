#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "wire/group/group_record.hpp"

namespace dispatch {

/// The store cannot be used now: it is away, full, or another process has it. what() is one line that says why.
class store_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The place of a consumer that the dispatcher keeps for it.
struct position_record {
  std::string name;
  std::string cursor;
  /// Counts the sessions that have had this name, from 1: the last one has it.
  std::int64_t token = 0;
  /// The last session, for people.
  std::string session;
};

/// Where groups and positions are kept: the one seam between their rules and a database. It is used by one thread, and
/// its calls block, for some seconds at most. All but `describe` throw a `store_error`; the transaction is over then,
/// and nothing of it is kept unless `commit` has thrown, after which that is not known.
class store_backend {
public:
  virtual ~store_backend() = default;

  /// What it is, for people: without a password.
  virtual std::string describe() const = 0;

  /// Begins a transaction. Connects first where it has to.
  virtual void begin() = 0;

  /// @param is_durable whether what was written has to outlive a crash of the store that follows at once
  virtual void commit(bool is_durable) = 0;

  virtual void roll_back() noexcept = 0;

  // Within a transaction:

  /// The store's clock: the one that leases expire by, whichever dispatcher asks.
  virtual store_time now() = 0;

  /// Everything of a group. Until the end of the transaction, no one else changes it.
  virtual std::optional<kept_group> load_group(const std::string& name) = 0;

  /// All groups, in the order of their names.
  virtual std::vector<listed_group> load_groups() = 0;

  /// Unless it is there already: another dispatcher may have been quicker.
  virtual void create_group(const group_record& group) = 0;

  /// Writes what is different.
  virtual void save_group(const kept_group& before, const kept_group& after) = 0;

  /// Drops a group, and all that there is of it.
  virtual void delete_group(const std::string& name) = 0;

  /// Those of the present generation, in their order.
  virtual std::vector<parked_batch> load_parked(const std::string& group, std::int64_t generation) = 0;

  /// Those that are there already stay as they are.
  virtual void add_parked(const std::string& group, std::int64_t generation, const parked_batch& batch) = 0;

  /// As `load_group`.
  virtual std::optional<position_record> load_position(const std::string& name) = 0;

  /// As `create_group`.
  virtual void create_position(const std::string& name) = 0;

  virtual void save_position(const position_record& position) = 0;
};

using store_backend_ptr = std::shared_ptr<store_backend>;

} // namespace dispatch
