// --accept-clock: the admin confirms this host's clock. The rights of the admin.
#include "keystore/cli/clock_option.h"

#include <time.h>

namespace sifguard {

void ClockOption::offer(CLI::App* command) {
  command->add_flag(kAcceptClockOption, accepted,
                    "The clock is right, however far from what was recorded last");
}

Status ClockOption::check(const Keystore& keystore, Dated what) const {
  const std::int64_t now = ::time(nullptr);
  return accepted ? Status() : check_clock(recorded_times(keystore, what, now), now);
}

ClosingTime ClockOption::closing_time(const Keystore& keystore) const {
  const std::int64_t now = ::time(nullptr);
  if (accepted) return {now, {}};
  const auto times = recorded_times(keystore, Dated::other, now);
  if (!is_far_ahead(times, now)) return {now, {}};
  const RecordedTime& last = *last_recorded(times, now);
  return {last.at, describe_doubt(now, last)};
}

void ClosingTime::tell(const Session& session, bool is_dated) const {
  session.answer_clock_doubt(is_dated ? doubt : "");
  if (!is_dated || doubt.empty()) return;
  session.note(doubt + ", which is recorded as the time of this; if the clock is right, say so " +
               "with " + kAcceptClockOption);
}

}  // namespace sifguard
