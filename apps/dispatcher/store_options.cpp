#include "apps/dispatcher/store_options.hpp"

#include <string_view>

#include "io/store/memory_backend.hpp"
#include "io/store/postgres_backend.hpp"
#include "io/store/sqlite_backend.hpp"

namespace dispatch {

namespace {

constexpr std::string_view sqlite_prefix = "sqlite:";
constexpr std::string_view postgres_prefix = "postgresql://";

bool has_prefix(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0 && text.size() > prefix.size();
}

} // namespace

std::optional<std::string> check_store(const std::string& store) {
  if (store == no_store || has_prefix(store, sqlite_prefix))
    return std::nullopt;
  if (!has_prefix(store, postgres_prefix))
    return "--store: got '" + store + "'; it takes none, sqlite:FILE, or postgresql://HOST/DATABASE";
  try {
    io::postgres_backend::check(store);
    return std::nullopt;
  } catch (const store_error& problem) {
    return std::string{"--store: "} + problem.what();
  }
}

store_backend_ptr open_store(const std::string& store) {
  if (has_prefix(store, sqlite_prefix))
    return std::make_shared<io::sqlite_backend>(store.substr(sqlite_prefix.size()));
  if (has_prefix(store, postgres_prefix))
    return std::make_shared<io::postgres_backend>(store);
  return std::make_shared<io::memory_backend>();
}

} // namespace dispatch
