// What the commands of one `sifctl` run share. Runs with the rights of the admin.
#include "keystore/cli/session.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "keystore/base/absolute_path.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/in_place.h"
#include "keystore/base/one_line.h"
#include "keystore/base/usage_error.h"
#include "keystore/base/verdict_colour.h"
#include "keystore/cli/change_log.h"
#include "keystore/cli/clock_option.h"
#include "keystore/cli/table.h"

namespace sifguard {
namespace {

/// Nothing where `fd` is no terminal; 80 where one does not say how wide it is.
std::optional<std::size_t> terminal_width(int fd) {
  winsize size{};
  if (::isatty(fd) != 1) return std::nullopt;
  const bool known = ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : std::size_t{80};
}

Colour terminal_colour() {
  return wants_colour(STDOUT_FILENO) ? Colour::verdicts : Colour::none;
}

constexpr std::size_t kLongestLine = 1200;

void write_out(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void write_line(std::FILE* stream, std::string_view text) {
  std::fprintf(stream, "sifctl: %s\n", one_line(text).c_str());
}

}  // namespace

Trust Session::trust() noexcept {
  return Trust{::geteuid()};
}

Result<std::string> Session::absolute_keystore_directory() const {
  SG_TRY(std::string text, absolute_path(keystore_directory));
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

Result<Keystore> Session::keystore() const {
  SG_TRY(const std::string directory, absolute_keystore_directory());
  return Keystore::open(directory, trust(), dry_run ? Writes::withheld : Writes::made);
}

void Session::on_read(CLI::App* command, std::function<Status()> action) {
  on(CommandKind::reads, command, std::move(action));
}

void Session::on_change(CLI::App* command, std::function<Status()> action) {
  on(CommandKind::changes, command, std::move(action));
}

void Session::on_closing(CLI::App* command, std::function<Status()> action) {
  on(CommandKind::closes, command, std::move(action));
}

void Session::on(CommandKind kind, CLI::App* command, std::function<Status()> action) {
  command->preparse_callback([command](std::size_t) { check_values(*command); });
  command->add_flag("--json", json, "Write JSON instead of text");
  command->callback([this, kind, command, action = std::move(action)] {
    const auto directory = absolute_keystore_directory();
    const CLI::Option* const dry = command->get_option_no_throw("--dry-run");
    dry_run = dry != nullptr && dry->count() > 0 && dry->as<bool>();  // or --dry-run=false
    const CLI::Option* const clock = command->get_option_no_throw(kAcceptClockOption);
    const bool accepts_clock = clock != nullptr && clock->count() > 0;
    if (command->get_option_no_throw("--audit") != nullptr) answer_past_launches(nullptr);
    const auto is_unchanged = [this] { return outcome_->unchanged; };
    const auto act = [&]() -> Status {
      if (kind == CommandKind::reads) return action();
      late_.emplace();
      Status result = action();
      LateSignals::begin();  // if no lock did
      return result;
    };
    const Status done =
        directory
            ? run_recorded(
                  {*directory, kind, arguments, dry_run, accepts_clock, trust(), is_unchanged}, act)
            : Status(tl::unexpected(directory.error()));
    if (!done) report(done.error());
    if (kind != CommandKind::reads) {
      const bool told = done || outcome_->keeps_answer;
      outcome_->change = ChangeNote{told && !outcome_->unchanged, dry_run};
    }
  });
}

void Session::offer_dry_run(CLI::App* command, const std::string& help) {
  command->add_flag("--dry-run", help);
}

void Session::tell(std::string_view done, std::string_view what) const {
  tell_as(std::string(done).append(" ").append(what), done, what);
}

void Session::tell_as(std::string_view told, std::string_view done, std::string_view what) const {
  const std::string planned = "not done: --dry-run; would be ";
  out((dry_run ? planned + std::string(done) + ": " + std::string(what) : std::string(told)) +
      "\n");
}

void Session::out(std::string_view text) const {
  if (!json) write_out(text);
}

void Session::out_content(std::string_view content) const {
  if (json) {
    outcome_->answer.add_content(content);
  } else {
    write_out(content);
  }
}

void Session::out_line(std::string_view line) const {
  write_out(std::string(line) + "\n");
}

void Session::unchanged(std::string_view what) const {
  mark_unchanged();
  out(one_line(what, kLongestLine) + ": no change\n");
}

void Session::mark_unchanged() const noexcept {
  outcome_->unchanged = true;
}

void Session::mark_changed() const noexcept {
  outcome_->unchanged = false;
}

void Session::note(std::string_view text) const {
  write_line(stderr, text);
}

void Session::progress(std::string_view text) const {
  if (::isatty(STDERR_FILENO) == 1) note(text);
}

void Session::report(const Error& error) {
  write_line(stderr, error.line());
  status = command_status(error);
  outcome_->error = error;
}

void Session::report_usage(const Error& error) {
  const auto end = std::find(arguments.begin(), arguments.end(), "--");
  json = json || std::find(arguments.begin(), end, "--json") != end;
  report(error);
}

void Session::report_lost_output(int error_number) {
  const char* const what = "cannot write to the standard output";
  Error error = error_number == 0 ? Error(Code::temporary, what)
                                  : fail_errno(Code::temporary, what, error_number).value();
  const auto& change = outcome_->change;
  const bool changed = change && change->changed && !change->dry_run;
  report(changed ? in_place(std::move(error), "its result is not written") : error);
}

void Session::print_table(const std::vector<std::string>& header,
                          const std::vector<std::vector<std::string>>& rows) const {
  out(format_table(header, rows, terminal_width(STDOUT_FILENO), terminal_colour()));
}

void Session::print_fields(const std::vector<std::pair<std::string, std::string>>& fields) const {
  out(format_fields(fields, terminal_width(STDOUT_FILENO), terminal_colour()));
}

void Session::answer(std::string_view kind, nlohmann::ordered_json value) const {
  outcome_->answer.set(kind, std::move(value));
}

void Session::answer_past_launches(nlohmann::ordered_json value) const {
  outcome_->answer.set_past_launches(std::move(value));
}

void Session::answer_clock_doubt(std::string_view doubt) const {
  outcome_->answer.set_clock_doubt(doubt);
}

void Session::answer_in_lines() const noexcept {
  outcome_->in_lines = true;
}

void Session::keep_answer() const noexcept {
  outcome_->keeps_answer = true;
}

void Session::finish() {
  if (json && (outcome_->error || !outcome_->in_lines)) {
    const bool answers = !outcome_->error || outcome_->keeps_answer;
    write_out(answers ? outcome_->answer.text(outcome_->change) : json_error(*outcome_->error));
  }
  errno = 0;
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) report_lost_output(errno);
  late_.reset();
}

}  // namespace sifguard
