#define CAF_SUITE dataset_catalog

#include "dataset/dataset_catalog.hpp"

#include "dataset/byte_file.hpp"
#include "tests/dataset/data_files.hpp"

#include <cstdlib>

namespace dispatch::dataset {

namespace {

using names = std::vector<std::string>;

const std::string three_labels{"\0\0\x08\1\0\0\0\3abc", 11};

/// Sets the environment's DISPATCHER_DATA_DIR for one test.
class data_directory_override {
public:
  explicit data_directory_override(const std::string& folder) {
    if (auto* before = std::getenv("DISPATCHER_DATA_DIR"))
      before_ = before;
    setenv("DISPATCHER_DATA_DIR", folder.c_str(), 1);
  }

  ~data_directory_override() {
    if (before_.empty())
      unsetenv("DISPATCHER_DATA_DIR");
    else
      setenv("DISPATCHER_DATA_DIR", before_.c_str(), 1);
  }

  data_directory_override(const data_directory_override&) = delete;
  data_directory_override& operator=(const data_directory_override&) = delete;

private:
  std::string before_;
};

CAF_TEST(a data argument is a name and a source) {
  auto argument = parse_data_argument("train/a-1_b.c=/data/x=y.npy");
  CAF_CHECK_EQUAL(argument.name, "train/a-1_b.c");
  CAF_CHECK_EQUAL(argument.source, "/data/x=y.npy");
  for (auto* text : {"", "name", "=source", "name=", "="})
    CAF_CHECK(contains(error_of([&] { parse_data_argument(text); }), "NAME=SOURCE"));
  for (auto* text : {"a b=c", "a,b=c", "a\n=c", "\xc3\xa4=c"})
    CAF_CHECK(contains(error_of([&] { parse_data_argument(text); }), "characters"));
}

CAF_TEST(columns follow the source behind commas) {
  const auto argument = parse_data_argument("mine=images.npy,label=labels.npy,a.b-c_1=synthetic:3x2:int64");
  CAF_CHECK_EQUAL(argument.source, "images.npy");
  CAF_REQUIRE_EQUAL(argument.columns.size(), 2u);
  CAF_CHECK_EQUAL(argument.columns[0].name, "label");
  CAF_CHECK_EQUAL(argument.columns[0].source, "labels.npy");
  CAF_CHECK_EQUAL(argument.columns[1].name, "a.b-c_1");
  CAF_CHECK_EQUAL(argument.columns[1].source, "synthetic:3x2:int64");
  for (auto* text : {"mine=,label=b.npy", "mine=a.npy,label=", "mine=a.npy,label=,more=c.npy"})
    CAF_CHECK(contains(error_of([&] { parse_data_argument(text); }), "NAME=SOURCE[,COLUMN=SOURCE]..."));
}

CAF_TEST(a comma that begins no column is part of the path) {
  for (auto* source : {"a,b.npy", ",.npy", "a,,b", "a,/b=c.npy", "a,b c=d.npy", "a,=b.npy"}) {
    const auto argument = parse_data_argument(std::string{"mine="} + source);
    CAF_CHECK_EQUAL(argument.source, source);
    CAF_CHECK(argument.columns.empty());
  }
  CAF_CHECK_EQUAL(parse_data_argument("mine=a,b.npy,label=c,d.npy").columns.at(0).source, "c,d.npy");
}

CAF_TEST(what commas mean is said where a file does not exist) {
  const auto refusal = [](const std::string& text) { return error_of([&] { load_table(parse_data_argument(text)); }); };
  CAF_CHECK_EQUAL(refusal("mine=/none/a,b=c.npy"),
                  "/none/a: its name says no format: it ends neither in .npy, in .npz nor "
                  "like MNIST's files in .idx3-ubyte (nor in these and .gz) (a comma and "
                  "NAME= begin a column: a path that holds them cannot be given)");
  CAF_CHECK(contains(refusal("mine=synthetic:3:uint8,label=/none.npy"), "/none.npy: no such file (a comma and NAME="));
  CAF_CHECK(contains(refusal("mine=/none/a.npy,b.npy"), "no such file (a column is written as ,COLUMN=SOURCE"));
  CAF_CHECK_EQUAL(refusal("mine=/none/a.npy"), "/none/a.npy: no such file");
}

CAF_TEST(a table has the columns of its argument) {
  temporary_folder folder;
  const auto labels = folder.write("labels.idx", three_labels);
  const auto table = load_table(parse_data_argument("mine=synthetic:3x2:float32,label=" + labels));
  CAF_CHECK_EQUAL(table.data_name(), "");
  CAF_REQUIRE_EQUAL(table.columns().size(), 1u);
  CAF_CHECK_EQUAL(table.columns()[0].name, "label");
  CAF_CHECK_EQUAL(all_bytes(table.columns()[0].samples), "abc");
  CAF_CHECK_EQUAL(error_of([&] { load_table(parse_data_argument("mine=synthetic:4:uint8,label=" + labels)); }),
                  labels + ": array 'label' has 3 samples where 'data' has 4");
}

CAF_TEST(files are known by their names) {
  temporary_folder folder;
  for (auto* name : {"t10k-labels-idx1-ubyte", "labels.idx1-ubyte", "labels.idx", "labels.ubyte"}) {
    CAF_CHECK_EQUAL(all_bytes(load_samples(folder.write(name, three_labels))), "abc");
    CAF_CHECK_EQUAL(all_bytes(load_samples(folder.write(name + std::string{".gz"}, gzipped(three_labels)))), "abc");
  }
  auto npy = std::string{"\x93NUMPY\1\0", 8} + native(std::uint16_t{56})
             + "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}\nabc";
  CAF_CHECK_EQUAL(all_bytes(load_samples(folder.write("a.npy", npy))), "abc");
  CAF_CHECK_EQUAL(all_bytes(load_samples(folder.write("a.npy.gz", gzipped(npy)))), "abc");
  auto unknown = folder.write("a.csv", "1,2");
  CAF_CHECK(contains(error_of([&] { load_samples(unknown); }), unknown + ": its name says no format"));
}

CAF_TEST(what cannot be read is named with its reason) {
  temporary_folder folder;
  auto refusal = [](const std::string& path) { return error_of([&] { load_samples(path); }); };
  auto missing = folder.at("missing.npy");
  CAF_CHECK_EQUAL(refusal(missing), missing + ": no such file");
  CAF_CHECK(contains(refusal(folder.at("missing/a.npy")), "no such file"));
  CAF_CHECK(contains(refusal(folder.at("../" + std::string(300, 'a') + ".npy")), "too long"));
  auto inner = folder.at("folder.npy");
  std::filesystem::create_directory(inner);
  CAF_CHECK_EQUAL(refusal(inner), inner + ": is a folder, not a file");
  auto damaged = folder.write("a.npy", "no such thing");
  CAF_CHECK(contains(refusal(damaged), damaged + ": not an NPY file"));
  CAF_CHECK(contains(refusal(folder.write("empty.idx", "")), "it holds only 0 bytes"));
}

CAF_TEST(a gzip file that ends too early is refused wherever it ends) {
  temporary_folder folder;
  std::string content;
  for (int i = 0; i < 5000; ++i)
    content += std::to_string(i * i);
  auto whole = gzipped(content);
  CAF_CHECK(read_byte_file(folder.write("whole.gz", whole)) == content);
  // A file of fewer than two bytes does not say that it is compressed.
  for (std::size_t size = 2; size < whole.size(); size += size < 64 || size + 64 > whole.size() ? 1 : 97) {
    auto path = folder.write("part.gz", whole.substr(0, size));
    CAF_CHECK_EQUAL(error_of([&] { read_byte_file(path); }), "ends in the middle of its compressed data");
  }
}

CAF_TEST(a damaged gzip file is refused) {
  temporary_folder folder;
  std::string content(100000, 'x');
  auto bytes = gzipped(content);
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1); // its checksum
  auto path = folder.write("damaged.gz", bytes);
  CAF_CHECK(contains(error_of([&] { read_byte_file(path); }), "damaged gzip file"));
}

CAF_TEST(files beyond the limit are refused) {
  temporary_folder folder;
  std::string content(3000000, 'x');
  auto plain = folder.write("plain", content);
  auto packed = folder.write("packed", gzipped(content));
  for (auto& path : {plain, packed}) {
    CAF_CHECK(read_byte_file(path, content.size()) == content);
    CAF_CHECK(contains(error_of([&] { read_byte_file(path, content.size() - 1); }), "limit of 2999999 bytes"));
  }
}

CAF_TEST(a file that is too large by its header is not read to its end) {
  temporary_folder folder;
  const std::string zeros(8 << 20, '\0');
  const std::string text = "{'descr': '<f8', 'fortran_order': False, 'shape': (2000000000, 4)}";
  const auto npy = std::string{"\x93NUMPY\1\0", 8} + static_cast<char>(text.size()) + '\0' + text + zeros;
  const auto idx = std::string{"\0\0\x0e\2\xff\xff\xff\xff\xff\xff\xff\xff", 12} + zeros;
  // Whoever reads to the end of these would find that there is none.
  const auto without_end = [](const std::string& content) {
    const auto whole = gzipped(content);
    return whole.substr(0, whole.size() - 100);
  };
  CAF_CHECK(
    contains(error_of([&] { load_samples(folder.write("large.npy.gz", without_end(npy))); }), "more than the limit"));
  CAF_CHECK(contains(error_of([&] { load_samples(folder.write("large.idx.gz", without_end(idx))); }), "limit"));
}

CAF_TEST(a catalog finds datasets by name) {
  dataset_catalog catalog;
  CAF_CHECK(catalog.empty());
  CAF_CHECK(catalog.find("a") == nullptr);
  catalog.add("b", load_samples("synthetic:2:uint8"));
  catalog.add("a", load_samples("synthetic:1:uint8"));
  CAF_CHECK_EQUAL(catalog.names(), (names{"a", "b"}));
  CAF_REQUIRE(catalog.find("b") != nullptr);
  CAF_CHECK_EQUAL(catalog.find("b")->data().total_samples(), 2);
  CAF_CHECK(contains(error_of([&] { catalog.add("a", load_samples("synthetic:1:uint8")); }), "name 'a'"));
  auto copy = catalog;
  CAF_CHECK(copy.find("a") == catalog.find("a"));
}

CAF_TEST(the bundled images are there unless asked otherwise) {
  auto catalog = load_catalog({{"other", "synthetic:5:uint8"}});
  CAF_CHECK_EQUAL(catalog.names(), (names{"mnist", "mnist-labels", "mnist-test", "mnist-train", "other"}));
  auto images = catalog.find("mnist");
  CAF_CHECK_EQUAL(images->data().total_samples(), 10000);
  CAF_CHECK_EQUAL(images->data().sample_shape(), (sample_shape{1, 28, 28}));
  CAF_CHECK_EQUAL(images->data().type_name(), "float32");
  CAF_CHECK_EQUAL(images->data_name(), "image");
  CAF_REQUIRE_EQUAL(images->columns().size(), 1u);
  CAF_CHECK_EQUAL(images->columns()[0].name, "label");
  auto labels = catalog.find("mnist-labels");
  CAF_CHECK(all_bytes(images->columns()[0].samples) == all_bytes(labels->data()));
  CAF_CHECK_EQUAL(labels->data().total_samples(), 10000);
  CAF_CHECK_EQUAL(labels->data().type_name(), "uint8");
  auto to_train = catalog.find("mnist-train");
  auto to_test = catalog.find("mnist-test");
  CAF_CHECK_EQUAL(to_train->data().total_samples(), 9000);
  CAF_CHECK_EQUAL(to_test->data().total_samples(), 1000);
  CAF_CHECK(all_bytes(to_train->data()) + all_bytes(to_test->data()) == all_bytes(images->data()));
  CAF_CHECK_EQUAL(load_catalog({{"other", "synthetic:5:uint8"}}, bundled_data::leave_out).names(), names{"other"});
}

CAF_TEST(an argument takes the place of a bundled dataset) {
  auto catalog = load_catalog({{"mnist", "synthetic:5:uint8"}});
  CAF_CHECK_EQUAL(catalog.find("mnist")->data().total_samples(), 5);
  CAF_CHECK_EQUAL(catalog.names(), (names{"mnist", "mnist-labels"}));
  CAF_CHECK(contains(error_of([] {
                       load_catalog({{"a", "synthetic:5:uint8"}, {"a", "synthetic:6:uint8"}});
                     }),
                     "two datasets of the name 'a'"));
}

CAF_TEST(the environment names the folder of the bundled data) {
  temporary_folder folder;
  data_directory_override environment{folder.at("")};
  auto problem = error_of([] { load_catalog({}); });
  CAF_CHECK(contains(problem, folder.at("mnist-images.idx3-ubyte.gz") + ": no such file"));
  CAF_CHECK(contains(problem, "DISPATCHER_DATA_DIR"));
  folder.write("mnist-images.idx3-ubyte.gz", three_labels);
  folder.write("mnist-labels.idx1-ubyte.gz", gzipped(three_labels));
  CAF_CHECK_EQUAL(load_catalog({}).find("mnist-labels")->data().total_samples(), 3);
}

} // namespace

} // namespace dispatch::dataset
