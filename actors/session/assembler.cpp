#include "actors/session/assembler.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

#include "actors/consumer_patience.hpp"

namespace dispatch {

namespace {

/// A window may be asked for that is larger than any dataset.
constexpr std::int64_t most_window_rows = std::int64_t{1} << 31;
constexpr std::uint64_t most_unused = std::uint64_t{128} << 20;

std::size_t bytes_of(const received_batch& rows) {
  std::size_t sum = 0;
  for (const auto& each : rows.columns)
    sum += each.bytes.size();
  return sum;
}

/// Bytes that two windows may take, less those that the dataset has for them.
std::size_t unused_by_windows(const order_spec& order, const std::vector<session_column>& columns) {
  if (!order.shuffle)
    return 0;
  const auto window = std::min(order.shuffle->window, most_window_rows / order.block) * order.block;
  const auto rows = 2 * window - std::min(2 * window, order.samples);
  return static_cast<std::size_t>(std::min(static_cast<std::uint64_t>(rows) * row_bytes_of(columns), most_unused));
}

} // namespace

std::size_t assembler_state::batch_name_hash::operator()(const batch_name& name) const noexcept {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15u;
  auto hash = name.epoch;
  for (const auto& range : name.positions)
    hash = ((hash ^ (hash >> 29)) * odd + static_cast<std::uint64_t>(range.from)) * odd
           + static_cast<std::uint64_t>(range.to);
  return static_cast<std::size_t>(hash ^ (hash >> 32));
}

assembler_state::assembler_state(assembler_actor::pointer self, assembler_options options, order_key key,
                                 std::vector<session_column> columns, batch_provider source)
  : self_(self),
    options_(std::move(options)),
    key_(std::move(key)),
    columns_(std::move(columns)),
    source_(std::move(source)),
    reader_(key_.order),
    windows_(reader_.windows()),
    ready_(std::max(options_.least_kept, unused_by_windows(key_.order, columns_))),
    metrics_(self->system().metrics()),
    started_at_(self->clock().now()) {}

assembler_actor::behavior_type assembler_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& msg) { on_taker_down(msg); });
  return {
    [this](const join_order& request) { on_join(request.taker); },
    [this](const want_rows& request) { on_want(request); },
    [this](const batches_arrived& arrived) { on_blocks(arrived); },
    [this](const batch_failed& failed) { on_block_failed(failed); },
    [this](get_actor_report) { return row_of(self_, name, "serving", started_at_); },
  };
}

// -- takers -----------------------------------------------------------------------------------------------------------

void assembler_state::on_join(const rows_taker_actor& taker) {
  if (takers_.insert(taker.id()).second)
    self_->monitor(taker);
}

void assembler_state::on_taker_down(const caf::down_msg& msg) {
  const auto id = msg.source.id();
  takers_.erase(id);
  if (takers_.empty())
    return self_->quit();
  std::vector<job_ptr> unwanted;
  for (const auto& [name, each] : jobs_) {
    auto& waiting = each->takers;
    const auto is_gone = [id](const waiting_taker& x) { return x.taker.id() == id; };
    waiting.erase(std::remove_if(waiting.begin(), waiting.end(), is_gone), waiting.end());
    if (waiting.empty())
      unwanted.push_back(each);
  }
  for (const auto& each : unwanted)
    release(each);
  if (windows_.left(id))
    on_windows_changed();
}

void assembler_state::on_want(const want_rows& request) {
  if (request.batches.empty())
    return;
  on_join(request.taker);
  rows_arrived at_hand;
  for (const auto& wanted : request.batches)
    take_order(request, wanted, at_hand);
  if (!at_hand.batches.empty())
    self_->send(request.taker, std::move(at_hand));
  const auto& first = request.batches.front();
  if (windows_.moved(request.taker.id(), reader_.window_at(first.epoch, first.positions.front().from)))
    on_windows_changed();
  read_ahead();
}

void assembler_state::take_order(const want_rows& request, const wanted_rows& wanted, rows_arrived& at_hand) {
  const batch_name name{wanted.epoch, wanted.positions};
  if (const auto* found = ready_.find(name)) {
    metrics_.shared->inc();
    at_hand.batches.push_back({wanted.ticket, *found});
    return;
  }
  if (const auto found = jobs_.find(name); found != jobs_.end()) {
    metrics_.shared->inc();
    found->second->takers.push_back({request.taker, wanted.ticket});
    found->second->until = std::max(found->second->until, request.until);
    return;
  }
  auto rows = reader_.rows_at(wanted.epoch, wanted.positions);
  if (is_there(rows))
    at_hand.batches.push_back({wanted.ticket, assemble(name, rows)});
  else
    start(request, wanted, std::move(rows));
}

// -- batches ----------------------------------------------------------------------------------------------------------

bool assembler_state::is_there(const std::vector<policy::block_rows>& rows) const {
  return std::all_of(rows.begin(), rows.end(), [this](const policy::block_rows& each) {
    const auto found = blocks_.find(each.block);
    return found != blocks_.end() && found->second.content != nullptr;
  });
}

void assembler_state::start(const want_rows& request, const wanted_rows& wanted, std::vector<policy::block_rows> rows) {
  const auto started = std::make_shared<job>();
  started->name = {wanted.epoch, wanted.positions};
  started->takers.push_back({request.taker, wanted.ticket});
  started->until = request.until;
  started->rows = std::move(rows);
  for (const auto& each : started->rows)
    started->blocks.insert(each.block);
  for (const auto index : started->blocks) {
    auto& needed = blocks_[index];
    ++needed.users;
    if (needed.content != nullptr)
      continue;
    ++started->missing;
    needed.waiting.push_back(started);
    if (const auto asked = requested_.find(index); asked == requested_.end())
      this->request(index, request.until);
    else if (std::exchange(asked->second, false))
      --requested_ahead_;
  }
  jobs_.emplace(started->name, started);
}

rows_ptr assembler_state::assemble(const batch_name& name, const std::vector<policy::block_rows>& rows) {
  std::vector<row_run> runs;
  runs.reserve(rows.size());
  for (const auto& each : rows)
    runs.push_back({blocks_.at(each.block).content.get(), each.row, each.count});
  auto result = gather_rows(columns_, runs);
  metrics_.assembled->inc();
  // One taker alone asks for a batch once.
  if (takers_.size() > 1)
    ready_.insert(name, result, bytes_of(*result));
  return result;
}

void assembler_state::finish(const job_ptr& done) {
  const auto rows = assemble(done->name, done->rows);
  for (const auto& each : done->takers)
    self_->send(each.taker, rows_arrived{{{each.ticket, rows}}});
  release(done);
}

void assembler_state::fail(const job_ptr& failed, const failure& reason) {
  for (const auto& each : failed->takers)
    self_->send(each.taker, rows_failed{each.ticket, reason});
  release(failed);
}

void assembler_state::release(const job_ptr& over) {
  over->is_over = true;
  jobs_.erase(over->name);
  for (const auto index : over->blocks) {
    --blocks_.at(index).users;
    drop_if_unneeded(index);
  }
}

// -- blocks -----------------------------------------------------------------------------------------------------------

void assembler_state::request(std::int64_t index, deadline until) {
  requested_.emplace(index, false);
  const batch_key key{key_.dataset, key_.asked_block, static_cast<std::int32_t>(index), key_.fingerprint};
  self_->send(source_, want_batches{batch_taker_actor{self_}, key, 1, until, true});
}

void assembler_state::on_blocks(const batches_arrived& arrived) {
  for (const auto& each : arrived.batches)
    on_block(each);
  read_ahead();
}

void assembler_state::on_block(const batch_ptr& arrived) {
  const std::int64_t index = arrived->index();
  if (auto misfit = block_misfit(columns_, key_.order, *arrived->received()))
    return on_block_failed({arrived->index(), {status_code::failed_precondition, std::move(*misfit)}});
  if (const auto asked = requested_.extract(index); !asked.empty() && asked.mapped())
    --requested_ahead_;
  auto& place = blocks_[index];
  place.content = arrived->received();
  for (const auto& each : std::exchange(place.waiting, {}))
    if (!each->is_over && --each->missing == 0)
      finish(each);
  drop_if_unneeded(index);
}

void assembler_state::on_block_failed(const batch_failed& failed) {
  const std::int64_t index = failed.index;
  if (const auto asked = requested_.extract(index); !asked.empty() && asked.mapped())
    --requested_ahead_;
  const auto found = blocks_.find(index);
  if (found == blocks_.end())
    return;
  // UNAVAILABLE is the answer at the deadline of the question. A batch that came later has more time; where there are
  // no deadlines, it is an answer like any other.
  const auto is_late = failed.reason.code == status_code::unavailable;
  auto until = now();
  for (const auto& each : std::exchange(found->second.waiting, {})) {
    if (each->is_over)
      continue;
    if (is_late && each->until > now() && each->until != no_deadline) {
      blocks_.at(index).waiting.push_back(each);
      until = std::max(until, each->until);
    } else {
      fail(each, failed.reason);
    }
  }
  if (until > now())
    request(index, until);
}

void assembler_state::drop_if_unneeded(std::int64_t index) {
  const auto found = blocks_.find(index);
  if (found != blocks_.end() && found->second.users == 0 && !is_in_window(index))
    blocks_.erase(found);
}

// -- windows ----------------------------------------------------------------------------------------------------------

void assembler_state::on_windows_changed() {
  to_read_.clear();
  const auto first = windows_.first();
  if (!first)
    return;
  for (const auto window : {windows_.next(*first), *first}) {
    const auto blocks = reader_.blocks_of(window);
    to_read_.insert(to_read_.end(), blocks.rbegin(), blocks.rend());
  }
  for (auto each = blocks_.begin(); each != blocks_.end();)
    each = each->second.users > 0 || is_in_window(each->first) ? std::next(each) : blocks_.erase(each);
}

bool assembler_state::is_in_window(std::int64_t index) {
  const auto first = windows_.first();
  return first && (reader_.has(*first, index) || reader_.has(windows_.next(*first), index));
}

void assembler_state::read_ahead() {
  while (requested_ahead_ < options_.blocks_ahead && !to_read_.empty()) {
    const auto index = to_read_.back();
    to_read_.pop_back();
    const auto found = blocks_.find(index);
    if ((found != blocks_.end() && found->second.content != nullptr) || requested_.count(index) > 0)
      continue;
    request(index, deadline_of(now(), options_.give_up_after));
    requested_[index] = true;
    ++requested_ahead_;
  }
}

deadline assembler_state::now() const {
  return run_time(options_.ran, self_->clock().now());
}

} // namespace dispatch
