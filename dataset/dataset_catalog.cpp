#include "dataset/dataset_catalog.hpp"

#include "dataset/data_error.hpp"

#include <cstdlib>
#include <filesystem>
#include <utility>

namespace dispatch::dataset {

void dataset_catalog::add(std::string name, sample_table table) {
  auto shared = std::make_shared<const sample_table>(std::move(table));
  if (!datasets_.try_emplace(name, std::move(shared)).second)
    throw data_error("there are two datasets of the name '" + name + "'");
}

std::shared_ptr<const sample_table> dataset_catalog::find(std::string_view name) const {
  auto entry = datasets_.find(name);
  return entry == datasets_.end() ? nullptr : entry->second;
}

std::vector<std::string> dataset_catalog::names() const {
  std::vector<std::string> result;
  for (auto& entry : datasets_)
    result.push_back(entry.first);
  return result;
}

std::string data_directory() {
  auto* configured = std::getenv("DISPATCHER_DATA_DIR");
  return configured != nullptr && *configured != '\0' ? configured : DISPATCHER_DATA_DIR;
}

std::vector<data_argument> bundled_datasets() {
  std::filesystem::path folder{data_directory()};
  const auto images = (folder / "mnist-images.idx3-ubyte.gz").string();
  const auto labels = (folder / "mnist-labels.idx1-ubyte.gz").string();
  return {{"mnist", images, "image", {{"label", labels}}}, {"mnist-labels", labels}};
}

namespace {

void add_bundled(dataset_catalog& catalog, const data_argument& dataset) {
  if (catalog.find(dataset.name))
    return;
  try {
    catalog.add(dataset.name, load_table(dataset));
  } catch (const data_error& problem) {
    throw data_error(std::string{problem.what()} + " (bundled data; DISPATCHER_DATA_DIR names its folder)");
  }
}

/// Adds what to train on and what to test with, which share the samples of `mnist`.
void add_split(dataset_catalog& catalog) {
  const auto all = catalog.find("mnist");
  const auto count = all->data().total_samples();
  const auto tests = count / 10;
  if (tests == 0)
    return;
  if (!catalog.find("mnist-train"))
    catalog.add("mnist-train", all->part(0, count - tests));
  if (!catalog.find("mnist-test"))
    catalog.add("mnist-test", all->part(count - tests, tests));
}

} // namespace

dataset_catalog load_catalog(const std::vector<data_argument>& arguments, bundled_data bundled) {
  dataset_catalog catalog;
  for (auto& argument : arguments) {
    // Before the samples are loaded, which can take long.
    if (catalog.find(argument.name))
      throw data_error("there are two datasets of the name '" + argument.name + "'");
    catalog.add(argument.name, load_table(argument));
  }
  if (bundled == bundled_data::leave_out)
    return catalog;
  for (auto& dataset : bundled_datasets())
    add_bundled(catalog, dataset);
  add_split(catalog);
  return catalog;
}

} // namespace dispatch::dataset
