#pragma once

#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "messages/batch_key.hpp"
#include "messages/frame.hpp"
#include "messages/type_ids.hpp"

namespace dispatch {

/// What a dataset consists of, as its service describes it.
struct dataset_description {
  std::string dataset;
  /// 0 where the service does not say.
  std::int32_t total_samples = 0;
  /// Of one sample, without the batch dimension.
  std::vector<std::int32_t> sample_shape;
  /// NumPy's name of the element type, such as `float32`.
  std::string data_type;
};

template <class Inspector>
bool inspect(Inspector& f, dataset_description& x) {
  return f.object(x).fields(f.field("dataset", x.dataset), f.field("total_samples", x.total_samples),
                            f.field("sample_shape", x.sample_shape), f.field("data_type", x.data_type));
}

struct describe_dataset {
  std::string dataset;
};

template <class Inspector>
bool inspect(Inspector& f, describe_dataset& x) {
  return f.object(x).fields(f.field("dataset", x.dataset));
}

struct fetch_frame {
  batch_key key;
};

template <class Inspector>
bool inspect(Inspector& f, fetch_frame& x) {
  return f.object(x).fields(f.field("key", x.key));
}

/// Whatever answers "frame n of dataset d with batch size b". A client asks it and does not know what stands behind:
/// a pool of fetchers, or a cache in front of one.
///
/// Owner: the service. Lifetime: as long as the service. Errors: `status_code` with a message for people; a failure of
/// the upstream is only answered after it was retried. A requester that dies takes its requests away with it.
using frame_source = caf::typed_actor<
  /// What is known of a dataset.
  caf::result<dataset_description>(describe_dataset),
  /// One encoded batch.
  caf::result<frame_ptr>(fetch_frame)>;

} // namespace dispatch
