// What the commands of one `sifctl` run share: the keystore, how results and errors are written,
// and the exit status. Runs with the rights of the admin who typed the command.
//
// Results go to stdout, everything else to stderr. An error is one line, "sifctl: what; remedy",
// and its code determines the exit status (keystore/base/exit_status.h). With --json, which every
// command accepts, stdout gets one object at the end of the run, the answer or the error
// (json_answer.h), and no text.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/base/held_signals.h"
#include "keystore/cli/change_log.h"
#include "keystore/cli/json_answer.h"
#include "keystore/store/keystore.h"

namespace sifguard {

inline constexpr const char* kDryRunHelp = "Say what would happen, and change nothing";

class Session {
 public:
  std::string keystore_directory;      ///< --keystore as given, or the default
  std::vector<std::string> arguments;  ///< as typed, without argv[0]
  bool json = false;                   ///< --json is given
  bool dry_run = false;                ///< --dry-run is given
  int status = 0;                      ///< what main() returns

  /// Opens the keystore of this run. Its owner must be the user who runs sifctl, or root. With
  /// --dry-run its writes are withheld: a command works as usual and must only omit what it changes
  /// elsewhere (a file for the admin, syslog).
  [[nodiscard]] Result<Keystore> keystore() const;
  /// --keystore as an absolute path. Errors: those of absolute_path().
  [[nodiscard]] Result<std::string> absolute_keystore_directory() const;
  [[nodiscard]] static Trust trust() noexcept;

  /// Each of these sets `action` as what `command` does; its error is reported and determines the
  /// exit status. Every command is added by one of them, which says what it does to the keystore:
  /// nothing, a change, or a change that takes a right away (CommandKind).
  /// tests/cli/commands_test.sh checks that none is missing.
  void on_read(CLI::App* command, std::function<Status()> action);
  void on_change(CLI::App* command, std::function<Status()> action);
  void on_closing(CLI::App* command, std::function<Status()> action);
  /// The same for a function that adds commands of several kinds.
  void on(CommandKind kind, CLI::App* command, std::function<Status()> action);

  /// Gives a command --dry-run.
  static void offer_dry_run(CLI::App* command, const std::string& help = kDryRunHelp);

  /// Prints "DONE WHAT" like out(): "removed root 1f3a…". With --dry-run it says that this would be
  /// done.
  void tell(std::string_view done, std::string_view what) const;
  /// The same with another text, `told`, which is one line.
  void tell_as(std::string_view told, std::string_view done, std::string_view what) const;
  /// Prints text for people on stdout, unchanged; apply printable() to foreign text first. Prints
  /// nothing with --json.
  void out(std::string_view text) const;
  /// Prints the requested content alone, such as a PEM file, on stdout; with --json it becomes
  /// "content" of the answer.
  void out_content(std::string_view content) const;
  /// Prints one line on stdout at once, also with --json: for a log that is followed.
  void out_line(std::string_view line) const;
  /// Everything was already done, and the command changes nothing: prints "WHAT: no change". The
  /// log of changes says "unchanged".
  void unchanged(std::string_view what) const;
  /// The same if the output already says so.
  void mark_unchanged() const noexcept;
  /// Something was changed nevertheless, in a command that does several things.
  void mark_changed() const noexcept;
  /// Prints one escaped line on stderr, "sifctl: text": advice and warnings that are not errors.
  void note(std::string_view text) const;
  /// Like note(), but only if stderr is a terminal: for operations that take long.
  void progress(std::string_view text) const;
  /// Prints the error as one line on stderr and sets `status`.
  void report(const Error& error);
  /// The same for a command line that is not understood: --json counts wherever it occurs.
  void report_usage(const Error& error);
  /// The same when writing to the standard output failed: `error_number` is errno, or 0. The
  /// message says whether the keystore has been changed.
  void report_lost_output(int error_number);

  /// Prints aligned columns (table.h), cut to the width of a terminal and whole elsewhere; cells
  /// are escaped.
  void print_table(const std::vector<std::string>& header,
                   const std::vector<std::vector<std::string>>& rows) const;
  /// Prints one "name value" pair on each line (table.h), never cut, wrapped on a terminal.
  void print_fields(const std::vector<std::pair<std::string, std::string>>& fields) const;
  /// Sets the answer for --json: what the command found, or the state after it (with --dry-run, the
  /// state that would result). `kind` and `value` as in JsonAnswer::set().
  void answer(std::string_view kind, nlohmann::ordered_json value) const;
  /// Adds to the answer whose recent launches would be refused. Only for commands with --audit.
  void answer_past_launches(nlohmann::ordered_json value) const;
  /// Adds to the answer why its date is not the clock's (clock_option.h); "" if it is.
  void answer_clock_doubt(std::string_view doubt) const;
  /// The answer consists of the lines of out_line(), each a JSON object; there is no object at the
  /// end.
  void answer_in_lines() const noexcept;
  /// The answer is written even if the command fails, because it says what was done and what
  /// failed.
  void keep_answer() const noexcept;
  /// Writes the answer, or the error, at the end of a run. A signal that came after a change waits
  /// for this: nothing is changed without a word.
  void finish();

 private:
  /// The result of the run. It is mutable like stdout, and no command reverts it.
  struct Outcome {
    JsonAnswer answer;
    std::optional<Error> error;
    std::optional<ChangeNote> change;  ///< for a command that makes changes
    bool unchanged = false;
    bool keeps_answer = false;
    bool in_lines = false;
  };
  std::unique_ptr<Outcome> outcome_ = std::make_unique<Outcome>();
  std::optional<LateSignals> late_;  ///< while a command changes something, until it is told
};

}  // namespace sifguard
