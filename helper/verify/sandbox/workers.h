// A few threads that share one piece of work. Runs in the sandboxed verifier, which must not start
// threads once its filter is in force, and in tools as the user.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace sifguard {

/// More threads than this do not help, because few objects of an image are large.
inline constexpr unsigned kMaxWorkers = 8;

/// The processors that this process may run on, 1 to kMaxWorkers.
[[nodiscard]] unsigned usable_cores() noexcept;

class Workers {
 public:
  /// Starts `threads` − 1 threads beside the calling one, or fewer if the system refuses. When it
  /// returns, each of them will only make system calls for waiting, so a filter may then be set.
  explicit Workers(unsigned threads);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  /// Ends the threads. That makes system calls that the verifier's filter forbids, so a process in
  /// that sandbox ends by _exit() instead.
  ~Workers();

  /// The number of threads, the calling one included.
  [[nodiscard]] unsigned count() const noexcept {
    return static_cast<unsigned>(threads_.size()) + 1;
  }

  /// Calls `work` once on every thread, the calling one included, and returns when all calls have.
  /// `work` must not throw.
  void run(const std::function<void()>& work);

 private:
  static void* start(void* self) noexcept;
  void serve() noexcept;

  std::mutex mutex_;
  std::condition_variable called_;  ///< there is new work, or the threads shall end
  std::condition_variable done_;    ///< a thread has started, or has finished its call
  std::vector<pthread_t> threads_;
  const std::function<void()>* work_ = nullptr;
  unsigned generation_ = 0;  ///< counts calls of run()
  unsigned busy_ = 0;        ///< threads that have not yet started, or finished their call
  bool ending_ = false;
};

}  // namespace sifguard
