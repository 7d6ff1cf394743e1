// format_html() of audit_report.h: a page without scripts, fonts or pictures of elsewhere. Pure.
#include <algorithm>

#include "keystore/base/one_line.h"
#include "keystore/cli/audit_report.h"

namespace sifguard {
namespace {

constexpr std::size_t kMostBars = 24;
constexpr std::uint64_t kBarWidth = 480;  // pixels, as all below
constexpr std::uint64_t kBarHeight = 18;
constexpr std::uint64_t kNameWidth = 260;
constexpr std::size_t kMostName = 36;  // characters beside a bar

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>sifguard: launches</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 70em; color: #1a1a1a; padding: 0 1em }
h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin-top: 2em }
table { border-collapse: collapse; width: 100% } td, th { padding: .3em .7em; border-bottom: 1px solid #ddd; text-align: right }
td:first-child, th:first-child { text-align: left; overflow-wrap: anywhere } th { background: #f4f4f4 }
svg text { font-size: 12px; fill: #1a1a1a } .l { fill: #2b6cb0 } .r { fill: #c05621 } .note { color: #555 }
@media print { body { margin: 0 } h2 { break-after: avoid } tr { break-inside: avoid } }
</style></head><body>
<h1>Launches of signed images</h1>
)";

/// one_line() keeps control characters and broken UTF-8 out; what HTML gives a meaning is escaped.
std::string escape(const std::string& text) {
  std::string escaped;
  for (const char c : one_line(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

/// The end of a long name says more than its beginning. Whole characters of UTF-8.
std::string short_name(const std::string& name) {
  if (name.size() <= kMostName) return name;
  std::size_t from = name.size() - kMostName;
  while (from < name.size() && (static_cast<unsigned char>(name[from]) & 0xc0U) == 0x80U) ++from;
  return "…" + name.substr(from);
}

std::string rectangle(const char* kind, std::uint64_t x, std::uint64_t y, std::uint64_t width) {
  return R"(<rect class=")" + std::string(kind) + R"(" x=")" + std::to_string(x) + R"(" y=")" +
         std::to_string(y) + R"(" width=")" + std::to_string(width) + R"(" height=")" +
         std::to_string(kBarHeight - 4) + R"("/>)";
}

std::string words(std::uint64_t x, std::uint64_t y, const std::string& text) {
  return R"(<text x=")" + std::to_string(x) + R"(" y=")" + std::to_string(y + kBarHeight - 7) +
         R"(">)" + text + "</text>";
}

std::string bar(const ReportRow& row, std::uint64_t y, std::uint64_t most) {
  const std::uint64_t launched = row.launches * kBarWidth / most;
  const std::uint64_t refused = row.refused * kBarWidth / most;
  return words(0, y, escape(short_name(row.name))) + rectangle("l", kNameWidth, y, launched) +
         rectangle("r", kNameWidth + launched, y, refused) +
         words(kNameWidth + launched + refused + 6, y,
               std::to_string(row.launches) +
                   (row.refused > 0 ? " + " + std::to_string(row.refused) + " refused" : "")) +
         "\n";
}

/// Horizontal bars: launches, and refusals behind them.
std::string plot(const std::vector<ReportRow>& rows) {
  const std::size_t count = std::min(rows.size(), kMostBars);
  std::uint64_t most = 1;
  for (std::size_t i = 0; i < count; ++i) most = std::max(most, rows[i].launches + rows[i].refused);
  std::string text =
      R"(<svg role="img" width="960" height=")" + std::to_string(count * kBarHeight + 4) + "\">\n";
  for (std::size_t i = 0; i < count; ++i) text += bar(rows[i], i * kBarHeight, most);
  return text + "</svg>\n";
}

std::string table(const AuditReport& report, const std::vector<ReportRow>& rows) {
  std::string text =
      "<table>\n<tr><th>" + escape(report.by()) +
      "<th>launches<th>failed<th>refused<th>users<th>images<th>nodes<th>first<th>last\n";
  for (const ReportRow& row : rows) {
    text += "<tr><td>" + escape(row.name);
    for (const std::uint64_t number : {row.launches, row.failed, row.refused}) {
      text += "<td>" + std::to_string(number);
    }
    for (const std::size_t number : {row.users, row.images, row.nodes}) {
      text += "<td>" + std::to_string(number);
    }
    text += "<td>" + escape(row.first) + "<td>" + escape(row.last) + "\n";
  }
  return text + "</table>\n";
}

std::vector<ReportRow> latest(std::vector<ReportRow> months) {
  if (months.size() > kMostBars) {
    months.erase(months.begin(), months.end() - static_cast<std::ptrdiff_t>(kMostBars));
  }
  return months;
}

}  // namespace

std::string format_html(const AuditReport& report, std::string_view made, std::string_view period) {
  const auto rows = report.rows();
  return std::string(kHead) + "<p>" + escape(std::string(period)) + "<br>\n<span class=\"note\">" +
         escape(std::string(made)) +
         " A launch is a step of a job, counted once however many nodes it ran on. Bars: launches, "
         "and refusals behind them.</span></p>\n<h2>By month</h2>\n" +
         plot(latest(report.months())) + "<h2>By " + escape(report.by()) +
         (rows.size() > kMostBars ? ", the largest " + std::to_string(kMostBars) : "") + "</h2>\n" +
         plot(rows) + "<h2>All, by " + escape(report.by()) + "</h2>\n" + table(report, rows) +
         "</body></html>\n";
}

}  // namespace sifguard
