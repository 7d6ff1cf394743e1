// The audit log of changes by sifctl. A record before a change says what is about to be made and by
// whom, and one after it says how it ended. Runs with the rights of the admin.
//
// For the node's own keystore it is beside the log of launches, as sifctl.jsonl; for another
// keystore it is in its directory, as audit.jsonl. A change that cannot be recorded is not made;
// for changes that take rights away some space is reserved (closing_reserve.h).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

/// What a command does to the keystore.
enum class CommandKind {
  reads,    ///< changes nothing, so it is not recorded
  changes,  ///< is recorded
  closes,   ///< takes a right away: it is recorded, and may use the reserved space
};

/// Where the log of this keystore is. `directory` is absolute.
[[nodiscard]] std::string change_log_path(const std::string& directory);

struct ChangeContext {
  std::string keystore;  ///< absolute directory
  CommandKind kind = CommandKind::changes;
  std::vector<std::string> arguments;  ///< argv without argv[0]
  bool dry_run = false;  ///< --dry-run as parsed, because the word may also be an option's value
  bool accepts_clock = false;  ///< --accept-clock, the same
  Trust trust;
  std::function<bool()> is_unchanged =
      {};  ///< called after the action: whether everything was already done
};
/// Runs `action` between its two records: "change", and "changed", "unchanged" or "failed". If the
/// clock is far ahead (recorded_times.h) and not accepted, the records say so. If there is no
/// keystore that can be opened before it (init, setup, or an error), only the end is recorded, if
/// there is one afterwards.
Status run_recorded(const ChangeContext& context, const std::function<Status()>& action);

}  // namespace sifguard
