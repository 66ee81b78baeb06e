#pragma once

#include <string>
#include <variant>

#include "wire/dataset_description.hpp"

namespace dataset_service {
class DatasetInfo;
}

namespace dispatch::io {

/// What a dataset service says of a dataset (`DatasetInfo` in proto/dataset_service.proto).
/// @returns what is wrong, in words for people, where its columns cannot be told apart or are more than a batch may
/// have
std::variant<dataset_description, std::string> read_dataset_info(const ::dataset_service::DatasetInfo& info);

} // namespace dispatch::io
