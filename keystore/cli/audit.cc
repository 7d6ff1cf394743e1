// sifctl audit verify|tail|show: the audit logs. Runs with the rights of the admin; changes
// nothing. For audit report see audit_report_command.cc.
#include "keystore/cli/commands.h"

#include <cstdio>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/audit/log_lines.h"
#include "keystore/base/json_tree.h"
#include "keystore/base/one_line.h"
#include "keystore/cli/audit_follow.h"
#include "keystore/cli/audit_lines.h"
#include "keystore/cli/audit_options.h"
#include "keystore/cli/audit_verify.h"
#include "keystore/cli/session.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct TailOptions {
  AuditLogs logs;
  std::size_t lines = 10;
  bool follow = false;
};

struct ShowOptions {
  AuditLogs logs;
  AuditQuery query;
};

void show_line(const Session& session, std::string_view line) {
  if (session.json) {
    session.out_line(line);
    return;
  }
  const auto record = parse_audit_line(line);
  session.out(one_line(record ? describe_record(*record) : "not a record: " + std::string(line)) +
              "\n");
}

Status tail(const Session& session, const TailOptions& options) {
  session.answer_in_lines();
  SG_TRY(const std::string file, options.logs.newest(session));
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

/// With all its fields, in their order.
std::optional<Json> whole_record(std::string_view line) {
  auto tree = json_tree<Json>(line, {.max_bytes = kMaxLogLine});
  return tree ? std::make_optional<Json>(*std::move(tree)) : std::nullopt;
}

Status show(const Session& session, const ShowOptions& options) {
  SG_TRY(const AuditFilter filter, options.query.resolve(session));
  SG_TRY(const auto files, options.logs.all(session));
  Json list = Json::array();
  SG_CHECK(each_wanted(files, filter, [&](std::string_view line, const FlatJson& record) {
    session.out(one_line(describe_record(record)) + "\n");
    if (auto whole = session.json ? whole_record(line) : std::nullopt) {
      list.push_back(*std::move(whole));
    }
  }));
  session.answer("audit-record-list", std::move(list));
  return {};
}

}  // namespace

void add_audit_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("audit", "The audit logs");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  const auto checked = std::make_shared<AuditLogs>();
  auto* command = group->add_subcommand("verify", "Was anything removed, edited or moved?");
  checked->offer(command);
  command->footer(R"(
Every record has the hash of the one before it, across rotated files, which are checked too; the file
.NAME.head beside the log has that of the last one. Files of several nodes are a chain for each node.
Somebody who can write all these files can forge them: compare the last hash with what syslog has sent to
another host.
  sifctl audit verify
  sifctl audit verify /var/log/sifguard/audit.jsonl.2 /var/log/sifguard/audit.jsonl.1
  sifctl audit verify --changes
Exit status: 0 the chain is intact, 65 it is not.)");
  session.on_read(command, [&session, checked]() -> Status {
    SG_TRY(const auto files, checked->all(session));
    return verify_logs(session, files, checked->files.empty());
  });

  const auto ended = std::make_shared<TailOptions>();
  command = group->add_subcommand("tail", "The last records, and new ones");
  ended->logs.offer(command);
  command->add_option("-n,--lines", ended->lines, "How many")->capture_default_str();
  command->add_flag("-f,--follow", ended->follow, "Wait for more, through rotations");
  command->footer("\n  sifctl audit tail -n 20 --follow\n  sifctl audit tail --changes --json");
  session.on_read(command, [&session, ended] { return tail(session, *ended); });

  const auto wanted = std::make_shared<ShowOptions>();
  command = group->add_subcommand("show", "The records that match");
  wanted->logs.offer(command);
  wanted->query.offer(command);
  command->footer(R"(
  sifctl audit show --user alice --decision refuse --since 2026-01-31
  sifctl audit show --key lolcow --since -30d
  sifctl audit show --job 1234 --json
  sifctl audit show --changes --image lolcow)");
  session.on_read(command, [&session, wanted] { return show(session, *wanted); });
  add_audit_report(*group, session);
}

}  // namespace sifguard
