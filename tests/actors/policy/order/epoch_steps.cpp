#define CAF_SUITE epoch_steps

#include "actors/policy/order/epoch_steps.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

using namespace dispatch;
using policy::epoch_steps;
using policy::left_positions;
using policy::shard_batch;

namespace {

using ranges = std::vector<position_range>;
using positions = std::vector<std::int64_t>;

struct shape {
  std::int64_t samples;
  ranges skipped;
  std::int64_t batch_size;
  std::int64_t shards;
  epoch_end ends = epoch_end::uneven;
};

epoch_steps steps_of(const shape& of, std::int64_t shard, std::int64_t from = 0) {
  return {left_positions{of.samples, of.skipped}, {of.batch_size, {shard, of.shards}, of.ends}, from};
}

void append(const shard_batch& batch, positions& to) {
  for (const auto& range : batch.positions)
    for (auto position = range.from; position < range.to; ++position)
      to.push_back(position);
}

/// What a shard gets, one batch after the other.
positions read(const epoch_steps& steps) {
  positions result;
  for (std::int64_t i = 0; i < steps.batches(); ++i)
    append(steps.batch(i), result);
  return result;
}

/// What all shards get, step by step.
positions read_all(const shape& of, std::int64_t from = 0) {
  positions result;
  std::vector<epoch_steps> shards;
  for (std::int64_t i = 0; i < of.shards; ++i)
    shards.push_back(steps_of(of, i, from));
  for (std::int64_t step = 0; step < shards.front().batches(); ++step)
    for (const auto& shard : shards)
      if (step < shard.batches())
        append(shard.batch(step), result);
  return result;
}

class drawn_shapes {
public:
  explicit drawn_shapes(std::uint32_t seed) : random_(seed) {}

  std::int64_t draw(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
  }

  shape next() {
    shape result{draw(1, 120), {}, draw(1, 20), draw(1, 6)};
    if (draw(0, 20) == 0)
      result.shards = draw(1, 1000);
    for (auto i = draw(0, 3) - 1; i > 0; --i) {
      const auto from = draw(0, result.samples - 1);
      result.skipped.push_back({from, draw(from + 1, result.samples)});
    }
    return result;
  }

private:
  std::mt19937_64 random_;
};

positions left_of(const shape& of, std::int64_t from = 0) {
  const left_positions left{of.samples, of.skipped};
  ranges all;
  if (left.number_at(from) < left.count())
    left.append(left.number_at(from), left.count(), all);
  positions result;
  for (const auto& range : all)
    for (auto position = range.from; position < range.to; ++position)
      result.push_back(position);
  return result;
}

} // namespace

CAF_TEST(a step gives each shard its batch) {
  const shape of{20, {}, 3, 2};
  CAF_CHECK(steps_of(of, 0).batch(1).positions == (ranges{{6, 9}}));
  CAF_CHECK(steps_of(of, 1).batch(1).positions == (ranges{{9, 12}}));
  CAF_CHECK_EQUAL(steps_of(of, 1).batch(1).step_position, 6);
  CAF_CHECK_EQUAL(steps_of(of, 1).batch(1).next_position, 12);
}

CAF_TEST(an uneven end is short and leaves shards out) {
  const shape of{20, {}, 3, 4};
  CAF_CHECK_EQUAL(steps_of(of, 0).batches(), 2);
  CAF_CHECK_EQUAL(steps_of(of, 2).batch(1).samples, 2);
  CAF_CHECK_EQUAL(steps_of(of, 2).batch(1).next_position, 20);
  CAF_CHECK_EQUAL(steps_of(of, 3).batches(), 1);
}

CAF_TEST(dropped samples are counted) {
  const shape of{20, {}, 3, 4, epoch_end::drop};
  for (std::int64_t shard = 0; shard < 4; ++shard)
    CAF_CHECK_EQUAL(steps_of(of, shard).batches(), 1);
  CAF_CHECK_EQUAL(steps_of(of, 0).dropped(), 8);
  CAF_CHECK_EQUAL(steps_of(of, 0).batch(0).next_position, 12);
}

CAF_TEST(padding comes from the first positions) {
  const shape of{20, {{0, 2}}, 3, 4, epoch_end::pad};
  const auto steps = steps_of(of, 3);
  CAF_CHECK_EQUAL(steps.batches(), 2);
  CAF_CHECK(steps.batch(1).positions == (ranges{{5, 8}}));
  CAF_CHECK_EQUAL(steps.batch(1).padded, 3);
  CAF_CHECK_EQUAL(steps.batch(1).next_position, 20);
  CAF_CHECK(steps_of(of, 1).batch(1).positions == (ranges{{17, 20}}));
  CAF_CHECK(steps_of(of, 2).batch(1).positions == (ranges{{2, 5}}));
}

CAF_TEST(a step larger than the epoch is filled with it again and again) {
  const shape of{2, {}, 5, 1, epoch_end::pad};
  CAF_CHECK(read(steps_of(of, 0)) == (positions{0, 1, 0, 1, 0}));
  CAF_CHECK_EQUAL(steps_of(of, 0).batch(0).padded, 3);
}

CAF_TEST(an epoch that is skipped whole has no batches) {
  for (const auto ends : {epoch_end::uneven, epoch_end::drop, epoch_end::pad})
    CAF_CHECK_EQUAL(steps_of({9, {{0, 9}}, 2, 1, ends}, 0).batches(), 0);
}

CAF_TEST(shards together get every position that is left once and in order) {
  drawn_shapes shapes{1};
  for (auto i = 0; i < 4000; ++i) {
    const auto of = shapes.next();
    CAF_REQUIRE(read_all(of) == left_of(of));
  }
}

CAF_TEST(n shards of b are one shard of n times b) {
  drawn_shapes shapes{2};
  for (auto i = 0; i < 3000; ++i)
    for (const auto ends : {epoch_end::uneven, epoch_end::drop, epoch_end::pad}) {
      auto of = shapes.next();
      of.ends = ends;
      auto one = of;
      one.batch_size *= of.shards;
      one.shards = 1;
      CAF_REQUIRE(read_all(of) == read_all(one));
    }
}

CAF_TEST(to go on at any step is to have gone on) {
  drawn_shapes shapes{3};
  for (auto i = 0; i < 1500; ++i)
    for (const auto ends : {epoch_end::uneven, epoch_end::drop, epoch_end::pad}) {
      auto of = shapes.next();
      of.ends = ends;
      const auto shard = shapes.draw(0, of.shards - 1);
      const auto whole = steps_of(of, shard);
      for (std::int64_t done = 1; done < whole.batches(); ++done) {
        const auto from = whole.batch(done - 1).next_position;
        CAF_REQUIRE_EQUAL(from, whole.batch(done).step_position);
        const auto rest = steps_of(of, shard, from);
        CAF_REQUIRE_EQUAL(rest.batches(), whole.batches() - done);
        for (std::int64_t k = 0; k < rest.batches(); ++k) {
          CAF_REQUIRE(rest.batch(k).positions == whole.batch(done + k).positions);
          CAF_REQUIRE_EQUAL(rest.batch(k).next_position, whole.batch(done + k).next_position);
        }
      }
      if (whole.batches() > 0)
        CAF_REQUIRE_EQUAL(steps_of(of, shard, whole.batch(whole.batches() - 1).next_position).batches(), 0);
    }
}

CAF_TEST(other batch sizes and numbers of shards from a cursor on neither lose nor repeat) {
  drawn_shapes shapes{4};
  for (auto i = 0; i < 4000; ++i) {
    auto of = shapes.next();
    const auto first = steps_of(of, 0);
    const auto steps = shapes.draw(0, first.batches());
    positions got;
    for (std::int64_t step = 0; step < steps; ++step)
      for (std::int64_t shard = 0; shard < of.shards; ++shard)
        if (const auto each = steps_of(of, shard); step < each.batches())
          append(each.batch(step), got);
    const auto from = steps == 0 ? 0 : first.batch(steps - 1).next_position;
    of.batch_size = shapes.draw(1, 20);
    of.shards = shapes.draw(1, 6);
    for (const auto position : read_all(of, from))
      got.push_back(position);
    CAF_REQUIRE(got == left_of(of));
  }
}

CAF_TEST(what is dropped and what is delivered is the whole) {
  drawn_shapes shapes{5};
  for (auto i = 0; i < 2000; ++i) {
    auto of = shapes.next();
    of.ends = epoch_end::drop;
    const auto got = read_all(of);
    const auto left = left_of(of);
    CAF_REQUIRE_EQUAL(static_cast<std::int64_t>(got.size()) + steps_of(of, 0).dropped(),
                      static_cast<std::int64_t>(left.size()));
    CAF_REQUIRE(std::equal(got.begin(), got.end(), left.begin()));
  }
}

CAF_TEST(where a position is delivered is found back) {
  using policy::batch_place;
  drawn_shapes shapes{6};
  for (auto i = 0; i < 1500; ++i)
    for (const auto ends : {epoch_end::uneven, epoch_end::drop, epoch_end::pad}) {
      auto of = shapes.next();
      of.shards = std::min<std::int64_t>(of.shards, 20);
      of.ends = ends;
      const auto from = shapes.draw(0, of.samples);
      std::vector<std::optional<batch_place>> places(static_cast<std::size_t>(of.samples));
      auto paddings = places;
      for (std::int64_t shard = 0; shard < of.shards; ++shard) {
        const auto steps = steps_of(of, shard, from);
        for (std::int64_t k = 0; k < steps.batches(); ++k) {
          const auto batch = steps.batch(k);
          positions got;
          append(batch, got);
          for (std::int64_t index = 0; index < batch.samples; ++index) {
            const auto at = static_cast<std::size_t>(got[static_cast<std::size_t>(index)]);
            auto& place = index < batch.samples - batch.padded ? places[at] : paddings[at];
            if (!place)
              place = batch_place{k, shard, index};
          }
        }
      }
      const auto steps = steps_of(of, 0, from);
      for (std::int64_t position = 0; position < of.samples; ++position) {
        CAF_REQUIRE(steps.place_of(position) == places[static_cast<std::size_t>(position)]);
        CAF_REQUIRE(steps.padding_place_of(position) == paddings[static_cast<std::size_t>(position)]);
      }
    }
}
