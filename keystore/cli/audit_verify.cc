// sifctl audit verify: the chains of audit logs. Runs with the rights of the admin; changes
// nothing.
#include "keystore/cli/audit_verify.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "keystore/audit/chain_check.h"
#include "keystore/audit/head.h"
#include "keystore/audit/log_lines.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/cli/audit_lines.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

/// What one host wrote: its name as the first record gives it, empty without one.
struct HostLog {
  std::string node;
  std::vector<std::string> files;
  ChainReport report;
};

Result<std::string> first_node(const std::string& file) {
  std::optional<std::string> node;
  const Status read = read_log_lines(file, [&](std::string_view line, bool) -> Status {
    const auto record = parse_audit_line(line);
    if (!record) return {};
    node = record->text("node");
    return fail(Code::internal, "enough");
  });
  if (!read && !node) return tl::unexpected(read.error());
  return node.value_or("");
}

Result<std::vector<HostLog>> by_node(const std::vector<std::string>& files) {
  std::vector<HostLog> logs;
  for (const std::string& file : files) {
    SG_TRY(const std::string node, first_node(file));
    auto log = std::find_if(logs.begin(), logs.end(),
                            [&](const HostLog& one) { return one.node == node; });
    if (log == logs.end()) log = logs.insert(log, HostLog{node, {}, {}});
    log->files.push_back(file);
  }
  return logs;
}

/// The last record as the writer says; of what it appends meanwhile nothing counts.
Result<std::optional<ChainPoint>> head_of(const std::vector<std::string>& files) {
  std::optional<ChainPoint> head;
  for (const std::string& file : files) {
    SG_TRY(auto own, read_head(file));
    if (own) head = std::move(own);
  }
  return head;
}

Status check_chain(HostLog& log, bool has_head) {
  SG_TRY(const auto head, head_of(log.files));
  ChainCheck check(head);
  for (const std::string& file : log.files) {
    check.begin_file(file);
    SG_CHECK(read_log_lines(
        file, [&](std::string_view line, bool whole) { return check.add_line(line, whole); }));
  }
  SG_TRY(log.report, check.finish());
  if (!head && has_head && log.report.records > 0) {
    log.report.wrong.push_back(
        {log.files.back(), 0,
         "the head of the log is missing, without which a cut off end would not show"});
  }
  return {};
}

Json findings(const std::vector<ChainFinding>& list) {
  Json array = Json::array();
  for (const ChainFinding& one : list) {
    array.push_back({{"file", one.file}, {"line", one.line}, {"what", one.what}});
  }
  return array;
}

Json to_json(const HostLog& log) {
  return {{"whole", log.report.wrong.empty()},   {"files", log.files},
          {"records", log.report.records},       {"first", log.report.first},
          {"last", log.report.last.seq},         {"hash", log.report.last.hash},
          {"wrong", findings(log.report.wrong)}, {"notes", findings(log.report.notes)}};
}

Json to_json(const std::vector<HostLog>& logs) {
  Json chains = Json::array();
  for (const HostLog& log : logs) {
    Json one = {{"node", log.node}};
    one.update(to_json(log));
    chains.push_back(std::move(one));
  }
  return chains;
}

/// All of them as one: records and findings together; numbers and hash only of a single chain.
HostLog together(const std::vector<HostLog>& logs) {
  if (logs.size() == 1) return logs.front();
  HostLog all;
  all.report.last.hash.clear();
  for (const HostLog& log : logs) {
    const ChainReport& report = log.report;
    all.files.insert(all.files.end(), log.files.begin(), log.files.end());
    all.report.records += report.records;
    all.report.wrong.insert(all.report.wrong.end(), report.wrong.begin(), report.wrong.end());
    all.report.notes.insert(all.report.notes.end(), report.notes.begin(), report.notes.end());
  }
  return all;
}

void tell(const Session& session, const std::vector<ChainFinding>& list, const char* before) {
  for (const ChainFinding& one : list) {
    const std::string line = one.line == 0 ? "" : ":" + std::to_string(one.line);
    session.out(printable(before + one.file + line + ": " + one.what) + "\n");
  }
}

void tell(const Session& session, const HostLog& log, bool names_node) {
  const ChainReport& report = log.report;
  tell(session, report.notes, "note: ");
  tell(session, report.wrong, "");
  session.out((names_node ? one_line(log.node.empty() ? "(no node)" : log.node) + ": " : "") +
              (report.wrong.empty() ? "whole" : "NOT WHOLE") + ": " +
              std::to_string(report.records) + " records, " + std::to_string(report.first) +
              " to " + std::to_string(report.last.seq) + ", in " +
              std::to_string(log.files.size()) + (log.files.size() == 1 ? " file" : " files") +
              "; the last is " + report.last.hash + "\n");
}

}  // namespace

Status verify_logs(Session& session, const std::vector<std::string>& files, bool has_head) {
  SG_TRY(auto logs, by_node(files));
  if (has_head && logs.size() > 1) logs = {HostLog{"", files, {}}};  // a host that was renamed
  for (HostLog& log : logs) SG_CHECK(check_chain(log, has_head));
  Json answer = to_json(together(logs));
  answer["chains"] = to_json(logs);
  session.answer("audit-verification", std::move(answer));
  for (const HostLog& log : logs) tell(session, log, logs.size() > 1);
  const bool good = std::all_of(logs.begin(), logs.end(),
                                [](const HostLog& log) { return log.report.wrong.empty(); });
  if (!good) session.status = command_status(Code::refused);
  return {};
}

}  // namespace sifguard
