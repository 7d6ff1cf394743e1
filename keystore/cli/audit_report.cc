// What the records of audit logs amount to, in groups. Pure.
#include "keystore/cli/audit_report.h"

#include <algorithm>

#include "keystore/cli/audit_lines.h"

namespace sifguard {
namespace {

constexpr std::size_t kMonth = 7;  // "2026-01"

std::vector<std::string> groups_of(const FlatJson& record, std::string_view by) {
  if (by == "binding") return record.items("bindings");
  if (by == "signer") return record.items("signers");
  if (by == "user") return {audit_user(record)};
  if (by == "image") return {audit_image(record)};
  if (by == "key") return {record.text("key_id")};
  if (by == "node") return {record.text("node")};
  return {record.text("time").substr(0, kMonth)};
}

bool is_counted(std::string_view event) {
  return event == "started" || event == "failed" || event == "refused" || event == "suppressed";
}

void note(std::set<std::string>& seen, const std::string& name) {
  if (!name.empty()) seen.insert(name);
}

bool is_larger(const ReportRow& a, const ReportRow& b) {
  return a.launches != b.launches ? a.launches > b.launches : a.name < b.name;
}

}  // namespace

void StepSet::insert(std::int64_t job, std::int64_t step) {
  constexpr std::size_t kFewest = 1024;
  steps_.push_back(static_cast<std::uint64_t>(job) << 32U | static_cast<std::uint32_t>(step));
  if (steps_.size() >= std::max(kFewest, 2 * sorted_)) sort();
}

std::size_t StepSet::size() const {
  sort();
  return steps_.size();
}

void StepSet::sort() const {
  if (sorted_ == steps_.size()) return;
  std::sort(steps_.begin(), steps_.end());
  steps_.erase(std::unique(steps_.begin(), steps_.end()), steps_.end());
  sorted_ = steps_.size();
}

/// What counts of a record.
struct AuditReport::Counted {
  explicit Counted(const FlatJson& record)
      : event(record.text("event")),
        user(audit_user(record)),
        image(audit_image(record)),
        node(record.text("node")),
        time(record.text("time")),
        job(record.integer("job").value_or(-1)),
        step(record.integer("step").value_or(-1)),
        count(std::max<std::int64_t>(0, record.integer("count").value_or(0))) {}

  std::string event, user, image, node, time;
  std::int64_t job, step, count;
};

void AuditReport::count(Group& group, const Counted& record) {
  if (record.event == "started") group.launches.insert(record.job, record.step);
  if (record.event == "failed") group.failed.insert(record.job, record.step);
  if (record.event == "refused") group.refused.insert(record.job, record.step);
  if (record.event == "suppressed") group.suppressed += static_cast<std::uint64_t>(record.count);
  note(group.users, record.user);
  note(group.images, record.image);
  note(group.nodes, record.node);
  if (group.first.empty() || record.time < group.first) group.first = record.time;
  if (record.time > group.last) group.last = record.time;
}

bool AuditReport::may_count(std::string_view line) {
  // A quotation mark inside of a string has a backslash in front.
  constexpr std::string_view kEvent = R"("event":")";
  const std::size_t found = line.find(kEvent);
  if (found == std::string_view::npos) return true;
  const std::string_view rest = line.substr(found + kEvent.size());
  return is_counted(rest.substr(0, rest.find('"')));
}

void AuditReport::add(const FlatJson& record) {
  const Counted counted(record);
  if (!is_counted(counted.event)) return;
  count(months_[counted.time.substr(0, kMonth)], counted);
  for (const std::string& name : groups_of(record, by_)) {
    if (!name.empty()) count(groups_[name], counted);
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
