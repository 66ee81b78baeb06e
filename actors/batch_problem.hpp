#pragma once

#include <optional>
#include <string>

#include "messages/batch_key.hpp"
#include "messages/batch_source.hpp"
#include "wire/batch_layout.hpp"

namespace dispatch {

/// What a failed call for a batch says, to people.
inline std::string explain(const batch_result& failed) {
  if (failed.code != status_code::unimplemented)
    return failed.message;
  return "what answers there is no dataset service, it has no GetBatch (" + failed.message
         + "): see that --upstream is right";
}

/// Why a call has not brought the batch that was asked for; nothing where it has.
/// @param layout what the batch has to fit
inline std::optional<failure> problem_of(const batch_result& result, const batch_key& asked,
                                         const batch_layout& layout) {
  if (result.code != status_code::ok)
    return failure{result.code, explain(result)};
  if (result.batch.index != asked.index)
    return failure{status_code::internal, "the dataset service answered with batch "
                                            + std::to_string(result.batch.index) + " when it was asked for batch "
                                            + std::to_string(asked.index)};
  if (auto misfit = layout.misfit(result.batch))
    return failure{status_code::internal, std::move(*misfit)};
  return std::nullopt;
}

} // namespace dispatch
