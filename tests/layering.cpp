#define CAF_SUITE layering

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace fs = std::filesystem;

namespace {

using strings = std::vector<std::string>;

// -- who may include whom ---------------------------------------------------------------------------------------------

/// What an #include belongs to, by the beginning of its path; the longest that fits counts. What none fits is unknown,
/// and nobody may include it.
struct origin {
  std::string prefix;
  std::string kind;
};

const std::vector<origin> origins{
  {"actors/policy/", "policy"},
  {"actors/", "actors"},
  {"wire/", "wire"},
  {"messages/", "messages"},
  {"dataset/", "dataset"},
  {"io/", "io"},
  {"io/admin/", "admin"},
  {"io/grpc/", "grpc calls"},
  {"io/store/", "store"},
  {"io/tcp/", "tcp"},
  {"io/tls/", "tls"},
  {"io/grpc/grpc_runtime.hpp", "grpc runtime"},
  {"io/host_port.hpp", "address"},
  {"io/unique_fd.hpp", "descriptor"},
  {"apps/", "apps"},
  {"apps/pull/frame.hpp", "consumer's frame"},
  {"bench/stream/", "stream check"},
  {"dataset_service.", "proto"},
  {"caf/", "caf core"},
  {"caf/io/", "caf io"},
  {"caf/openssl/", "caf io"},
  {"caf/net/", "caf io"},
  {"google/protobuf/", "protobuf"},
  {"grpc/", "grpc"},
  {"grpc++/", "grpc"},
  {"grpcpp/", "grpc"},
  {"nlohmann/", "nlohmann"},
  {"httplib.h", "httplib"},
  {"absl/", "absl"},
  {"openssl/", "openssl"},
  {"spdlog/", "spdlog"},
  {"sqlite3.h", "sqlite"},
  {"libpq-fe.h", "libpq"},
  {"CLI/", "cli"},
  {"immintrin.h", "intrinsics"},
  {"zip.h", "libzip"},
  {"zlib.h", "zlib"},
  {"arpa/", "posix"},
  {"fcntl.h", "posix"},
  {"linux/tcp.h", "posix"},
  {"netdb.h", "posix"},
  {"netinet/", "posix"},
  {"poll.h", "posix"},
  {"pthread.h", "posix"},
  {"signal.h", "posix"},
  {"sys/", "posix"},
  {"unistd.h", "posix"},
};

/// What the files of a folder, or one file, may include besides the standard library; the longest path that fits
/// counts.
struct rule {
  std::string path;
  strings may_include;
};

const std::vector<rule> rules{
  {"actors/policy/", {"policy", "wire"}},
  {"actors/", {"actors", "policy", "messages", "wire", "caf core", "spdlog"}},
  {"messages/", {"messages", "wire", "caf core"}},
  {"wire/", {"wire"}},
  {"wire/base64_kernels.cpp", {"wire", "intrinsics"}},
  {"wire/classic_codec.cpp", {"wire", "nlohmann"}},
  {"wire/session/", {"wire", "nlohmann", "zlib"}},
  {"io/", {"io", "address", "descriptor", "messages", "caf core", "posix"}},
  {"io/grpc/",
   {"grpc calls", "grpc runtime", "address", "descriptor", "tls", "messages", "wire", "caf core", "grpc", "proto",
    "protobuf", "posix"}},
  {"io/tcp/", {"tcp", "io", "address", "descriptor", "messages", "wire", "caf core", "caf io", "posix"}},
  {"io/admin/",
   {"admin", "tcp", "address", "descriptor", "messages", "wire", "caf core", "httplib", "nlohmann", "posix"}},
  {"io/store/", {"store", "messages", "wire", "sqlite", "libpq", "posix"}},
  // Shared with the dataset service, and so as far from messages and CAF as that is.
  {"io/tls/", {"tls", "address", "descriptor", "openssl", "posix"}},
  {"io/grpc/grpc_runtime.hpp", {"grpc"}},
  {"dataset/", {"dataset", "tls", "grpc runtime", "grpc", "proto", "libzip", "zlib"}},
  // What judges the dispatcher's frames knows nothing of what makes them.
  {"bench/stream/", {"stream check", "consumer's frame"}},
};

/// Folders of the project that are checked.
const strings checked_folders{"actors", "wire", "messages", "io", "dataset", "bench/stream"};

// -- the check --------------------------------------------------------------------------------------------------------

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

bool contains(const strings& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// The entry of `table` with the longest `key` that `path` starts with.
template <class Entry>
const Entry* longest(const std::vector<Entry>& table, std::string Entry::*key, const std::string& path) {
  const Entry* best = nullptr;
  for (const auto& entry : table)
    if (starts_with(path, entry.*key) && (best == nullptr || (entry.*key).size() > (best->*key).size()))
      best = &entry;
  return best;
}

/// What `#include <header>` or `#include "header"` belongs to.
std::string kind_of(const std::string& header) {
  if (header.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos)
    return "std";
  const auto* found = longest(origins, &origin::prefix, header);
  return found != nullptr ? found->kind : "unknown";
}

/// The headers that a file includes.
strings headers_in(const std::string& source) {
  strings headers;
  std::istringstream lines{source};
  for (std::string line; std::getline(lines, line);) {
    line.erase(std::remove_if(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t'; }), line.end());
    if (!starts_with(line, "#include"))
      continue;
    const auto end = line.find_first_of(">\"", 9);
    headers.push_back(line.size() > 9 && end != std::string::npos ? line.substr(9, end - 9) : line);
  }
  return headers;
}

/// The headers that `path`, relative to the project's folder, includes and must not.
strings violations(const std::string& path, const std::string& source) {
  const auto* allowed = longest(rules, &rule::path, path);
  strings forbidden;
  for (const auto& header : headers_in(source)) {
    const auto kind = kind_of(header);
    if (kind != "std" && (allowed == nullptr || !contains(allowed->may_include, kind)))
      forbidden.push_back(header);
  }
  return forbidden;
}

bool is_source(const fs::path& path) {
  static const std::set<std::string> extensions{".cpp", ".hpp", ".cc", ".h", ".ipp", ".inl"};
  return extensions.count(path.extension().string()) > 0;
}

std::string text_of(const fs::path& path) {
  std::ifstream file{path};
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

} // namespace

CAF_TEST(no file includes what its layer must not know) {
  const fs::path root{DISPATCHER_SOURCE_DIR};
  for (const auto& folder : checked_folders) {
    auto files = 0;
    for (const auto& entry : fs::recursive_directory_iterator{root / folder}) {
      if (!entry.is_regular_file() || !is_source(entry.path()))
        continue;
      ++files;
      const auto path = fs::relative(entry.path(), root).generic_string();
      for (const auto& header : violations(path, text_of(entry.path())))
        CAF_ERROR(path << " must not include " << header);
    }
    // A folder that was moved is not a folder without mistakes.
    CAF_CHECK_GREATER(files, 5);
  }
}

CAF_TEST(every rule is about something that exists) {
  for (const auto& rule : rules)
    CAF_CHECK(fs::exists(fs::path{DISPATCHER_SOURCE_DIR} / rule.path));
}

// -- the check can fail -----------------------------------------------------------------------------------------------

CAF_TEST(policies know the standard library and each other) {
  CAF_CHECK_EQUAL(violations("actors/policy/a.hpp", "#include <vector>\n#include \"actors/policy/b.hpp\"\n"),
                  strings{});
  for (const std::string header : {"messages/client.hpp", "actors/client.hpp", "caf/all.hpp", "io/tcp/outbox.hpp",
                                   "spdlog/spdlog.h", "unistd.h", "apps/dispatcher/config.hpp"})
    CAF_CHECK_EQUAL(violations("actors/policy/a.hpp", "#include \"" + header + "\"\n"), strings{header});
}

CAF_TEST(messages know the core of CAF) {
  CAF_CHECK_EQUAL(violations("messages/a.hpp", "#include <caf/error.hpp>\n#include \"messages/b.hpp\"\n"), strings{});
  for (const std::string header :
       {"actors/client.hpp", "actors/policy/window.hpp", "io/tcp/outbox.hpp", "caf/io/all.hpp", "grpcpp/grpcpp.h",
        "nlohmann/json.hpp", "absl/strings/escaping.h", "immintrin.h"})
    CAF_CHECK_EQUAL(violations("messages/a.hpp", "#include <" + header + ">\n"), strings{header});
}

CAF_TEST(formats and protocols know no actor and no edge) {
  for (const std::string header : {"messages/batch_provider.hpp", "caf/error.hpp", "io/tcp/outbox.hpp", "sys/socket.h"})
    CAF_CHECK_EQUAL(violations("wire/a.hpp", "#include \"" + header + "\"\n"), strings{header});
}

CAF_TEST(consumers and dataset services are different edges) {
  CAF_CHECK_EQUAL(violations("io/tcp/a.hpp", "#include \"io/grpc/data_batch.hpp\"\n"),
                  strings{"io/grpc/data_batch.hpp"});
  CAF_CHECK_EQUAL(violations("io/grpc/a.hpp", "#include \"io/tcp/outbox.hpp\"\n"), strings{"io/tcp/outbox.hpp"});
}

CAF_TEST(the codec alone knows JSON and no actors) {
  CAF_CHECK_EQUAL(violations("wire/classic_codec.cpp", "#include <nlohmann/json.hpp>\n"), strings{});
  CAF_CHECK_EQUAL(violations("wire/classic_codec.hpp", "#include <nlohmann/json.hpp>\n"), strings{"nlohmann/json.hpp"});
  for (const std::string header : {"caf/all.hpp", "absl/strings/escaping.h"})
    CAF_CHECK_EQUAL(violations("wire/classic_codec.cpp", "#include <" + header + ">\n"), strings{header});
}

CAF_TEST(base64 knows the standard library and its kernels the processor) {
  CAF_CHECK_EQUAL(violations("wire/base64_kernels.cpp", "#include <immintrin.h>\n"), strings{});
  for (const std::string file : {"wire/base64.cpp", "wire/base64_decoder.cpp", "wire/base64_kernels.cpp"})
    for (const std::string header : {"caf/all.hpp", "nlohmann/json.hpp", "absl/strings/escaping.h"})
      CAF_CHECK_EQUAL(violations(file, "#include <" + header + ">\n"), strings{header});
}

CAF_TEST(actors know no edges) {
  CAF_CHECK_EQUAL(violations("actors/a.cpp", "#include <caf/all.hpp>\n#include \"messages/b.hpp\"\n"
                                             "#include \"actors/policy/c.hpp\"\n#include <spdlog/spdlog.h>\n"),
                  strings{});
  for (const std::string header :
       {"io/tcp/outbox.hpp", "dataset/npy_file.hpp", "apps/dispatcher/config.hpp", "caf/io/all.hpp", "grpcpp/grpcpp.h",
        "grpc/grpc.h", "google/protobuf/message.h", "dataset_service.pb.h", "sys/socket.h"})
    CAF_CHECK_EQUAL(violations("actors/a.cpp", "#include <" + header + ">\n"), strings{header});
}

CAF_TEST(edges know no actors) {
  CAF_CHECK_EQUAL(violations("io/tcp/a.cpp", "#include <caf/io/all.hpp>\n#include <sys/socket.h>\n"
                                             "#include \"messages/b.hpp\"\n"),
                  strings{});
  CAF_CHECK_EQUAL(violations("io/grpc/a.cpp", "#include <grpcpp/grpcpp.h>\n#include \"messages/b.hpp\"\n"
                                              "#include \"dataset_service.grpc.pb.h\"\n"),
                  strings{});
  for (const std::string folder : {"io/", "io/tcp/", "io/grpc/", "io/admin/"})
    for (const std::string header :
         {"actors/client.hpp", "actors/policy/window.hpp", "apps/dispatcher/config.hpp", "dataset/npy_file.hpp"})
      CAF_CHECK_EQUAL(violations(folder + "a.cpp", "#include \"" + header + "\"\n"), strings{header});
}

CAF_TEST(the dataset service knows neither messages nor CAF) {
  for (const std::string header :
       {"wire/batch.hpp", "caf/all.hpp", "caf/io/all.hpp", "actors/client.hpp", "io/tcp/outbox.hpp"})
    CAF_CHECK_EQUAL(violations("dataset/a.cpp", "#include \"" + header + "\"\n"), strings{header});
}

CAF_TEST(what edges share with the dataset service knows no more than that) {
  CAF_CHECK_EQUAL(violations("dataset/a.cpp", "#include \"io/grpc/grpc_runtime.hpp\"\n"), strings{});
  for (const std::string header : {"wire/batch.hpp", "caf/all.hpp", "io/tcp/outbox.hpp"})
    CAF_CHECK_EQUAL(violations("io/grpc/grpc_runtime.hpp", "#include \"" + header + "\"\n"), strings{header});
}

CAF_TEST(an include is found however it is written) {
  for (const std::string line :
       {"#include <caf/all.hpp>", "  #  include\t<caf/all.hpp>", "#include\"caf/all.hpp\" // why"})
    CAF_CHECK_EQUAL(violations("actors/policy/a.hpp", "#pragma once\n" + line + "\n"), strings{"caf/all.hpp"});
  CAF_CHECK_EQUAL(violations("actors/policy/a.hpp", "// #include <caf/all.hpp>\n"), strings{});
}

CAF_TEST(what nobody has heard of is forbidden) {
  for (const std::string header : {"../io/outbox.hpp", "call_scheduler.hpp", "boost/asio.hpp", "policy/window.hpp"})
    CAF_CHECK_EQUAL(violations("actors/a.cpp", "#include \"" + header + "\"\n"), strings{header});
  CAF_CHECK_EQUAL(violations("elsewhere/a.cpp", "#include <caf/all.hpp>\n"), strings{"caf/all.hpp"});
  CAF_CHECK_EQUAL(violations("actors/a.cpp", "#include SOME_MACRO\n").size(), 1u);
}
