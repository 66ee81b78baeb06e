#include "bench/floor/bundled_table.hpp"

#include "dataset/data_error.hpp"
#include "dataset/dataset_catalog.hpp"

namespace dispatch::bench {

std::shared_ptr<const dataset::sample_table> bundled_table(const std::string& name) {
  auto table = dataset::load_catalog({}).find(name);
  if (!table)
    throw dataset::data_error("there is no bundled dataset '" + name + "'");
  return table;
}

} // namespace dispatch::bench
