// Which records of an audit log are wanted, and since when. Pure.
#include "keystore/cli/audit_filter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "keystore/base/clock.h"
#include "keystore/base/text.h"
#include "keystore/cli/audit_lines.h"
#include "keystore/policy/date.h"

namespace sifguard {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 3600;
constexpr std::int64_t kMostBack = 36500 * kDay;
constexpr std::size_t kTimeSize = 24;  // "2026-01-31T12:00:00.000Z"

bool has_part(std::string_view text, std::string_view part) {
  return to_lower(text).find(to_lower(part)) != std::string::npos;
}

template <typename Test>
bool any_item(const FlatJson& record, const char* list, Test test) {
  const auto items = record.items(list);
  return std::any_of(items.begin(), items.end(), test);
}

bool is_user(const FlatJson& record, const std::string& user) {
  constexpr std::array fields{"user", "uid", "sudo_user"};
  return std::any_of(fields.begin(), fields.end(),
                     [&](const char* name) { return record.text(name) == user; });
}

bool is_image(const FlatJson& record, const std::string& part) {
  constexpr std::array fields{"image", "path", "digest", "command"};
  return std::any_of(fields.begin(), fields.end(), [&](const char* name) {
    return record.text(name).find(part) != std::string::npos;
  });
}

bool has_value(const FlatJson& record, const char* name, const std::string& wanted) {
  return wanted.empty() || record.text(name) == wanted;
}

bool begins(const FlatJson& record, const char* name, const std::string& wanted) {
  return wanted.empty() || record.text(name).rfind(wanted, 0) == 0;
}

bool is_when(std::string_view time, const AuditFilter& filter) {
  return (filter.since.empty() || time >= filter.since) &&
         (filter.until.empty() || time <= filter.until);
}

bool is_whose(const FlatJson& record, const AuditFilter& filter) {
  return (!filter.job || record.text("job") == std::to_string(*filter.job)) &&
         (filter.user.empty() || is_user(record, filter.user)) &&
         has_value(record, "node", filter.node);
}

bool is_about(const FlatJson& record, const AuditFilter& filter) {
  return (filter.image.empty() || is_image(record, filter.image)) &&
         begins(record, "digest", filter.digest.empty() ? "" : "sha256:" + filter.digest) &&
         begins(record, "key_id", filter.key) &&
         (filter.binding.empty() ||
          any_item(record, "bindings",
                   [&](const std::string& name) { return name == filter.binding; })) &&
         (filter.signer.empty() || any_item(record, "signers", [&](const std::string& id) {
            return has_part(id, filter.signer);
          }));
}

/// Whether the text stands in JSON as it is here, so that a line without it has no such value. Not
/// with a blank, which may be between two words of a command.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
}

/// Seconds of "30d", "12h" or "15m"; nullopt for anything else.
std::optional<std::int64_t> span_of(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  std::int64_t count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9' || count > kMostBack) return std::nullopt;
    count = count * 10 + (c - '0');
  }
  const char unit = text.back();
  const std::int64_t second = unit == 'd' ? kDay : unit == 'h' ? kHour : unit == 'm' ? kMinute : 0;
  if (second == 0 || count > kMostBack / second) return std::nullopt;
  return count * second;
}

Result<std::int64_t> seconds_of(const std::string& typed, bool until, std::int64_t now) {
  const std::int64_t today = now - now % kDay;
  const std::int64_t end = until ? kDay - 1 : 0;
  if (typed == "today") return today + end;
  if (typed == "yesterday") return today - kDay + end;
  if (typed.front() != '-') {
    return parse_date(typed, until ? DayEdge::last_second : DayEdge::first_second);
  }
  const auto span = span_of(std::string_view(typed).substr(1));
  if (span && *span <= now) return now - *span;
  return fail(Code::usage, "not a time that long ago: '" + printable(typed, 100) + "'",
              "write -30d, -12h or -15m");
}

}  // namespace

bool may_be_wanted(std::string_view line, const AuditFilter& filter) {
  const std::string job = filter.job ? std::to_string(*filter.job) : "";
  for (const std::string* part :
       {&job, &filter.user, &filter.image, &filter.decision, &filter.event, &filter.node,
        &filter.binding, &filter.key, &filter.digest}) {
    if (is_plain(*part) && line.find(*part) == std::string_view::npos) return false;
  }
  constexpr std::string_view kBegin = R"({"time":")";
  return !line.starts_with(kBegin) || is_when(line.substr(kBegin.size(), kTimeSize), filter);
}

bool is_wanted(const FlatJson& record, const AuditFilter& filter) {
  return has_value(record, "decision", filter.decision) &&
         has_value(record, "event", filter.event) && is_whose(record, filter) &&
         is_about(record, filter) && is_when(record.text("time"), filter);
}

Result<std::string> parse_audit_time(const std::string& typed, bool until, std::int64_t now) {
  if (typed.empty()) return std::string();
  SG_TRY(const std::int64_t seconds, seconds_of(typed, until, now));
  return format_utc_ms(seconds * 1000 + (until ? 999 : 0));
}

}  // namespace sifguard
