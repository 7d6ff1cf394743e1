// A few threads that work on one thing together. Runs where workers.h says.
#include "helper/verify/sandbox/workers.h"

#include <sched.h>

#include <algorithm>

namespace sifguard {
namespace {

/// Ours need little; the default of 8 MiB each would count against the limit of address space.
constexpr std::size_t kStackSize = std::size_t{256} << 10U;

}  // namespace

unsigned usable_cores() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::clamp(static_cast<unsigned>(CPU_COUNT(&set)), 1U, kMaxWorkers);
}

Workers::Workers(unsigned threads) : busy_(threads == 0 ? 0 : threads - 1) {
  threads_.reserve(busy_);
  const unsigned wanted = busy_;
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) == 0) {
    const bool sized = ::pthread_attr_setstacksize(&attributes, kStackSize) == 0;
    pthread_t thread{};
    while (sized && threads_.size() < wanted &&
           ::pthread_create(&thread, &attributes, &Workers::start, this) == 0) {
      threads_.push_back(thread);
    }
    ::pthread_attr_destroy(&attributes);
  }
  std::unique_lock lock(mutex_);
  busy_ -= wanted - static_cast<unsigned>(threads_.size());
  done_.wait(lock, [this] { return busy_ == 0; });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  called_.notify_all();
  for (const pthread_t thread : threads_) ::pthread_join(thread, nullptr);
}

void Workers::run(const std::function<void()>& work) {
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    busy_ = static_cast<unsigned>(threads_.size());
    ++generation_;
  }
  called_.notify_all();
  work();
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return busy_ == 0; });
  work_ = nullptr;
}

void* Workers::start(void* self) noexcept {
  static_cast<Workers*>(self)->serve();
  return nullptr;
}

void Workers::serve() noexcept {
  std::unique_lock lock(mutex_);
  unsigned seen = generation_;
  for (;;) {
    if (--busy_ == 0) done_.notify_one();
    called_.wait(lock, [&] { return ending_ || generation_ != seen; });
    if (ending_) return;
    seen = generation_;
    lock.unlock();
    (*work_)();
    lock.lock();
  }
}

}  // namespace sifguard
