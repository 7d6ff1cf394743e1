// The clock of deadlines. Any process, any privilege.
#include "keystore/base/clock.h"

#include <time.h>

namespace sifguard {

std::int64_t monotonic_ms() noexcept {
  struct timespec now {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

}  // namespace sifguard
