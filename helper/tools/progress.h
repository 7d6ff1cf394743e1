// A progress bar on the standard error output of a tool that runs in a terminal. The user's rights.
//
// It is one line, redrawn in place at most ten times a second and removed when the work is done:
//   hashing  [##########------------------]  37 %  1.4 GiB of 3.8 GiB  1.6 GiB/s  2 s left
// Nothing is drawn when the stream is not a terminal, for less than 64 MiB, in the first 300 ms, or
// in a terminal narrower than 40 columns.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "keystore/base/human_size.h"

namespace sifguard {

class Progress {
 public:
  /// `what` is a word for the work ("hashing"), `total` its bytes, `fd` the stream.
  Progress(std::string what, std::uint64_t total, bool wanted, int fd = 2);
  /// Wipes the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Adds to the bytes that are done. It is cheap, and several threads may call it at once.
  void advance(std::uint64_t bytes) noexcept;
  /// Whether anything will ever be drawn.
  [[nodiscard]] bool shown() const noexcept { return shown_; }

 private:
  using Clock = std::chrono::steady_clock;
  void draw(Clock::time_point now, std::uint64_t done) noexcept;

  std::string what_;
  std::uint64_t total_;
  int fd_;
  bool shown_;
  Clock::time_point start_;
  std::atomic<std::uint64_t> done_{0};
  std::mutex drawing_;
  Clock::time_point next_;
  bool drawn_ = false;
};

/// A bar for work that increases a counter itself; a thread reads the counter at intervals.
class CountedProgress {
 public:
  CountedProgress(std::string what, std::uint64_t total, bool wanted, int fd = 2);
  ~CountedProgress();
  CountedProgress(const CountedProgress&) = delete;
  CountedProgress& operator=(const CountedProgress&) = delete;

  /// To be increased atomically (std::atomic_ref).
  [[nodiscard]] std::uint64_t* counter() noexcept { return &counter_; }

 private:
  void watch();

  Progress bar_;
  alignas(std::uint64_t) std::uint64_t counter_ = 0;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread watcher_;
};

}  // namespace sifguard
