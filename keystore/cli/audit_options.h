// Which audit logs a command reads, and which of their records. Runs with the rights of the admin.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/cli/audit_filter.h"
#include "keystore/cli/session.h"

namespace sifguard {

struct AuditLogs {
  std::vector<std::string> files;  ///< empty: this host's
  bool changes = false;            ///< the log of sifctl instead of the launches'

  void offer(CLI::App* command);
  /// The file that is written now. Errors: those of the configuration.
  [[nodiscard]] Result<std::string> newest(const Session& session) const;
  /// With the rotated ones, in the order of their chain; notes which are left out. Errors:
  /// Code::no_input.
  [[nodiscard]] Result<std::vector<std::string>> all(const Session& session) const;
};

/// The filter as it is typed.
struct AuditQuery {
  AuditFilter typed;
  std::string since, until;

  void offer(CLI::App* command);
  void offer_times(CLI::App* command);
  /// As records have it. Errors: Code::usage for a time, Code::absent for a key.
  [[nodiscard]] Result<AuditFilter> resolve(const Session& session) const;
};

/// Calls `each` for every record that is wanted, file by file. Lines for which `may` is false are
/// not even parsed. Errors: Code::no_input.
Status each_wanted(const std::vector<std::string>& files, const AuditFilter& filter,
                   const std::function<void(std::string_view line, const FlatJson& record)>& each,
                   const std::function<bool(std::string_view line)>& may = {});

}  // namespace sifguard
