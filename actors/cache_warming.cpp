#include "actors/cache_warming.hpp"

#include <utility>

#include "wire/fingerprint.hpp"

namespace dispatch {

namespace {

std::int32_t batches_of(std::int64_t samples, std::int32_t batch_size) {
  return static_cast<std::int32_t>((samples + batch_size - 1) / batch_size);
}

} // namespace

cache_warming::cache_warming(options opts, actions does, event_log_ptr log)
  : options_(std::move(opts)),
    actions_(std::move(does)),
    log_(std::move(log)) {}

// -- what consumers and upstreams do ----------------------------------------------------------------------------------

void cache_warming::connected() {
  if (state_ == state::failed)
    state_ = state::waiting;
}

void cache_warming::described(const dataset_description& said, bool has_changed) {
  if (said.dataset != options_.dataset || options_.dataset.empty())
    return;
  const auto is_same = !has_changed && fingerprint_of(said) == family_.fingerprint;
  if (!is_same || state_ == state::waiting)
    begin(said);
}

void cache_warming::yield() {
  drop(plan_.yield(actions_.now()));
}

void cache_warming::given(const batch_key& key, std::size_t bytes, std::int32_t batches) {
  plan_.arrived(key.index);
  ++fetched_;
  if (key.index == 0 && batches > 0)
    plan_.learn(batches_ = batches);
  if (key.index == 0)
    check_fit(bytes);
  advance();
}

void cache_warming::failed(const batch_key& key, const failure& reason) {
  if (!wants(key))
    return;
  plan_.arrived(key.index);
  // A consumer that wants the batch is told.
  if (reason.code != status_code::out_of_range)
    log_->write(severity::info, "prefetch_failed",
                {{"dataset", key.dataset}, {"batch", key.index}, {"message", reason.message}});
  end(state::failed);
}

// -- reading ----------------------------------------------------------------------------------------------------------

bool cache_warming::is_own(const batch_key& key) const {
  return key.batch_size == family_.batch_size && key.fingerprint == family_.fingerprint
         && key.dataset == family_.dataset;
}

batch_key cache_warming::key_of(std::int32_t index) const {
  auto result = family_;
  result.index = index;
  return result;
}

void cache_warming::begin(const dataset_description& said) {
  end(state::reading);
  family_ = {said.dataset, options_.batch_size, 0, fingerprint_of(said)};
  batches_ = batches_of(said.total_samples, options_.batch_size);
  fetched_ = 0;
  began_at_ = actions_.now();
  plan_.begin(batches_);
  advance();
}

void cache_warming::end(state because) {
  state_ = because;
  drop(plan_.end());
}

void cache_warming::advance() {
  while (const auto next = plan_.next(actions_.now())) {
    const auto key = key_of(*next);
    if (actions_.has(key))
      plan_.arrived(*next);
    else
      actions_.fetch(key);
  }
  if (batches_ > 0 && state_ == state::reading && !plan_.is_reading())
    log_done();
}

void cache_warming::drop(const std::vector<std::int32_t>& indices) {
  for (const auto index : indices)
    actions_.drop(key_of(index));
}

void cache_warming::check_fit(std::size_t first_bytes) {
  if (policy::warm_up::fits(batches_, first_bytes, options_.capacity_bytes))
    return;
  const auto bytes = static_cast<std::uint64_t>(batches_) * first_bytes;
  log_->write(severity::info, "prefetch_too_large",
              {{"dataset", family_.dataset}, {"bytes", bytes}, {"cache_bytes", options_.capacity_bytes}});
  end(state::done);
}

void cache_warming::log_done() {
  state_ = state::done;
  if (fetched_ == 0)
    return;
  const std::chrono::duration<double> took = actions_.now() - began_at_;
  log_->write(severity::info, "prefetched",
              {{"dataset", family_.dataset}, {"batches", fetched_}, {"seconds", took.count()}});
}

} // namespace dispatch
