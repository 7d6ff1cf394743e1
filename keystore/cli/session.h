// What the commands of one `sifctl` run share: the keystore asked for, how results and errors are
// written, and the exit status. Runs with the rights of the admin who typed the command.
//
// Results go to stdout, everything else to stderr. An error is one line, "sifctl: what; remedy",
// and its code makes the exit status (keystore/base/exit_status.h). With --json, which every
// command takes, stdout has one object when the run ends, the answer or the error (json_answer.h),
// and no text.
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

  /// The keystore of this run, opened. Its owner must be who runs sifctl, or root. With --dry-run
  /// its writes are withheld: a command does all as ever, and only what it changes elsewhere (a
  /// file for the admin, syslog) is its own to leave out.
  [[nodiscard]] Result<Keystore> keystore() const;
  /// --keystore as an absolute path. Errors: those of absolute_path().
  [[nodiscard]] Result<std::string> absolute_keystore_directory() const;
  [[nodiscard]] static Trust trust() noexcept;

  /// Each makes `action` what `command` does; its error is reported and becomes the exit status.
  /// Every command is added by one of them, and so says what it does to the keystore: nothing, a
  /// change, or a change that takes a right away (CommandKind). tests/cli/commands_test.sh holds
  /// that none was forgotten.
  void on_read(CLI::App* command, std::function<Status()> action);
  void on_change(CLI::App* command, std::function<Status()> action);
  void on_closing(CLI::App* command, std::function<Status()> action);
  /// The same where one function adds commands of several kinds.
  void on(CommandKind kind, CLI::App* command, std::function<Status()> action);

  /// Gives a command --dry-run.
  static void offer_dry_run(CLI::App* command, const std::string& help = kDryRunHelp);

  /// "DONE WHAT" on stdout, as out(): "removed root 1f3a…". With --dry-run that it would be.
  void tell(std::string_view done, std::string_view what) const;
  /// The same where what was done is told in other words, a line.
  void tell_as(std::string_view told, std::string_view done, std::string_view what) const;
  /// Text for people on stdout, as it is: printable() anything not our own first. Nothing with
  /// --json.
  void out(std::string_view text) const;
  /// What is asked for by itself, such as a PEM file, on stdout; "content" of the answer with
  /// --json.
  void out_content(std::string_view content) const;
  /// One line on stdout, whatever --json says, at once: of a log that is followed.
  void out_line(std::string_view line) const;
  /// The command found done already what it is to do, and changes nothing: "WHAT: no change". The
  /// log of changes has it as "unchanged".
  void unchanged(std::string_view what) const;
  /// The same where what is written says so.
  void mark_unchanged() const noexcept;
  /// Something was to do all the same: of a command that does several things.
  void mark_changed() const noexcept;
  /// One escaped line on stderr, "sifctl: text": advice and warnings that are not errors.
  void note(std::string_view text) const;
  /// Like note(), only when stderr is a terminal: a word while something takes long.
  void progress(std::string_view text) const;
  /// The error as one line on stderr; sets `status`.
  void report(const Error& error);
  /// The same of a command line that is not understood: --json counts where it stands.
  void report_usage(const Error& error);
  /// The same where standard output takes no more: `error_number` is errno, or 0. It says so if the
  /// keystore has been changed.
  void report_lost_output(int error_number);

  /// Aligned columns (table.h), cut to the width of a terminal, whole elsewhere; cells are escaped.
  void print_table(const std::vector<std::string>& header,
                   const std::vector<std::vector<std::string>>& rows) const;
  /// One "name  value" a line (table.h), whole everywhere.
  void print_fields(const std::vector<std::pair<std::string, std::string>>& fields) const;
  /// The answer as data, for --json: what the command found, or what is there after it (with
  /// --dry-run: what would be). `kind` and `value` as JsonAnswer::set() takes them.
  void answer(std::string_view kind, nlohmann::ordered_json value) const;
  /// Beside the answer: whose launches of late would be refused. Of a command with --audit alone.
  void answer_past_launches(nlohmann::ordered_json value) const;
  /// Beside the answer, of what is dated whatever the clock says (clock_option.h); "" for none.
  void answer_clock_doubt(std::string_view doubt) const;
  /// The answer is the lines of out_line(), a JSON object each; no object at the end.
  void answer_in_lines() const noexcept;
  /// It is written even if the command fails: it tells what was done, and what failed.
  void keep_answer() const noexcept;
  /// Writes it, or the error; the last thing of a run.
  void finish();

 private:
  /// What the run came to, which no command takes back: written to as stdout is.
  struct Outcome {
    JsonAnswer answer;
    std::optional<Error> error;
    std::optional<ChangeNote> change;  ///< of a command that changes something
    bool unchanged = false;
    bool keeps_answer = false;
    bool in_lines = false;
  };
  std::unique_ptr<Outcome> outcome_ = std::make_unique<Outcome>();
};

}  // namespace sifguard
