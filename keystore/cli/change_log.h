// The audit log of what sifctl changes: before a change that it is about to be made and by whom,
// and afterwards how it ended. Runs with the rights of the admin.
//
// For the node's own keystore it lies beside the log of launches, as sifctl.jsonl; for another one
// in its directory, as audit.jsonl. A change that cannot be recorded is not made;
// for what takes rights away some space is kept (closing_reserve.h).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

/// What a command does to the keystore.
enum class CommandKind {
  reads,    ///< changes nothing, so that it is not recorded
  changes,  ///< is recorded
  closes,   ///< takes a right away: is recorded, and may use the space that is kept for it
};

/// Where the log of this keystore is. `directory` is absolute.
[[nodiscard]] std::string change_log_path(const std::string& directory);

struct ChangeContext {
  std::string keystore;  ///< absolute directory
  CommandKind kind = CommandKind::changes;
  std::vector<std::string> arguments;  ///< all of argv but argv[0]
  bool dry_run = false;                ///< --dry-run, as parsed: the word may be an option's value
  bool accepts_clock = false;          ///< --accept-clock, likewise
  Trust trust;
  std::function<bool()> is_unchanged = {};  ///< after the action: whether it found all done already
};
/// Under a clock that is far ahead (recorded_times.h), and is not accepted, the records say so.
/// Runs `action` between its two records: "change", and "changed", "unchanged" or "failed". Where
/// there is no keystore yet that can be opened (init, or an error), only what succeeded is
/// recorded.
Status run_recorded(const ChangeContext& context, const std::function<Status()>& action);

}  // namespace sifguard
