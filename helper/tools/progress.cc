// A progress bar on the standard error output of a tool that runs in a terminal. The user's rights.
#include "helper/tools/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <system_error>
#include <utility>

namespace sifguard {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kWorthShowing = std::uint64_t{64} << 20U;
constexpr auto kPatience = 300ms;
constexpr auto kInterval = 100ms;
constexpr std::size_t kNarrowest = 40;
constexpr std::size_t kWidest = 100;
constexpr std::size_t kBar = 28;

std::size_t columns(int fd) noexcept {
  struct winsize size {};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string bar(std::uint64_t percent) {
  const std::size_t full = std::min<std::size_t>(percent * kBar / 100, kBar);
  return "[" + std::string(full, '#') + std::string(kBar - full, '-') + "]";
}

}  // namespace

CountedProgress::CountedProgress(std::string what, std::uint64_t total, bool wanted, int fd)
    : bar_(std::move(what), total, wanted, fd) {
  if (!bar_.shown()) return;
  try {
    watcher_ = std::thread([this] { watch(); });
  } catch (const std::system_error&) {  // no thread for a bar: none is drawn
  }
}

CountedProgress::~CountedProgress() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

void CountedProgress::watch() {
  std::uint64_t seen = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ended_.wait_for(lock, kInterval, [this] { return ending_; })) {
    const std::uint64_t now = std::atomic_ref(counter_).load(std::memory_order_relaxed);
    bar_.advance(now - seen);
    seen = now;
  }
}

Progress::Progress(std::string what, std::uint64_t total, bool wanted, int fd)
    : what_(std::move(what)),
      total_(total),
      fd_(fd),
      shown_(wanted && total >= kWorthShowing && ::isatty(fd) == 1),
      start_(Clock::now()),
      next_(start_ + kPatience) {}

Progress::~Progress() {
  if (drawn_) static_cast<void>(::write(fd_, "\r\x1b[K", 4) == 4);
}

void Progress::advance(std::uint64_t bytes) noexcept {
  const std::uint64_t done = done_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (!shown_) return;
  const std::unique_lock<std::mutex> lock(drawing_, std::try_to_lock);
  if (!lock.owns_lock()) return;  // another thread is drawing
  const auto now = Clock::now();
  if (now < next_ && !(drawn_ && done >= total_)) return;  // what was begun goes to its end
  next_ = now + kInterval;
  draw(now, std::min(done, total_));
}

void Progress::draw(Clock::time_point now, std::uint64_t done) noexcept {
  try {
    const std::size_t room = columns(fd_);
    if (room < kNarrowest) return;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const double speed = static_cast<double>(done) / seconds;
    const auto percent =
        static_cast<std::uint64_t>(static_cast<double>(done) * 100 / static_cast<double>(total_));
    std::string line = what_ + "  " + bar(percent) + "  " + std::to_string(percent) + " %  " +
                       human_size(done) + " of " + human_size(total_);
    if (speed > 0) {
      const double left = static_cast<double>(total_ - done) / speed;
      line += "  " + human_size(static_cast<std::uint64_t>(speed)) + "/s";
      if (left < 1e6) line += "  " + std::to_string(static_cast<std::uint64_t>(left)) + " s left";
    }
    line.resize(std::min({line.size(), room - 1, kWidest}));  // a wrapped line cannot be redrawn
    const std::string text = "\r" + line + "\x1b[K";
    drawn_ = ::write(fd_, text.data(), text.size()) > 0 || drawn_;
  } catch (...) {  // no memory for a bar: none is drawn
  }
}

}  // namespace sifguard
