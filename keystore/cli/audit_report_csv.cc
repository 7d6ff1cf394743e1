// format_csv() of audit_report.h. Pure.
#include "keystore/cli/audit_report.h"

namespace sifguard {
namespace {

/// Spreadsheets evaluate what begins so, and users choose names.
bool looks_like_formula(const std::string& text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
}

std::string cell(const std::string& text) {
  std::string quoted = "\"";
  if (looks_like_formula(text)) quoted += '\'';
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

}  // namespace

std::string format_csv(const AuditReport& report) {
  std::string text = report.by() + ",launches,failed,refused,users,images,nodes,first,last\r\n";
  for (const ReportRow& row : report.rows()) {
    text += cell(row.name);
    for (const std::uint64_t number : {row.launches, row.failed, row.refused}) {
      text += ',' + std::to_string(number);
    }
    for (const std::size_t number : {row.users, row.images, row.nodes}) {
      text += ',' + std::to_string(number);
    }
    text += ',' + cell(row.first) + ',' + cell(row.last) + "\r\n";
  }
  return text;
}

}  // namespace sifguard
