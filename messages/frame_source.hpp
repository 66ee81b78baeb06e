#pragma once

#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "messages/batch_key.hpp"
#include "messages/type_ids.hpp"
#include "wire/batch_layout.hpp"
#include "wire/dataset_description.hpp"
#include "wire/frame.hpp"

namespace dispatch {

struct describe_dataset {
  std::string dataset;
  /// How long it has been waited for already.
  caf::timespan waited{0};
};

template <class Inspector>
bool inspect(Inspector& f, describe_dataset& x) {
  return f.object(x).fields(f.field("dataset", x.dataset), f.field("waited", x.waited));
}

struct fetch_frame {
  batch_key key;
  /// How long it has been waited for already.
  caf::timespan waited{0};
  /// What the batch has to fit, where that is known.
  batch_layout layout{};
};

template <class Inspector>
bool inspect(Inspector& f, fetch_frame& x) {
  return f.object(x).fields(f.field("key", x.key), f.field("waited", x.waited), f.field("layout", x.layout));
}

struct find_frames {
  batch_key first;
  /// How many at most.
  std::int32_t most = 0;
};

template <class Inspector>
bool inspect(Inspector& f, find_frames& x) {
  return f.object(x).fields(f.field("first", x.first), f.field("most", x.most));
}

/// Frames whose indices follow each other.
struct frame_run {
  std::vector<frame_ptr> frames;
};

/// Whatever answers "frame n of dataset d with batch size b". A client asks it and does not know what stands behind.
///
/// Owner: the service. Lifetime: as long as the service; without it the service stops. Errors: `status_code` with a
/// message for people; a failure of the upstream is only answered after it was retried. A requester that dies takes its
/// requests away with it.
using frame_source = caf::typed_actor<
  /// What is known of a dataset.
  caf::result<dataset_description>(describe_dataset),
  /// The frames from one on that are at hand, without waiting for any: perhaps none.
  caf::result<frame_run>(find_frames),
  /// One encoded batch.
  caf::result<frame_ptr>(fetch_frame)>;

} // namespace dispatch
