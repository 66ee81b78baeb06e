#define CAF_SUITE npz_file

#include "dataset/npz_file.hpp"

#include "dataset/data_source.hpp"
#include "tests/dataset/zip_bytes.hpp"

#include <numeric>

namespace dispatch::dataset {

namespace {

struct fixture {
  temporary_folder folder;

  std::string write(const std::vector<zip_member>& members) { return folder.write("a.npz", zip_bytes(members)); }

  std::string refusal(const std::vector<zip_member>& members) {
    return error_of([&] { load_npz(write(members)); });
  }
};

const std::string two_bytes = npy_bytes("|u1", "(2,)", "ab");

} // namespace

CAF_TEST_FIXTURE_SCOPE(npz_file_tests, fixture)

CAF_TEST(what NumPy has written is read with the names of the arrays) {
  std::vector<float> numbers(12);
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  for (const auto* name : {"savez.npz", "savez_compressed.npz"}) {
    const auto table = load_npz(std::string{DISPATCHER_SOURCE_DIR "/tests/dataset/files/"} + name);
    CAF_CHECK_EQUAL(table.data_name(), "x");
    CAF_CHECK_EQUAL(table.data().type_name(), "float32");
    CAF_CHECK_EQUAL(table.data().sample_shape(), sample_shape{4});
    CAF_CHECK(elements<float>(all_bytes(table.data())) == numbers);
    CAF_REQUIRE_EQUAL(table.columns().size(), 1u);
    CAF_CHECK_EQUAL(table.columns()[0].name, "label");
    CAF_CHECK_EQUAL(table.columns()[0].samples.type_name(), "int64");
    CAF_CHECK((elements<std::int64_t>(all_bytes(table.columns()[0].samples)) == std::vector<std::int64_t>{7, 8, 9}));
  }
}

CAF_TEST(the first array of the file is data whatever its name is) {
  const auto table = load_npz(write({{"label.npy", two_bytes}, {"data.npy", npy_bytes("|u1", "(2,)", "cd")}}));
  CAF_CHECK_EQUAL(table.data_name(), "label");
  CAF_CHECK_EQUAL(all_bytes(table.data()), "ab");
  CAF_CHECK_EQUAL(table.columns().at(0).name, "data");
  CAF_CHECK_EQUAL(all_bytes(table.columns().at(0).samples), "cd");
}

CAF_TEST(arrays are read as the NPY reader reads them) {
  const auto table = load_npz(write({{"big.npy", npy_bytes(">u2", "(2,)", std::string("\0\1\0\2", 4))},
                                     {"columns.npy", npy_bytes("|u1", "(2, 2)", "acbd", true)}}));
  CAF_CHECK((elements<std::uint16_t>(all_bytes(table.data())) == std::vector<std::uint16_t>{1, 2}));
  CAF_CHECK_EQUAL(all_bytes(table.columns().at(0).samples), "abcd");
}

CAF_TEST(arrays of different lengths are refused with both lengths) {
  CAF_CHECK_EQUAL(refusal({{"x.npy", two_bytes}, {"label.npy", npy_bytes("|u1", "(3,)", "abc")}}),
                  "member 'label.npy': array 'label' has 3 samples where 'x' has 2");
}

CAF_TEST(a member that is no array is refused by its name) {
  CAF_CHECK_EQUAL(refusal({{"x.npy", two_bytes}, {"read.me", "text"}}),
                  "member 'read.me': is no array: its name does not end in .npy");
  CAF_CHECK(contains(refusal({{"folder/", ""}}), "member 'folder/': is no array"));
  CAF_CHECK(contains(refusal({{".npy", two_bytes}}), "member '.npy': is no array"));
  CAF_CHECK(contains(refusal({{"x.npy", "text"}}), "member 'x.npy': not an NPY file"));
  CAF_CHECK(contains(refusal({{"x.npy", ""}}), "member 'x.npy': not an NPY file"));
  CAF_CHECK(contains(refusal({{"x.npy", npy_bytes("|O", "(2,)", "ab")}}), "member 'x.npy': "));
  CAF_CHECK(contains(refusal({{"x.npy", npy_bytes("|u1", "()", "a")}}), "member 'x.npy': "));
}

CAF_TEST(names that cannot be sent are refused) {
  CAF_CHECK(contains(refusal({{"a\nb.npy", two_bytes}}), "member 'a\\x0ab.npy': the name of an array has control"));
  CAF_CHECK(contains(refusal({{"x.npy", two_bytes}, {"x.npy", two_bytes}}), "cannot be called 'x'"));
  const auto umlaut = load_npz(write({{"gr\xc3\xb6\xc3\x9f"
                                       "e.npy",
                                       two_bytes, 0, 0x800}}));
  CAF_CHECK_EQUAL(umlaut.data_name(), "gr\xc3\xb6\xc3\x9f"
                                      "e");
  // Protobuf sends UTF-8 alone. The byte is an umlaut in code page 437.
  CAF_CHECK_EQUAL(load_npz(write({{"gr\x94\xe1"
                                   "e.npy",
                                   two_bytes}}))
                    .data_name(),
                  "gr\xc3\xb6\xc3\x9f"
                  "e");
  CAF_CHECK(contains(refusal({{"gr\x94\xe1"
                               "e.npy",
                               two_bytes, 0, 0x800}}),
                     "cannot be read as an NPZ file"));
}

CAF_TEST(a file that is no zip file or is damaged is refused) {
  CAF_CHECK(contains(error_of([&] { load_npz(folder.write("a.npz", "text")); }), "which is a zip file"));
  CAF_CHECK(contains(error_of([&] { load_npz(folder.write("a.npz", "")); }), "which is a zip file"));
  CAF_CHECK_EQUAL(error_of([&] { load_npz(folder.at("b.npz")); }), "no such file");
  CAF_CHECK_EQUAL(refusal({}), "the NPZ file holds no array");
  const auto whole = zip_bytes({{"x.npy", two_bytes}});
  auto damaged = whole;
  damaged[damaged.find("ab")] = 'c';
  CAF_CHECK(contains(error_of([&] { load_npz(folder.write("a.npz", damaged)); }), "member 'x.npy': is damaged: "));
  for (std::size_t size = 1; size < whole.size(); ++size)
    CAF_CHECK_NOT_EQUAL(error_of([&] { load_npz(folder.write("a.npz", whole.substr(0, size))); }), "");
}

CAF_TEST(members that are encrypted or packed in an unknown way are refused) {
  CAF_CHECK(contains(refusal({{"x.npy", two_bytes, 1}}), "member 'x.npy': cannot be read: "));
  CAF_CHECK(contains(refusal({{"x.npy", two_bytes, 0, 1}}), "member 'x.npy': cannot be read: "));
}

CAF_TEST(a member that is too large by its header is not read to its end) {
  CAF_CHECK(contains(refusal({{"x.npy", npy_bytes("<f8", "(2000000000, 4)", std::string(2 << 20, '\0'))}}),
                     "member 'x.npy': an array of shape (2000000000, 4)"));
}

CAF_TEST(an NPZ file is a source of a dataset and not of a column) {
  const auto path = write({{"x.npy", two_bytes}, {"label.npy", two_bytes}});
  const auto table = load_table({"mine", path, {}, {{"more", "synthetic:2:uint8"}}});
  CAF_CHECK_EQUAL(table.columns().size(), 2u);
  const auto as_column = error_of([&] { load_table({"mine", "synthetic:2:uint8", {}, {{"label", path}}}); });
  CAF_CHECK_EQUAL(as_column, path + ": an NPZ file holds several arrays; here it takes a file of one");
  const auto damaged = folder.write("b.npz", "text");
  CAF_CHECK(contains(error_of([&] { load_table({"mine", damaged}); }), damaged + ": cannot be read as an NPZ file"));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace dispatch::dataset
