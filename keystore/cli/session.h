// What the commands of one `sifctl` run share: the keystore asked for, how results and errors are
// written, and the exit status. Runs with the rights of the admin who typed the command.
//
// Results go to stdout, everything else to stderr. An error is one line, "sifctl: what; remedy",
// and its code is the exit status (sysexits.h numbers, see keystore/base/error.h).
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/cli/change_log.h"
#include "keystore/store/keystore.h"

namespace sifguard {

class Session {
 public:
  std::string keystore_directory;      ///< --keystore as given, or the default
  std::vector<std::string> arguments;  ///< as typed, without argv[0]
  bool json = false;                   ///< --json of the command that runs
  int status = 0;                      ///< what main() returns

  /// The keystore of this run, opened. Its owner must be who runs sifctl, or root.
  [[nodiscard]] Result<Keystore> keystore() const;
  /// --keystore as an absolute path. Errors: Code::config if there is no working directory.
  [[nodiscard]] Result<std::string> absolute_keystore_directory() const;
  [[nodiscard]] static Trust trust() noexcept;

  /// Each makes `action` what `command` does; its error is reported and becomes the exit status.
  /// Every command is added by one of them, and so says what it does to the keystore: nothing, a
  /// change, or a change that takes a right away (CommandKind).
  void on_read(CLI::App* command, std::function<Status()> action);
  void on_change(CLI::App* command, std::function<Status()> action);
  void on_closing(CLI::App* command, std::function<Status()> action);
  /// The same where one function adds commands of several kinds.
  void on(CommandKind kind, CLI::App* command, std::function<Status()> action);
  /// A command of `app`, itself or below a group, that was never given an action; or nullptr.
  [[nodiscard]] const CLI::App* without_action(const CLI::App& app) const;
  /// Adds --json to a command that lists or shows something.
  void offer_json(CLI::App* command);

  /// Writes to stdout as it is: printable() anything not our own first.
  void out(std::string_view text) const;
  /// One escaped line on stderr, "sifctl: text": advice and warnings that are not errors.
  void note(std::string_view text) const;
  /// Like note(), only when stderr is a terminal: a word while something takes long.
  void progress(std::string_view text) const;
  /// The error as one line on stderr; sets `status`.
  void report(const Error& error);
  /// The same where standard output takes no more: `error_number` is errno, or 0. It says so if the
  /// keystore has been changed.
  void report_lost_output(int error_number);

  /// Aligned columns (table.h), cut to the width of a terminal, whole elsewhere; cells are escaped.
  void print_table(const std::vector<std::string>& header,
                   const std::vector<std::vector<std::string>>& rows) const;
  /// One "name  value" a line (table.h), whole everywhere.
  void print_fields(const std::vector<std::pair<std::string, std::string>>& fields) const;
  /// Indented, ASCII only, so that nothing in it can steer a terminal.
  void print_json(const nlohmann::ordered_json& value) const;

 private:
  std::set<const CLI::App*> with_action_;
  bool changed_ = false;
};

}  // namespace sifguard
