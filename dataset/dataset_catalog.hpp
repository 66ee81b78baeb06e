#pragma once

#include "dataset/data_source.hpp"
#include "dataset/sample_table.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dispatch::dataset {

/// Datasets by name. Copies share the samples and columns, so that several servers can serve one catalog.
class dataset_catalog {
public:
  /// @throws data_error when the name is taken
  void add(std::string name, sample_table table);

  /// The samples and columns of a dataset; null when there is none of this name.
  std::shared_ptr<const sample_table> find(std::string_view name) const;

  /// In alphabetical order.
  std::vector<std::string> names() const;

  bool empty() const noexcept { return datasets_.empty(); }

private:
  std::map<std::string, std::shared_ptr<const sample_table>, std::less<>> datasets_;
};

/// Whether the bundled MNIST images and labels are in a catalog that did not ask for them.
enum class bundled_data { include, leave_out };

/// The folder of the bundled data: the environment's DISPATCHER_DATA_DIR, else the one that the build was
/// configured with.
std::string data_directory();

/// The bundled files, as the datasets `mnist`, with the column `label`, and `mnist-labels`, in data_directory(). Loads
/// nothing.
std::vector<data_argument> bundled_datasets();

/// Loads all datasets of the arguments, and the bundled ones whose names are not among them. `mnist-test` is the last
/// tenth of `mnist`, and `mnist-train` the rest.
/// @throws data_error naming the source that cannot be served, or the name that is given twice
dataset_catalog load_catalog(const std::vector<data_argument>& arguments, bundled_data bundled = bundled_data::include);

} // namespace dispatch::dataset
