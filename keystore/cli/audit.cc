// sifctl audit verify|tail|show: the audit logs. Runs with the rights of the admin; changes
// nothing.
#include "keystore/cli/commands.h"

#include <cstdio>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/audit/audit.h"
#include "keystore/audit/chain_check.h"
#include "keystore/audit/head.h"
#include "keystore/audit/log_lines.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/cli/audit_follow.h"
#include "keystore/cli/audit_lines.h"
#include "keystore/cli/change_log.h"
#include "keystore/cli/session.h"
#include "keystore/policy/config.h"
#include "keystore/policy/date.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct AuditCommandOptions {
  std::vector<std::string> files;
  bool changes = false;
  std::size_t lines = 10;
  bool follow = false;
  AuditFilter filter;
  std::string since, until;
};

/// The log that is meant where no file is named.
Result<std::string> usual_log(const Session& session, const AuditCommandOptions& options) {
  SG_TRY(const std::string directory, session.absolute_keystore_directory());
  if (options.changes) return change_log_path(directory);
  SG_TRY(const Config config, load_config(SIFGUARD_CONFIG_FILE, Session::trust()));
  return config.audit_file;
}

Result<std::vector<std::string>> files_of(const Session& session,
                                          const AuditCommandOptions& options) {
  if (!options.files.empty()) return in_chain_order(options.files);
  SG_TRY(const std::string log, usual_log(session, options));
  std::vector<std::string> skipped;
  SG_TRY(auto files, log_files(log, skipped));
  for (const std::string& file : skipped) session.note(file + " is compressed, and left out");
  return files;
}

Json to_json(const std::vector<ChainFinding>& findings) {
  Json list = Json::array();
  for (const ChainFinding& one : findings) {
    list.push_back({{"file", one.file}, {"line", one.line}, {"what", one.what}});
  }
  return list;
}

void tell(const Session& session, const std::vector<ChainFinding>& findings, const char* before) {
  for (const ChainFinding& one : findings) {
    const std::string line = one.line == 0 ? "" : ":" + std::to_string(one.line);
    session.out(printable(before + one.file + line + ": " + one.what) + "\n");
  }
}

Status verify(Session& session, const AuditCommandOptions& options) {
  SG_TRY(const auto files, files_of(session, options));
  // Before the lines: what is appended meanwhile comes after it.
  std::optional<ChainPoint> head;
  for (const std::string& file : files) {
    SG_TRY(auto own, read_head(file));
    if (own) head = std::move(own);
  }
  ChainCheck check(head);
  for (const std::string& file : files) {
    check.begin_file(file);
    SG_CHECK(read_log_lines(
        file, [&](std::string_view line, bool whole) { return check.add_line(line, whole); }));
  }
  SG_TRY(ChainReport report, check.finish());
  if (!head && options.files.empty() && report.records > 0) {
    report.wrong.push_back(
        {files.back(), 0,
         "the head of the log is missing, without which a cut off end would not show"});
  }
  const bool good = report.wrong.empty();
  session.answer("audit-verification", {{"whole", good},
                                        {"files", files},
                                        {"records", report.records},
                                        {"first", report.first},
                                        {"last", report.last.seq},
                                        {"hash", report.last.hash},
                                        {"wrong", to_json(report.wrong)},
                                        {"notes", to_json(report.notes)}});
  tell(session, report.notes, "note: ");
  tell(session, report.wrong, "");
  session.out(std::string(good ? "whole" : "NOT WHOLE") + ": " + std::to_string(report.records) +
              " records, " + std::to_string(report.first) + " to " +
              std::to_string(report.last.seq) + ", in " + std::to_string(files.size()) +
              (files.size() == 1 ? " file" : " files") + "; the last is " + report.last.hash +
              "\n");
  if (!good) session.status = command_status(Code::refused);
  return {};
}

void show_line(const Session& session, std::string_view line) {
  if (session.json) {
    session.out_line(line);
    return;
  }
  const auto record = parse_audit_line(line);
  session.out(one_line(record ? describe_record(*record) : "not a record: " + std::string(line)) +
              "\n");
}

Status tail(const Session& session, const AuditCommandOptions& options) {
  session.answer_in_lines();
  std::string file;
  if (options.files.empty()) {
    SG_TRY(file, usual_log(session, options));
  } else {
    file = options.files.front();
  }
  std::deque<std::string> last;
  std::uint64_t offset = 0;
  SG_CHECK(read_log_lines(file, [&](std::string_view line, bool whole) -> Status {
    if (!whole) return {};
    offset += line.size() + 1;
    last.emplace_back(line);
    if (last.size() > options.lines) last.pop_front();
    return {};
  }));
  for (const std::string& line : last) show_line(session, line);
  if (!options.follow) return {};
  std::fflush(stdout);
  return follow_log(file, offset, [&](std::string_view line) {
    show_line(session, line);
    return std::fflush(stdout) == 0;
  });
}

Result<std::string> as_audit_time(const std::string& typed, DayEdge edge) {
  if (typed.empty()) return std::string();
  SG_TRY(const std::int64_t seconds, parse_date(typed, edge));
  return format_utc_ms(seconds * 1000 + (edge == DayEdge::last_second ? 999 : 0));
}

Status show(const Session& session, const AuditCommandOptions& options) {
  AuditFilter filter = options.filter;
  filter.image = audit_name(filter.image);
  SG_TRY(filter.since, as_audit_time(options.since, DayEdge::first_second));
  SG_TRY(filter.until, as_audit_time(options.until, DayEdge::last_second));
  SG_TRY(const auto files, files_of(session, options));
  Json list = Json::array();
  for (const std::string& file : files) {
    SG_CHECK(read_log_lines(file, [&](std::string_view line, bool) -> Status {
      auto record = parse_audit_line(line);
      if (!record || !is_wanted(*record, filter)) return {};
      session.out(one_line(describe_record(*record)) + "\n");
      if (session.json) list.push_back(*std::move(record));
      return {};
    }));
  }
  session.answer("audit-record-list", std::move(list));
  return {};
}

CLI::App* add_one(CLI::App& group, const char* name, const char* help,
                  const std::shared_ptr<AuditCommandOptions>& options) {
  auto* command = group.add_subcommand(name, help);
  command->add_option("file", options->files, "Instead of the node's log of launches")
      ->type_name("FILE");
  command->add_flag("--changes", options->changes, "The log of what sifctl did to the keystore");
  return command;
}

void add_filters(CLI::App* command, const std::shared_ptr<AuditCommandOptions>& options) {
  command->add_option("--job", options->filter.job, "Of this job")->type_name("ID");
  command->add_option("--user", options->filter.user, "Of this user, by name or uid")
      ->type_name("USER");
  command
      ->add_option("--image", options->filter.image, "Whose image's name or digest contains this")
      ->type_name("TEXT");
  command->add_option("--decision", options->filter.decision, "allow or refuse")
      ->check(CLI::IsMember({"allow", "refuse"}));
  command->add_option("--since", options->since, "From this date or time on (UTC)")
      ->type_name("TIME");
  command->add_option("--until", options->until, "Up to and with this date or time (UTC)")
      ->type_name("TIME");
}

}  // namespace

void add_audit_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("audit", "The audit logs");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  const auto checked = std::make_shared<AuditCommandOptions>();
  auto* command = add_one(*group, "verify", "Was anything removed, edited or moved?", checked);
  command->footer(R"(
Every record has the hash of the one before it, across rotated files, which are checked too; the file
.NAME.head beside the log has that of the last one. Somebody who can write all these files can forge them:
compare the last hash with what syslog has sent to another host.
  sifctl audit verify
  sifctl audit verify /var/log/sifguard/audit.jsonl.2 /var/log/sifguard/audit.jsonl.1
  sifctl audit verify --changes
Exit status: 0 the chain is intact, 65 it is not.)");
  session.on_read(command, [&session, checked] { return verify(session, *checked); });

  const auto ended = std::make_shared<AuditCommandOptions>();
  command = add_one(*group, "tail", "The last records, and new ones", ended);
  command->add_option("-n,--lines", ended->lines, "How many")->capture_default_str();
  command->add_flag("-f,--follow", ended->follow, "Wait for more, through rotations");
  command->footer("\n  sifctl audit tail -n 20 --follow\n  sifctl audit tail --changes --json");
  session.on_read(command, [&session, ended] { return tail(session, *ended); });

  const auto wanted = std::make_shared<AuditCommandOptions>();
  command = add_one(*group, "show", "The records that match", wanted);
  add_filters(command, wanted);
  command->footer(R"(
  sifctl audit show --user alice --decision refuse --since 2026-01-31
  sifctl audit show --job 1234 --json
  sifctl audit show --changes --image lolcow)");
  session.on_read(command, [&session, wanted] { return show(session, *wanted); });
}

}  // namespace sifguard
