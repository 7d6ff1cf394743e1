// --accept-clock: the admin vouches for this host's clock. The rights of the admin.
//
// What others judge by its date asks for it when the clock is far from what the keystore recorded
// last: certificates, revocation lists, bundles, break-glass grants. What takes a right away is
// done under every clock; it is dated with what was recorded last. The dates of keys, signers and
// backups are for people alone.
#pragma once

#include <CLI/CLI.hpp>

#include "keystore/cli/recorded_times.h"
#include "keystore/cli/session.h"

namespace sifguard {

inline constexpr const char* kAcceptClockOption = "--accept-clock";

/// The time to record for what takes a right away.
struct ClosingTime {
  std::int64_t at = 0;  ///< never in the future
  std::string doubt;    ///< why it is not the clock's; empty unless it is not

  /// Tells the doubt, in a line and as "clock_doubt" of the answer; where nothing is dated, that
  /// is null.
  void tell(const Session& session, bool is_dated) const;
};

struct ClockOption {
  bool accepted = false;

  void offer(CLI::App* command);
  /// Errors: those of check_clock(), unless the admin has vouched.
  [[nodiscard]] Status check(const Keystore& keystore, Dated what) const;
  /// Now; but where the clock is far ahead, and nobody has vouched, the time when something was
  /// recorded last.
  [[nodiscard]] ClosingTime closing_time(const Keystore& keystore) const;
};

}  // namespace sifguard
