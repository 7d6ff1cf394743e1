// Whether this host's clock is credible, judged by the times of earlier records. Pure.
#include "keystore/x509/clock_doubt.h"

#include "keystore/base/clock.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

Status doubt(std::int64_t now, const RecordedTime& recorded) {
  return fail(Code::temporary, describe_doubt(now, recorded),
              "set the clock right; if it is, say so with --accept-clock");
}

}  // namespace

const RecordedTime* last_recorded(const std::vector<RecordedTime>& times,
                                  std::int64_t now) noexcept {
  const RecordedTime* last = nullptr;
  for (const RecordedTime& one : times) {
    // Of two of one time the later one in the list, which says more.
    if (one.at <= now && (last == nullptr || one.at >= last->at)) last = &one;
  }
  return last;
}

bool is_far_ahead(const std::vector<RecordedTime>& times, std::int64_t now) noexcept {
  const RecordedTime* const last = last_recorded(times, now);
  return last != nullptr && now > last->at + kLongestPause;
}

Status check_clock(const std::vector<RecordedTime>& times, std::int64_t now) {
  for (const RecordedTime& one : times) {
    if (one.precedes && one.at > now + kClockSkew) return doubt(now, one);
  }
  if (is_far_ahead(times, now)) return doubt(now, *last_recorded(times, now));
  return {};
}

std::string describe_doubt(std::int64_t now, const RecordedTime& recorded) {
  return "the clock says " + format_utc(now) + ", but " + recorded.what + " " +
         format_utc(recorded.at);
}

}  // namespace sifguard
