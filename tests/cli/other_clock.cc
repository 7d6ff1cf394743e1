// A clock that is ahead, for one program: preloaded, it adds SIFGUARD_TEST_AHEAD seconds to the
// time of day. Tests only.
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

namespace {

time_t ahead() {
  const char* const text = ::getenv("SIFGUARD_TEST_AHEAD");
  return text == nullptr ? 0 : static_cast<time_t>(::strtoll(text, nullptr, 10));
}

using GetTime = int (*)(clockid_t, struct timespec*);

}  // namespace

extern "C" {
#pragma GCC visibility push(default)

int clock_gettime(clockid_t clock, struct timespec* now) noexcept {
  static const auto real = reinterpret_cast<GetTime>(::dlsym(RTLD_NEXT, "clock_gettime"));
  const int done = real(clock, now);
  if (done == 0 && clock == CLOCK_REALTIME) now->tv_sec += ahead();
  return done;
}

time_t time(time_t* out) noexcept {
  struct timespec now {};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

#pragma GCC visibility pop
}
