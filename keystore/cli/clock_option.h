// --accept-clock: the admin confirms that this host's clock is right. The rights of the admin.
//
// Objects whose date others rely on (certificates, revocation lists, bundles, break-glass grants)
// require it when the clock is far from the last time that the keystore recorded. Commands that
// take a right away work with any clock; they use the last recorded time as their date. The dates
// of keys and their certificates, of signers and backups are for information only: no launch,
// bundle or restore relies on them. A published image's signature has no date, and its source is
// judged as by a launch at that moment.
#pragma once

#include <CLI/CLI.hpp>

#include "keystore/cli/recorded_times.h"
#include "keystore/cli/session.h"

namespace sifguard {

inline constexpr const char* kAcceptClockOption = "--accept-clock";

/// The time to record for a command that takes a right away.
struct ClosingTime {
  std::int64_t at = 0;  ///< never in the future
  std::string doubt;    ///< why it is not the clock's time; empty if it is

  /// Reports the doubt, in a line and as "clock_doubt" of the answer, which is null if nothing is
  /// dated.
  void tell(const Session& session, bool is_dated) const;
};

struct ClockOption {
  bool accepted = false;

  void offer(CLI::App* command);
  /// Errors: those of check_clock(), unless the admin has accepted the clock.
  [[nodiscard]] Status check(const Keystore& keystore, Dated what) const;
  /// Now, or the last recorded time if the clock is far ahead and the admin has not accepted it.
  [[nodiscard]] ClosingTime closing_time(const Keystore& keystore) const;
};

}  // namespace sifguard
