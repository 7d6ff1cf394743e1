// sifctl audit report: what audit logs amount to, for people, spreadsheets and archives. Runs with
// the rights of the admin; writes nothing but the file that is asked for.
#include <time.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/json_values.h"
#include "keystore/base/text.h"
#include "keystore/cli/audit_options.h"
#include "keystore/cli/audit_report.h"
#include "keystore/cli/ca_output.h"
#include "keystore/cli/commands.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct ReportOptions {
  AuditLogs logs;
  AuditQuery query;
  std::string by = "user", html, csv;
  bool force = false;
};

Json to_json(const std::vector<ReportRow>& rows) {
  Json array = Json::array();
  for (const ReportRow& row : rows) {
    array.push_back({{"name", row.name},
                     {"launches", row.launches},
                     {"failed", row.failed},
                     {"refused", row.refused},
                     {"users", row.users},
                     {"images", row.images},
                     {"nodes", row.nodes},
                     {"first", row.first},
                     {"last", row.last}});
  }
  return array;
}

void print(const Session& session, const AuditReport& report) {
  std::vector<std::vector<std::string>> cells;
  for (const ReportRow& row : report.rows()) {
    cells.push_back({row.name, std::to_string(row.launches), std::to_string(row.failed),
                     std::to_string(row.refused), std::to_string(row.users),
                     std::to_string(row.images), std::to_string(row.nodes), row.first, row.last});
  }
  session.print_table({to_upper(report.by()), "LAUNCHES", "FAILED", "REFUSED", "USERS", "IMAGES",
                       "NODES", "FIRST", "LAST"},
                      cells);
}

std::string period_of(const AuditFilter& filter) {
  return "From " + (filter.since.empty() ? "the first record" : filter.since) + " to " +
         (filter.until.empty() ? "the last" : filter.until) + ".";
}

Status write_files(const Session& session, const ReportOptions& options, const AuditReport& report,
                   const std::string& period, std::size_t files) {
  if (!options.csv.empty()) {
    SG_CHECK(write_output(session, options.csv, format_csv(report), options.force));
  }
  if (options.html.empty()) return {};
  const std::string made = "Made at " + format_utc(::time(nullptr)) + " of " +
                           std::to_string(files) + (files == 1 ? " file." : " files.");
  return write_output(session, options.html, format_html(report, made, period), options.force);
}

Status make_report(const Session& session, const ReportOptions& options) {
  SG_TRY(const AuditFilter filter, options.query.resolve(session));
  SG_TRY(const auto files, options.logs.all(session));
  AuditReport report(options.by);
  SG_CHECK(each_wanted(
      files, filter, [&](std::string_view, const FlatJson& record) { report.add(record); },
      AuditReport::may_count));
  SG_CHECK(write_files(session, options, report, period_of(filter), files.size()));
  session.answer("audit-report", {{"by", report.by()},
                                  {"since", text_or_null(filter.since)},
                                  {"until", text_or_null(filter.until)},
                                  {"files", files},
                                  {"items", to_json(report.rows())},
                                  {"months", to_json(report.months())}});
  if (options.csv.empty() && options.html.empty()) print(session, report);
  return {};
}

}  // namespace

void add_audit_report(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("report", "How much was launched and refused, in groups");
  command->footer(R"(
A launch is a step of a job, counted once however many nodes it ran on. The logs of several nodes may be given
together. The HTML page needs nothing but itself.
  sifctl audit report --by key --since -30d
  sifctl audit report --by user --since 2026-01-01 --until 2026-12-31 --html 2026.html --csv 2026.csv
  sifctl audit report --by month --user alice node1.jsonl node2.jsonl)");
  const auto o = std::make_shared<ReportOptions>();
  o->logs.offer(command);
  o->query.offer(command);
  command->add_option("--by", o->by, "What the groups are")
      ->check(CLI::IsMember(std::vector<std::string>(kReportGroups.begin(), kReportGroups.end())))
      ->capture_default_str();
  command->add_option("--html", o->html, "Write a page with plots; - is stdout")->type_name("FILE");
  command->add_option("--csv", o->csv, "Write a table for spreadsheets; - is stdout")
      ->type_name("FILE");
  command->add_flag("--force", o->force, "Overwrite the files");
  session.on_read(command, [&session, o] { return make_report(session, *o); });
}

}  // namespace sifguard
