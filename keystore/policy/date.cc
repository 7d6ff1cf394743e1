// Dates as an admin writes them. UTC. Pure.
#include "keystore/policy/date.h"

#include <time.h>

#include "keystore/base/clock.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

/// Whether `text` has the form of `form`, where '0' stands for any digit.
bool has_form(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '0' ? !digit : text[i] != form[i]) return false;
  }
  return true;
}

int number_at(std::string_view text, std::size_t from, std::size_t digits) {
  int value = 0;
  for (const char c : text.substr(from, digits)) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

Result<std::int64_t> parse_date(std::string_view text, DayEdge edge) {
  const bool day_only = has_form(text, "0000-00-00");
  if (day_only || has_form(text, "0000-00-00T00:00:00Z")) {
    struct tm parts {};
    parts.tm_year = number_at(text, 0, 4) - 1900;
    parts.tm_mon = number_at(text, 5, 2) - 1;
    parts.tm_mday = number_at(text, 8, 2);
    if (!day_only) {
      parts.tm_hour = number_at(text, 11, 2);
      parts.tm_min = number_at(text, 14, 2);
      parts.tm_sec = number_at(text, 17, 2);
    }
    const auto seconds = static_cast<std::int64_t>(::timegm(&parts));
    // timegm() carries the 31st of April into May: only a real date reads back as it was.
    const bool real = format_utc(seconds).substr(0, day_only ? 10 : 20) == text;
    if (real && seconds >= 0) {
      return day_only && edge == DayEdge::last_second ? seconds + kDay - 1 : seconds;
    }
  }
  return fail(Code::usage, "not a date: '" + printable(text, 100) + "'",
              "write YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ");
}

std::string format_date(std::int64_t unix_seconds, DayEdge edge) {
  const std::string full = format_utc(unix_seconds);
  const std::string day = full.substr(0, 10);
  const auto again = parse_date(day, edge);
  return again && *again == unix_seconds ? day : full;
}

}  // namespace sifguard
