#pragma once

#include <caf/timespan.hpp>
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

  friend bool operator==(const dataset_description& a, const dataset_description& b) {
    return a.dataset == b.dataset && a.total_samples == b.total_samples && a.sample_shape == b.sample_shape
           && a.data_type == b.data_type;
  }

  friend bool operator!=(const dataset_description& a, const dataset_description& b) { return !(a == b); }
};

template <class Inspector>
bool inspect(Inspector& f, dataset_description& x) {
  return f.object(x).fields(f.field("dataset", x.dataset), f.field("total_samples", x.total_samples),
                            f.field("sample_shape", x.sample_shape), f.field("data_type", x.data_type));
}

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
};

template <class Inspector>
bool inspect(Inspector& f, fetch_frame& x) {
  return f.object(x).fields(f.field("key", x.key), f.field("waited", x.waited));
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
/// Owner: its supervisor. Lifetime: until it fails; another then takes its place, and followers are told. Errors:
/// `status_code` with a message for people; a failure of the upstream is only answered after it was retried. An error
/// of CAF's own means that the source is gone, and no answer with it. A requester that dies takes its requests away
/// with it.
using frame_source = caf::typed_actor<
  /// What is known of a dataset.
  caf::result<dataset_description>(describe_dataset),
  /// The frames from one on that are at hand, without waiting for any: perhaps none.
  caf::result<frame_run>(find_frames),
  /// One encoded batch.
  caf::result<frame_ptr>(fetch_frame)>;

/// There is a frame source, perhaps in the place of one that failed. What that one has not answered is to be asked of
/// this one.
struct source_ready {
  frame_source source;
};

/// Who asks a frame source that may be replaced.
///
/// Owner: not the frame source's supervisor. Lifetime: its own. Errors: none.
using source_follower = caf::typed_actor<
  /// From the supervisor of the frame source, or from who follows it.
  caf::result<void>(source_ready)>;

} // namespace dispatch
