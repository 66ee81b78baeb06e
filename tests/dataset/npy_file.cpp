#define CAF_SUITE npy_file

#include "dataset/npy_file.hpp"

#include "dataset/npy_type.hpp"
#include "dataset/splitmix64.hpp"
#include "tests/dataset/data_files.hpp"

#include <numeric>

namespace dispatch::dataset {

namespace {

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  auto length = static_cast<std::uint32_t>(header.size());
  auto length_bytes = native(length).substr(0, version == 1 ? 2 : 4);
  return std::string{"\x93NUMPY"} + version + '\0' + length_bytes + header + data;
}

std::string header(const std::string& descr, const std::string& shape, bool fortran_order = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran_order ? "True" : "False") + ", 'shape': " + shape
         + ", }          \n";
}

std::string refusal(const std::string& bytes) {
  return error_of([&] { parse_npy(bytes); });
}

template <class Value>
std::string counting(std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i)
    bytes += native(static_cast<Value>(i));
  return bytes;
}

CAF_TEST(an array keeps its values) {
  auto samples = parse_npy(npy(header("<f4", "(4, 1, 3)"), counting<float>(12)));
  CAF_CHECK_EQUAL(samples.type_name(), "float32");
  CAF_CHECK_EQUAL(samples.total_samples(), 4);
  CAF_CHECK_EQUAL(samples.sample_shape(), (sample_shape{1, 3}));
  CAF_CHECK_EQUAL(samples.sample_bytes(), 12u);
  CAF_CHECK_EQUAL(all_bytes(samples), counting<float>(12));
}

CAF_TEST(all formats and ways to write the header are read) {
  auto plain = [](const std::string& text, char version) {
    auto samples = parse_npy(npy(text, "abc", version));
    CAF_CHECK_EQUAL(samples.type_name(), "uint8");
    CAF_CHECK_EQUAL(samples.total_samples(), 3);
    CAF_CHECK(samples.sample_shape().empty());
    CAF_CHECK_EQUAL(all_bytes(samples), "abc");
  };
  for (char version : {'\1', '\2', '\3'})
    plain(header("|u1", "(3,)"), version);
  plain("{\"shape\":(3,),\"fortran_order\":True,\"descr\":\"|u1\"}", 1);
  plain("{ 'shape' : ( 3L , ) , 'descr' : 'u1' , 'fortran_order' : False }\n", 1);
}

CAF_TEST(element types have the names of NumPy) {
  auto check = [](std::string_view descr, const std::string& name, std::uint64_t item_size, std::size_t swap_unit) {
    auto type = parse_npy_type(descr);
    CAF_CHECK_EQUAL(type.name, name);
    CAF_CHECK_EQUAL(type.item_size, item_size);
    CAF_CHECK_EQUAL(type.swap_unit, swap_unit);
  };
  check("|b1", "bool", 1, 1);
  check("|i1", "int8", 1, 1);
  check("<i2", "int16", 2, 1);
  check("<i4", "int32", 4, 1);
  check("<i8", "int64", 8, 1);
  check("|u1", "uint8", 1, 1);
  check("<u2", "uint16", 2, 1);
  check(">u4", "uint32", 4, 4);
  check(">u8", "uint64", 8, 8);
  check("<f2", "float16", 2, 1);
  check(">f4", "float32", 4, 4);
  check("<f8", "float64", 8, 1);
  check("<f16", "float128", 16, 1);
  check(">c8", "complex64", 8, 4);
  check("<c16", "complex128", 16, 1);
  check("<M8[ns]", "datetime64[ns]", 8, 1);
  check(">m8[25us]", "timedelta64[25us]", 8, 8);
  check("<M8", "datetime64", 8, 1);
  check("|S5", "|S5", 5, 1);
  check(">U3", "<U3", 12, 4);
  check("|V16", "|V16", 16, 1);
  for (auto* descr : {"<float32", "floaty", "float3", ">int", "<datetime64", "", "<", "f4x", "<f3", "<i16", "|S",
                      "|S-1", "|S99999999999", "<M8[n\"s]", "<M8[]", "<x4", "<f4 "})
    CAF_CHECK(contains(error_of([&] { parse_npy_type(descr); }), "unknown element type"));
  CAF_CHECK_EQUAL(error_of([] {
                    parse_npy_type(std::string_view{"<\n\x1b[1m\0\xff", 8});
                  }),
                  "NPY file with the unknown element type '<\\x0a\\x1b[1m\\x00\\xff'");
  CAF_CHECK(contains(error_of([] { parse_npy_type("|O"); }), "Python objects"));
  CAF_CHECK(contains(error_of([] { parse_npy_type(">f16"); }), "big-endian long doubles"));
}

CAF_TEST(element types may be spelled as numpy dtype takes them) {
  auto check = [](std::string_view descr, const std::string& name, std::size_t swap_unit = 1) {
    auto type = parse_npy_type(descr);
    CAF_CHECK_EQUAL(type.name, name);
    CAF_CHECK_EQUAL(type.swap_unit, swap_unit);
  };
  for (auto* name : {"bool", "int8", "uint16", "float16", "float32", "float64", "complex64", "complex128"})
    check(name, name);
  check("float", "float64");
  check("double", "float64");
  check("int", "int64");
  check("?", "bool");
  check("B", "uint8");
  check("<f", "float32");
  check(">d", "float64", 8);
  check("datetime64[ns]", "datetime64[ns]");
  check("timedelta64", "timedelta64");
  CAF_CHECK(contains(error_of([] { parse_npy_type("object"); }), "Python objects"));
  CAF_CHECK_EQUAL(all_bytes(parse_npy(npy(header("float32", "(2, 1)"), counting<float>(2)))), counting<float>(2));
}

CAF_TEST(a file is refused by its header alone) {
  auto check = [](const std::string& text) { return error_of([&] { check_npy_beginning(npy(text, "")); }); };
  CAF_CHECK(contains(check(header("<f8", "(3000000000,)")), "limit"));
  CAF_CHECK(!check(header("|u1", "(3000000000,)")).empty());
  CAF_CHECK(contains(check(header("|O", "(3,)")), "Python objects"));
  CAF_CHECK(contains(check(header("<x4", "(3,)")), "unknown element type"));
  CAF_CHECK(contains(error_of([] { check_npy_beginning("PK"); }), "not an NPY file"));
  check_npy_beginning(npy(header("|u1", "(3,)"), ""));
  // A header that has not come whole says nothing yet.
  check_npy_beginning(npy(header("<f8", "(3000000000,)"), "").substr(0, 20));
}

CAF_TEST(big endian becomes little endian) {
  auto data = big_endian(std::uint32_t{0x3fc00000}) + big_endian(std::uint32_t{0xc0000000});
  auto floats = parse_npy(npy(header(">f4", "(2,)"), data));
  CAF_CHECK_EQUAL(floats.type_name(), "float32");
  CAF_CHECK_EQUAL(all_bytes(floats), native(1.5f) + native(-2.0f));
  auto complex = parse_npy(npy(header(">c8", "(1,)"), data));
  CAF_CHECK_EQUAL(complex.type_name(), "complex64");
  CAF_CHECK_EQUAL(all_bytes(complex), native(1.5f) + native(-2.0f));
}

CAF_TEST(Fortran order becomes C order) {
  // numpy.asfortranarray([[0, 1, 2], [3, 4, 5]]): the columns one after the other.
  auto samples = parse_npy(npy(header("|u1", "(2, 3)", true), std::string{"\0\3\1\4\2\5", 6}));
  CAF_CHECK_EQUAL(samples.sample_shape(), sample_shape{3});
  CAF_CHECK_EQUAL(all_bytes(samples), (std::string{"\0\1\2\3\4\5", 6}));
}

CAF_TEST(Fortran order of random shapes becomes C order) {
  splitmix64 random{2};
  for (int round = 0; round < 300; ++round) {
    array_shape shape;
    std::string text = "(";
    for (auto dimensions = random.below(5) + 1; dimensions > 0; --dimensions) {
      shape.push_back(random.below(5) + 1);
      text += std::to_string(shape.back()) + ",";
    }
    auto count = std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>{});
    // Each element is its own position in C order; written where Fortran order has it.
    std::vector<std::uint16_t> data(count);
    for (std::uint64_t position = 0; position < count; ++position) {
      auto rest = position;
      std::uint64_t target = 0;
      for (auto d = shape.size(); d > 0; --d) {
        auto stride = std::accumulate(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(d - 1),
                                      std::uint64_t{1}, std::multiplies<>{});
        target += rest % shape[d - 1] * stride;
        rest /= shape[d - 1];
      }
      data[target] = static_cast<std::uint16_t>(position);
    }
    std::string bytes;
    for (auto value : data)
      bytes += native(value);
    auto samples = parse_npy(npy(header("<u2", text + ")", true), bytes));
    CAF_CHECK_EQUAL(all_bytes(samples), counting<std::uint16_t>(count));
  }
}

CAF_TEST(what is no NPY file is refused with its reason) {
  auto good = header("|u1", "(3,)");
  CAF_CHECK(contains(refusal(""), "not an NPY file"));
  CAF_CHECK(contains(refusal("PK\3\4 an npz file"), "not an NPY file"));
  CAF_CHECK(contains(refusal(npy(good, "abc", 4)), "unknown format 4.0"));
  CAF_CHECK(contains(refusal(npy(good, "ab")), "truncated NPY file"));
  CAF_CHECK(contains(refusal(npy(good, "ab")), "(3,) of uint8, which makes 3 bytes of data, but it holds 2"));
  CAF_CHECK(contains(refusal(npy(good, "abcd")), "trailing bytes"));
  CAF_CHECK(contains(refusal(npy(header("|u1", "()"), "a")), "no dimension"));
  CAF_CHECK(contains(refusal(npy(header("|u1", "(0, 3)"), "")), "is empty"));
  CAF_CHECK(contains(refusal(npy(header("|S0", "(3,)"), "")), "are empty"));
  CAF_CHECK(contains(refusal(npy(header("|u1", "(4294967296, 4294967296)"), "a")), "more than the limit"));
  CAF_CHECK(contains(refusal(npy(header("|u1", "(99999999999999999999,)"), "a")), "no size"));
  CAF_CHECK(contains(refusal(npy(header("|u1", "(-1,)"), "a")), "no size"));
  CAF_CHECK(
    contains(refusal(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "abcd")), "structured"));
  CAF_CHECK(contains(refusal(npy("{'descr': '|u1', 'shape': (1,)}", "a")), "missing"));
  CAF_CHECK(contains(refusal(npy("{'descr': '|u1', 'descr': '|u1'}", "a")), "twice"));
  CAF_CHECK(contains(refusal(npy("{'descr': '|u1', 'fortran_order': Maybe}", "a")), "neither True nor False"));
  CAF_CHECK(contains(refusal(npy(good + "x", "abc")), "follows the dictionary"));
}

CAF_TEST(every shortened file is refused) {
  auto bytes = npy(header("<f4", "(4, 1, 3)"), counting<float>(12));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CAF_CHECK(!refusal(bytes.substr(0, size)).empty());
}

CAF_TEST(damaged files are refused or make samples that fit their shape) {
  splitmix64 random{3};
  auto original = npy(header("<u2", "(2, 3)", true), "abcdefghijkl");
  for (int round = 0; round < 20000; ++round) {
    auto bytes = original;
    for (auto changes = random.below(3) + 1; changes > 0; --changes)
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(100) + 28);
    if (random.below(4) == 0)
      bytes.resize(random.below(bytes.size() + 4));
    try {
      auto samples = parse_npy(bytes);
      auto size = static_cast<std::size_t>(samples.total_samples()) * samples.sample_bytes();
      CAF_REQUIRE_EQUAL(all_bytes(samples).size(), size);
    } catch (const data_error&) {
      // Refused.
    }
  }
}

} // namespace

} // namespace dispatch::dataset
