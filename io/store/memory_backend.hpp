#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/store_backend.hpp"

namespace dispatch::io {

/// Keeps all in memory: it lives as long as the process.
class memory_backend : public store_backend {
public:
  std::string describe() const override { return "memory"; }
  void begin() override {}
  void commit(bool) override {}
  void roll_back() noexcept override {}
  store_time now() override;
  std::optional<kept_group> load_group(const std::string& name) override;
  std::vector<listed_group> load_groups() override;
  void create_group(const group_record& group) override;
  void save_group(const kept_group& before, const kept_group& after) override;
  void delete_group(const std::string& name) override;
  std::vector<parked_batch> load_parked(const std::string& group, std::int64_t generation) override;
  void add_parked(const std::string& group, std::int64_t generation, const parked_batch& batch) override;
  std::optional<position_record> load_position(const std::string& name) override;
  void create_position(const std::string& name) override;
  void save_position(const position_record& position) override;

private:
  struct entry {
    kept_group state;
    std::int64_t parked_generation = 0;
    std::map<group_batch, parked_batch> parked;
  };

  std::map<std::string, entry> groups_;
  std::map<std::string, position_record> positions_;
};

} // namespace dispatch::io
