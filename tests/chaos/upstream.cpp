#include "tests/chaos/upstream.hpp"

#include <csignal>

#include <charconv>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace dispatch::chaos {

namespace {

/// Whether the server is away while the fault lasts, and started anew behind it.
bool is_of_server(fault_kind kind) {
  return kind == fault_kind::kill || kind == fault_kind::failing || kind == fault_kind::hanging
         || kind == fault_kind::lagging;
}

bool is_faulty(const server_manner& manner) {
  return manner.fail_every > 0 || manner.hang_every > 0 || manner.latency.count() > 10;
}

void add_options(std::vector<std::string>& command, const server_manner& manner) {
  command.insert(command.end(), {"--latency-ms", std::to_string(manner.latency.count())});
  if (manner.fail_every > 0)
    command.insert(command.end(),
                   {"--fail-every", std::to_string(manner.fail_every) + ":" + std::string{manner.fail_code}});
  if (manner.hang_every > 0)
    command.insert(command.end(), {"--hang-every", std::to_string(manner.hang_every)});
}

} // namespace

upstream::upstream(std::vector<std::string> command, std::filesystem::path log, fault_schedule schedule)
  : command_(std::move(command)),
    log_(std::move(log)),
    schedule_(schedule),
    event_(schedule_.next()) {
  command_.insert(command_.end(), {"--listen", "127.0.0.1:0"});
  start_server({});
}

void upstream::advance(milliseconds elapsed) {
  for (;;) {
    if (!event_begun_ && elapsed >= event_.at)
      begin();
    if (!event_begun_ || elapsed < event_.at + event_.lasts)
      return;
    end();
  }
}

void upstream::heal() {
  if (event_begun_)
    end();
  if (is_faulty_) {
    stop_server();
    start_server({});
  }
}

void upstream::begin() {
  note(describe(event_));
  ++faults_[event_.kind];
  event_begun_ = true;
  if (is_of_server(event_.kind))
    stop_server();
  else if (event_.kind == fault_kind::pause)
    server_->signal(SIGSTOP);
  else
    proxy_.begin(event_);
}

void upstream::end() {
  if (is_of_server(event_.kind))
    start_server(event_.manner);
  else if (event_.kind == fault_kind::pause)
    server_->signal(SIGCONT);
  else
    proxy_.end();
  event_begun_ = false;
  event_ = schedule_.next();
}

void upstream::start_server(const server_manner& manner) {
  auto command = command_;
  add_options(command, manner);
  is_faulty_ = is_faulty(manner);
  server_.emplace(std::move(command), log_);
}

void upstream::stop_server() {
  server_->signal(SIGKILL);
  serving_ = false;
  proxy_.lead_nowhere();
}

void upstream::look_after_server() {
  for (const auto& line : server_->new_lines()) {
    const auto text = event_of(line) == "serving" ? field_of(line, "port") : std::string_view{};
    std::uint16_t port = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), port).ec != std::errc{})
      continue;
    serving_ = true;
    proxy_.lead_to(port);
  }
  const auto away = event_begun_ && is_of_server(event_.kind);
  if (const auto status = server_->ended(); status && !away)
    throw std::runtime_error{"a dataset server ended by itself with " + status->text() + ": " + log_.string()};
}

void upstream::note(const std::string& what) {
  std::ofstream{log_, std::ios::app} << "chaos: " << what << '\n';
}

} // namespace dispatch::chaos
