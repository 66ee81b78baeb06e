#include "tests/support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace dispatch::test {

namespace {

using clock = std::chrono::steady_clock;

class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() { reset(); }

  int get() const { return fd_; }

  void reset() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }

private:
  int fd_;
};

struct pipe_ends {
  descriptor read;
  descriptor write;
};

pipe_ends make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error{errno, std::generic_category(), "pipe"};
  return {descriptor{ends[0]}, descriptor{ends[1]}};
}

// Pointers for exec into strings that live elsewhere.
std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (auto& text : strings)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& additions) {
  std::vector<std::string> result;
  for (auto entry = environ; *entry != nullptr; ++entry) {
    std::string_view text{*entry};
    if (additions.count(std::string{text.substr(0, text.find('='))}) == 0)
      result.emplace_back(text);
  }
  for (auto& [name, value] : additions)
    result.push_back(name + "=" + value);
  return result;
}

// POSIX's, because GCC 12 warns of its own std::regex when it compiles for a sanitizer.
class regular_expression {
public:
  explicit regular_expression(const std::string& pattern) {
    if (::regcomp(&compiled_, pattern.c_str(), REG_EXTENDED) != 0)
      throw std::invalid_argument{"not a regular expression: " + pattern};
  }
  regular_expression(const regular_expression&) = delete;
  regular_expression& operator=(const regular_expression&) = delete;
  ~regular_expression() { ::regfree(&compiled_); }

  // The matching part of the text and its groups; nothing when it does not match.
  std::vector<std::string> search(const std::string& text) const {
    std::vector<regmatch_t> matches(compiled_.re_nsub + 1);
    if (::regexec(&compiled_, text.c_str(), matches.size(), matches.data(), 0) != 0)
      return {};
    std::vector<std::string> result;
    for (auto& match : matches)
      result.push_back(match.rm_so < 0 ? std::string{}
                                       : text.substr(static_cast<std::size_t>(match.rm_so),
                                                     static_cast<std::size_t>(match.rm_eo - match.rm_so)));
    return result;
  }

private:
  regex_t compiled_;
};

// What was captured of one stream, and how far it was looked at.
struct capture {
  std::string text;
  std::size_t looked_at = 0;
};

// Everything that the child needs before exec. Made before fork: after it, nothing may allocate.
struct launch {
  char* const* argv;
  char* const* environment;
  int out;
  int err;
  int failure; // gets errno when exec fails
  pid_t parent;
};

[[noreturn]] void become_program(const launch& with) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (auto number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD})
    ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  auto null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (::getppid() == with.parent && null >= 0 && ::dup2(null, STDIN_FILENO) >= 0 && ::dup2(with.out, STDOUT_FILENO) >= 0
      && ::dup2(with.err, STDERR_FILENO) >= 0)
    ::execvpe(with.argv[0], with.argv, with.environment);
  auto error = errno;
  [[maybe_unused]] auto ignored = ::write(with.failure, &error, sizeof(error));
  ::_exit(127);
}

} // namespace

std::string exit_status::text() const {
  return (signalled ? "signal " : "exit code ") + std::to_string(code);
}

// Two threads serve a child. One starts it and waits for its end: the child dies with the thread that forked
// it (PR_SET_PDEATHSIG), so that must not be a thread of the test, which may end earlier. The other reads
// what it writes.
struct process::impl {
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  pid_t pid = -1;

  mutable std::mutex mutex;
  std::condition_variable changed;
  capture out;
  capture err;
  bool reaped = false;   // the pid is no longer the child's
  bool all_read = false; // and everything that it wrote is here
  exit_status status;

  std::thread owner;
  std::thread reader;

  capture& of(stream where) { return where == stream::out ? out : err; }

  void start() {
    auto out_pipe = make_pipe();
    auto err_pipe = make_pipe();
    auto ended = make_pipe();
    for (auto fd : {out_pipe.read.get(), err_pipe.read.get()})
      ::fcntl(fd, F_SETFL, O_NONBLOCK);
    std::promise<int> started;
    auto error = started.get_future();
    owner =
      std::thread{[this, started = std::move(started), out = std::move(out_pipe.write), err = std::move(err_pipe.write),
                   end = std::move(ended.write)]() mutable { own(started, out, err, end); }};
    if (auto number = error.get(); number != 0) {
      owner.join();
      throw std::system_error{number, std::generic_category(), "cannot start " + argv.front()};
    }
    reader = std::thread{[this, out = std::move(out_pipe.read), err = std::move(err_pipe.read),
                          end = std::move(ended.read)] { read(out.get(), err.get(), end.get()); }};
  }

  void own(std::promise<int>& started, descriptor& out_end, descriptor& err_end, descriptor& end) {
    auto error = launch_child(out_end, err_end);
    if (pid > 0 && error != 0)
      ::waitpid(pid, nullptr, 0);
    started.set_value(error);
    if (error != 0)
      return;
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
      ;
    int raw = 0;
    {
      // Reaped under the lock, so that signal() never meets a pid that was given away.
      std::unique_lock lock{mutex};
      ::waitpid(pid, &raw, 0);
      reaped = true;
      status = WIFSIGNALED(raw) ? exit_status{WTERMSIG(raw), true} : exit_status{WEXITSTATUS(raw), false};
    }
    end.reset();
  }

  // Returns 0 or errno.
  int launch_child(descriptor& out_end, descriptor& err_end) {
    auto arguments = pointers(argv);
    auto variables = pointers(environment);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      return errno;
    descriptor failure_read{ends[0]};
    descriptor failure_write{ends[1]};
    launch with{arguments.data(), variables.data(), out_end.get(), err_end.get(), failure_write.get(), ::getpid()};
    pid = ::fork();
    if (pid < 0)
      return errno;
    if (pid == 0)
      become_program(with);
    out_end.reset();
    err_end.reset();
    failure_write.reset();
    int error = 0;
    ssize_t size = 0;
    while ((size = ::read(failure_read.get(), &error, sizeof(error))) < 0 && errno == EINTR)
      ;
    return size == 0 ? 0 : error;
  }

  void read(int out_fd, int err_fd, int end_fd) {
    pollfd entries[] = {{out_fd, POLLIN, 0}, {err_fd, POLLIN, 0}, {end_fd, POLLIN, 0}};
    // After the child's end nothing more comes from it, but a child of its own may hold the pipes for ever.
    while (entries[2].revents == 0) {
      ::poll(entries, 3, -1);
      for (auto i : {0, 1})
        if (entries[i].revents != 0 && !take(entries[i].fd, i == 0 ? out : err))
          entries[i].fd = -1;
    }
    if (entries[0].fd >= 0)
      take(out_fd, out);
    if (entries[1].fd >= 0)
      take(err_fd, err);
    std::unique_lock lock{mutex};
    all_read = true;
    changed.notify_all();
  }

  // Takes what a pipe holds now. Returns false at its end.
  bool take(int fd, capture& target) {
    for (;;) {
      char buffer[65536];
      auto size = ::read(fd, buffer, sizeof(buffer));
      if (size > 0) {
        std::unique_lock lock{mutex};
        target.text.append(buffer, static_cast<std::size_t>(size));
        changed.notify_all();
      } else if (size == 0 || (errno != EINTR && errno != EAGAIN)) {
        return false;
      } else if (errno == EAGAIN) {
        return true;
      }
    }
  }

  // Finds the next line that `accept` takes; the caller holds the lock.
  bool find_line(capture& in, const std::function<bool(const std::string&)>& accept) {
    for (;;) {
      auto end = in.text.find('\n', in.looked_at);
      if (end == std::string::npos)
        return false;
      auto line = in.text.substr(in.looked_at, end - in.looked_at);
      in.looked_at = end + 1;
      if (accept(line))
        return true;
    }
  }

  void wait_for(stream where, const std::string& what, milliseconds timeout,
                const std::function<bool(const std::string&)>& accept) {
    auto deadline = clock::now() + timeout;
    std::unique_lock lock{mutex};
    for (;;) {
      // Read before the search: what comes with the end is still searched.
      auto last_look = all_read || clock::now() >= deadline;
      if (find_line(of(where), accept))
        return;
      if (last_look)
        throw std::runtime_error{"no line with " + what + (all_read ? " before the end of " : " in time from ")
                                 + description()};
      changed.wait_until(lock, deadline);
    }
  }

  // For messages; the caller holds the lock.
  std::string description() const {
    auto result = argv.front() + " (" + (reaped ? status.text() : "running") + ")";
    for (auto [name, text] : {std::pair{"stdout", &out.text}, std::pair{"stderr", &err.text}}) {
      constexpr std::size_t most = 4000;
      auto size = text->size();
      result += std::string{"\n--- "} + name + (size > most ? " (its end)" : "") + ":\n"
                + text->substr(size > most ? size - most : 0);
    }
    return result;
  }

  bool send(int number) {
    std::unique_lock lock{mutex};
    return !reaped && ::kill(pid, number) == 0;
  }

  ~impl() {
    if (!owner.joinable())
      return;
    if (reader.joinable())
      send(SIGKILL);
    owner.join();
    if (reader.joinable())
      reader.join();
  }
};

process::process(std::vector<std::string> argv, std::map<std::string, std::string> environment)
  : impl_(std::make_unique<impl>()) {
  if (argv.empty())
    throw std::invalid_argument{"a process needs a program"};
  impl_->argv = std::move(argv);
  impl_->environment = environment_with(environment);
  impl_->start();
}

process::process(process&&) noexcept = default;
process& process::operator=(process&&) noexcept = default;
process::~process() = default;

pid_t process::pid() const {
  return impl_->pid;
}

std::string process::out() const {
  std::unique_lock lock{impl_->mutex};
  return impl_->out.text;
}

std::string process::err() const {
  std::unique_lock lock{impl_->mutex};
  return impl_->err.text;
}

std::string process::wait_for_line(std::string_view text, milliseconds timeout, stream where) {
  std::string found;
  impl_->wait_for(where, "'" + std::string{text} + "'", timeout, [&](const std::string& line) {
    found = line;
    return line.find(text) != std::string::npos;
  });
  return found;
}

std::vector<std::string> process::wait_for_match(const std::string& pattern, milliseconds timeout, stream where) {
  regular_expression expression{pattern};
  std::vector<std::string> found;
  impl_->wait_for(where, "a match of '" + pattern + "'", timeout, [&](const std::string& line) {
    found = expression.search(line);
    return !found.empty();
  });
  return found;
}

std::size_t process::count_lines(std::string_view text, stream where) const {
  std::unique_lock lock{impl_->mutex};
  auto& all = impl_->of(where).text;
  std::size_t count = 0;
  for (std::size_t begin = 0, end = 0; (end = all.find('\n', begin)) != std::string::npos; begin = end + 1)
    if (std::string_view{all}.substr(begin, end - begin).find(text) != std::string_view::npos)
      ++count;
  return count;
}

bool process::signal(int number) {
  return impl_->send(number);
}

std::optional<exit_status> process::wait(milliseconds timeout) {
  std::unique_lock lock{impl_->mutex};
  if (!impl_->changed.wait_for(lock, timeout, [this] { return impl_->all_read; }))
    return std::nullopt;
  return impl_->status;
}

exit_status process::wait_for_end(milliseconds timeout) {
  if (auto status = wait(timeout))
    return *status;
  std::unique_lock lock{impl_->mutex};
  throw std::runtime_error{"did not end in time: " + impl_->description()};
}

exit_status process::terminate(milliseconds timeout) {
  signal(SIGTERM);
  return wait_for_end(timeout);
}

finished_process run_process(std::vector<std::string> argv, process::milliseconds timeout,
                             std::map<std::string, std::string> environment) {
  auto name = argv.empty() ? std::string{} : argv.front();
  process child{std::move(argv), std::move(environment)};
  auto status = child.wait(timeout);
  if (!status)
    throw std::runtime_error{name + " did not end within " + std::to_string(timeout.count()) + " ms; stderr:\n"
                             + child.err()};
  return {*status, child.out(), child.err()};
}

} // namespace dispatch::test
