#pragma once

#include <algorithm>

#include "dataset_service.pb.h"
#include "tests/support/batches.hpp"

namespace dispatch::test {

/// Whether a batch was read as protobuf's own code reads it.
inline bool is_equal(const received_batch& batch, const ::dataset_service::DataBatch& expected) {
  const auto is_column = [](const column& got, const ::dataset_service::Column& sent) {
    return got.name == sent.name() && got.bytes.prefix(got.bytes.size()) == sent.data();
  };
  return data_of(batch) == expected.data() && batch.columns.front().name.empty()
         && batch.index == expected.batch_index() && batch.marked_last == expected.is_last_batch()
         && std::equal(batch.columns.begin() + 1, batch.columns.end(), expected.columns().begin(),
                       expected.columns().end(), is_column);
}

} // namespace dispatch::test
