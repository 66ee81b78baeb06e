#define CAF_SUITE dataset_service_columns

#include "dataset/dataset_service.hpp"

#include "dataset/batch_message.hpp"
#include "dataset/dataset_catalog.hpp"
#include "tests/dataset/data_files.hpp"
#include "tests/dataset/served.hpp"
#include "tests/dataset/zip_bytes.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace dispatch::dataset {

namespace {

namespace wire = ::dataset_service;

using numbers = std::vector<std::uint32_t>;

/// Bytes of `count` samples: i * factor.
std::string multiples(std::uint32_t count, std::uint32_t factor) {
  std::string bytes;
  for (std::uint32_t i = 0; i < count; ++i)
    bytes += native(i * factor);
  return bytes;
}

/// Samples i, and a column of 10 * i.
dataset_catalog rows(std::uint32_t count) {
  const auto array = [count](std::uint32_t factor) {
    return sample_array{"uint32", 4, {count}, multiples(count, factor)};
  };
  sample_table table{array(1), "sample"};
  table.add_column("tenfold", array(10));
  dataset_catalog catalog;
  catalog.add("rows", std::move(table));
  return catalog;
}

/// Whether the batch has these samples, and rows that belong to them.
bool belongs(const wire::DataBatch& batch, const numbers& samples) {
  numbers tenfold;
  for (const auto sample : samples)
    tenfold.push_back(10 * sample);
  return batch.columns_size() == 1 && batch.columns(0).name() == "tenfold"
         && elements<std::uint32_t>(batch.data()) == samples
         && elements<std::uint32_t>(batch.columns(0).data()) == tenfold;
}

} // namespace

CAF_TEST(a dataset is described with its columns) {
  served it{load_catalog({parse_data_argument("mine=synthetic:7x2:float32,label=synthetic:7:int64,box="
                                              "synthetic:7x2x2:uint8")})};
  wire::DatasetInfo mine;
  CAF_CHECK(it.info("mine", mine).ok());
  CAF_CHECK_EQUAL(mine.total_samples(), 7);
  CAF_CHECK_EQUAL(mine.data_name(), "");
  CAF_REQUIRE_EQUAL(mine.columns_size(), 2);
  CAF_CHECK_EQUAL(mine.columns(0).name(), "label");
  CAF_CHECK_EQUAL(mine.columns(0).data_type(), "int64");
  CAF_CHECK_EQUAL(mine.columns(0).shape_size(), 0);
  CAF_CHECK_EQUAL(mine.columns(1).name(), "box");
  CAF_CHECK_EQUAL(mine.columns(1).shape_size(), 2);
  wire::DatasetInfo mnist;
  CAF_CHECK(it.info("mnist", mnist).ok());
  CAF_CHECK_EQUAL(mnist.data_name(), "image");
  CAF_REQUIRE_EQUAL(mnist.columns_size(), 1);
  CAF_CHECK_EQUAL(mnist.columns(0).name(), "label");
  CAF_CHECK_EQUAL(mnist.columns(0).data_type(), "uint8");
  wire::DatasetInfo labels;
  CAF_CHECK(it.info("mnist-labels", labels).ok());
  CAF_CHECK_EQUAL(labels.columns_size(), 0);
}

CAF_TEST(rows of a column belong to the samples of the batch) {
  served it{rows(10)};
  CAF_CHECK(belongs(it.get("rows", 4, 0).batch, {0, 1, 2, 3}));
  CAF_CHECK(belongs(it.get("rows", 4, 2).batch, {8, 9}));
  const auto streamed = it.stream("rows", 4);
  CAF_REQUIRE_EQUAL(streamed.batches.size(), 3u);
  CAF_CHECK(belongs(streamed.batches[0], {0, 1, 2, 3}));
  CAF_CHECK(belongs(streamed.batches[2], {8, 9}));
}

CAF_TEST(a shuffled stream moves rows with their samples) {
  served it{rows(100)};
  const auto streamed = it.stream("rows", 30, true);
  CAF_REQUIRE_EQUAL(streamed.batches.size(), 4u);
  numbers all;
  for (const auto& batch : streamed.batches) {
    const auto samples = elements<std::uint32_t>(batch.data());
    CAF_CHECK(belongs(batch, samples));
    all.insert(all.end(), samples.begin(), samples.end());
  }
  CAF_CHECK_NOT_EQUAL(all, elements<std::uint32_t>(multiples(100, 1)));
  std::sort(all.begin(), all.end());
  CAF_CHECK_EQUAL(all, elements<std::uint32_t>(multiples(100, 1)));
}

CAF_TEST(samples that a fault takes away are missing in all columns) {
  fault_plan faults;
  faults.short_batch = 1;
  faults.empty_batch = 2;
  served it{rows(12), faults};
  CAF_CHECK(belongs(it.get("rows", 4, 0).batch, {0, 1, 2, 3}));
  CAF_CHECK(belongs(it.get("rows", 4, 1).batch, {4, 5, 6}));
  CAF_CHECK(belongs(it.get("rows", 4, 2).batch, {}));
  const auto streamed = it.stream("rows", 4);
  CAF_REQUIRE_EQUAL(streamed.batches.size(), 3u);
  CAF_CHECK(belongs(streamed.batches[1], {4, 5, 6}));
  CAF_CHECK(belongs(streamed.batches[2], {}));
}

CAF_TEST(batches of a size of their own have columns of that size) {
  fault_plan faults;
  faults.own_batch = 5;
  faults.undescribed = true;
  served it{rows(12), faults};
  CAF_CHECK(belongs(it.get("rows", 4, 1).batch, {5, 6, 7, 8, 9}));
  CAF_CHECK(belongs(it.stream("rows", 4).batches.at(2), {10, 11}));
}

CAF_TEST(a batch of more bytes than a message can hold is found by all columns) {
  const auto catalog = rows(12);
  const auto& table = *catalog.find("rows");
  // Five samples of 8 bytes, and at most 1 KiB and some for the rest.
  CAF_CHECK(!problem_of_size(table, 5, 1200));
  CAF_CHECK(!problem_of_size(table, 12, 1200));
  CAF_CHECK_EQUAL(problem_of_size(table, 5, 1100).value_or(""),
                  "a batch of 5 samples takes 40 bytes, but a message holds 37");
  CAF_CHECK_EQUAL(problem_of_size(table, 2'000'000'000, 1100).value_or(""),
                  "a batch of 2000000000 samples takes 96 bytes, but a message holds 37");
}

CAF_TEST(what NumPy has written is served) {
  temporary_folder folder;
  const auto path = folder.write(
    "a.npz", zip_bytes({{"x.npy", npy_bytes("|u1", "(3,)", "abc")}, {"label.npy", npy_bytes("|u1", "(3,)", "123")}}));
  served it{catalog_of("mine", path)};
  wire::DatasetInfo info;
  CAF_CHECK(it.info("mine", info).ok());
  CAF_CHECK_EQUAL(info.data_name(), "x");
  const auto batch = it.get("mine", 2, 1).batch;
  CAF_CHECK_EQUAL(batch.data(), "c");
  CAF_REQUIRE_EQUAL(batch.columns_size(), 1);
  CAF_CHECK_EQUAL(batch.columns(0).data(), "3");
}

} // namespace dispatch::dataset
