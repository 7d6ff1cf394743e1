// What the records of audit logs amount to, in groups. Pure.
#include "keystore/cli/audit_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "keystore/cli/audit_lines.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMonth = 7;  // "2026-01"

std::int64_t number(const Json& record, const char* name) {
  const auto found = record.find(name);
  return found != record.end() && found->is_number_integer() ? found->get<std::int64_t>() : -1;
}

std::vector<std::string> groups_of(const Json& record, std::string_view by) {
  if (by == "binding") return audit_items(record, "bindings");
  if (by == "signer") return audit_items(record, "signers");
  if (by == "user") return {audit_user(record)};
  if (by == "image") return {audit_image(record)};
  if (by == "key") return {audit_field(record, "key_id")};
  if (by == "node") return {audit_field(record, "node")};
  return {audit_field(record, "time").substr(0, kMonth)};
}

bool is_counted(const std::string& event) {
  return event == "started" || event == "failed" || event == "refused" || event == "suppressed";
}

void note(std::set<std::string>& seen, const std::string& name) {
  if (!name.empty()) seen.insert(name);
}

bool is_larger(const ReportRow& a, const ReportRow& b) {
  return a.launches != b.launches ? a.launches > b.launches : a.name < b.name;
}

}  // namespace

void AuditReport::count(Group& group, const Json& record) {
  const std::string event = audit_field(record, "event");
  const Step step{number(record, "job"), number(record, "step")};
  if (event == "started") group.launches.insert(step);
  if (event == "failed") group.failed.insert(step);
  if (event == "refused") group.refused.insert(step);
  if (event == "suppressed") {
    group.suppressed +=
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, number(record, "count")));
  }
  note(group.users, audit_user(record));
  note(group.images, audit_image(record));
  note(group.nodes, audit_field(record, "node"));
  const std::string time = audit_field(record, "time");
  if (group.first.empty() || time < group.first) group.first = time;
  if (time > group.last) group.last = time;
}

void AuditReport::add(const Json& record) {
  if (!is_counted(audit_field(record, "event"))) return;
  count(months_[audit_field(record, "time").substr(0, kMonth)], record);
  for (const std::string& name : groups_of(record, by_)) {
    if (!name.empty()) count(groups_[name], record);
  }
}

std::vector<ReportRow> AuditReport::rows_of(const Groups& groups) {
  std::vector<ReportRow> rows;
  for (const auto& [name, group] : groups) {
    rows.push_back({name, group.launches.size(), group.failed.size(),
                    group.refused.size() + group.suppressed, group.users.size(),
                    group.images.size(), group.nodes.size(), group.first, group.last});
  }
  return rows;
}

std::vector<ReportRow> AuditReport::rows() const {
  std::vector<ReportRow> rows = rows_of(groups_);
  if (by_ != "month") std::sort(rows.begin(), rows.end(), is_larger);
  return rows;
}

std::vector<ReportRow> AuditReport::months() const {
  return rows_of(months_);
}

}  // namespace sifguard
