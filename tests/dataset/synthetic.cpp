#define CAF_SUITE synthetic

#include "dataset/synthetic.hpp"

#include "dataset/sample_order.hpp"
#include "dataset/splitmix64.hpp"
#include "tests/dataset/data_files.hpp"

#include <algorithm>
#include <numeric>

namespace dispatch::dataset {

namespace {

sample_array made(std::string_view text) {
  return make_synthetic(parse_synthetic(text));
}

CAF_TEST(the generator is SplitMix64) {
  // The reference implementation's first numbers for the seed 1234567.
  splitmix64 random{1234567};
  CAF_CHECK_EQUAL(random.next(), 6457827717110365317u);
  CAF_CHECK_EQUAL(random.next(), 3203168211198807973u);
  CAF_CHECK_EQUAL(random.next(), 9817491932198370423u);
}

CAF_TEST(bounded draws stay below their bound and reach all of it) {
  splitmix64 random{4};
  for (std::uint64_t bound : {1u, 2u, 3u, 7u, 10u}) {
    std::vector<int> seen(bound, 0);
    for (int i = 0; i < 1000; ++i) {
      auto draw = random.below(bound);
      CAF_REQUIRE(draw < bound);
      ++seen[draw];
    }
    CAF_CHECK(std::find(seen.begin(), seen.end(), 0) == seen.end());
  }
}

CAF_TEST(a specification says samples and shape and type) {
  auto spec = parse_synthetic("synthetic:10000x1x28x28:float32");
  CAF_CHECK_EQUAL(spec.shape, (array_shape{10000, 1, 28, 28}));
  CAF_CHECK_EQUAL(spec.type_name, "float32");
  auto samples = made("synthetic:10x1x28x28:float32");
  CAF_CHECK_EQUAL(samples.total_samples(), 10);
  CAF_CHECK_EQUAL(samples.sample_shape(), (sample_shape{1, 28, 28}));
  CAF_CHECK_EQUAL(samples.type_name(), "float32");
  CAF_CHECK_EQUAL(samples.sample_bytes(), 3136u);
  CAF_CHECK(made("synthetic:10:int64").sample_shape().empty());
}

CAF_TEST(other texts are refused) {
  for (auto* text : {"", "synthetic:", "synthetic::", "synthetic:10", "synthetic:x:uint8", "synthetic:10x:uint8",
                     "synthetic:10xx2:uint8", "synthetic:-1:uint8", "synthetic:10 x2:uint8", "synthetic:1.5:uint8",
                     "synthetic:99999999999999999999:uint8", "random:10:uint8"})
    CAF_CHECK(contains(error_of([&] { parse_synthetic(text); }), "synthetic:SAMPLESxSHAPE:DTYPE"));
  CAF_CHECK(contains(error_of([] { made("synthetic:10:object"); }), "unknown type 'object'"));
  CAF_CHECK(contains(error_of([] { made("synthetic:10:"); }), "unknown type ''"));
  CAF_CHECK(contains(error_of([] { made("synthetic:0x2:uint8"); }), "is empty"));
  CAF_CHECK(contains(error_of([] { made("synthetic:2147483647x2147483647:uint8"); }), "more than the limit"));
  CAF_CHECK(contains(error_of([] { made("synthetic:2147483648:uint8"); }), "protocol's limit"));
}

CAF_TEST(values are the same on every machine) {
  CAF_CHECK_EQUAL(all_bytes(made("synthetic:3x5:int16")), all_bytes(made("synthetic:3x5:int16")));
  splitmix64 random{0x6461746173657473u};
  auto first = random.next();
  CAF_CHECK_EQUAL(all_bytes(made("synthetic:1:uint64")), native(first));
  CAF_CHECK_EQUAL(all_bytes(made("synthetic:1:uint8")), native(static_cast<std::uint8_t>(first)));
  CAF_CHECK_EQUAL(all_bytes(made("synthetic:1:float32")), native(static_cast<float>(first >> 40) / 8388608.0f - 1.0f));
}

CAF_TEST(floats fill the range from - 1 to 1) {
  auto floats = elements<float>(all_bytes(made("synthetic:100000:float32")));
  auto doubles = elements<double>(all_bytes(made("synthetic:100000:float64")));
  // Comparisons with NaN are false.
  CAF_CHECK(std::all_of(floats.begin(), floats.end(), [](float x) { return x >= -1.0f && x < 1.0f; }));
  CAF_CHECK(std::all_of(doubles.begin(), doubles.end(), [](double x) { return x >= -1.0 && x < 1.0; }));
  CAF_CHECK(*std::min_element(floats.begin(), floats.end()) < -0.99f);
  CAF_CHECK(*std::max_element(floats.begin(), floats.end()) > 0.99f);
  auto flags = all_bytes(made("synthetic:1000:bool"));
  auto set = std::count(flags.begin(), flags.end(), '\1');
  CAF_CHECK(set > 400 && set < 600);
  CAF_CHECK_EQUAL(set + std::count(flags.begin(), flags.end(), '\0'), 1000);
}

CAF_TEST(batches cover all samples once) {
  splitmix64 random{5};
  for (int round = 0; round < 200; ++round) {
    auto total = random.below(50) + 1;
    auto batch_size = static_cast<std::int32_t>(random.below(60) + 1);
    auto samples = made("synthetic:" + std::to_string(total) + "x3:uint16");
    std::string joined;
    for (std::int32_t index = 0; index < samples.batch_count(batch_size); ++index) {
      auto batch = samples.batch(batch_size, index);
      CAF_CHECK(!batch.empty());
      CAF_CHECK_EQUAL(batch.size(), static_cast<std::size_t>(samples.batch_samples(batch_size, index)) * 6);
      joined += batch;
    }
    CAF_CHECK_EQUAL(joined, all_bytes(samples));
  }
}

CAF_TEST(the largest batch size there is makes one batch) {
  auto samples = made("synthetic:7:uint8");
  CAF_CHECK_EQUAL(samples.batch_count(2147483647), 1);
  CAF_CHECK_EQUAL(samples.batch(2147483647, 0).size(), 7u);
}

CAF_TEST(a shuffled order is a permutation that depends on the seed) {
  for (std::int32_t count : {1, 2, 3, 100, 1000}) {
    auto order = shuffled_order(count, 6);
    CAF_CHECK_EQUAL(order, shuffled_order(count, 6));
    if (count >= 100)
      CAF_CHECK_NOT_EQUAL(order, shuffled_order(count, 7));
    std::sort(order.begin(), order.end());
    std::vector<std::int32_t> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    CAF_CHECK_EQUAL(order, all);
  }
}

} // namespace

} // namespace dispatch::dataset
