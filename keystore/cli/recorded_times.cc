// When something was recorded in a keystore last. The rights of the admin.
#include "keystore/cli/recorded_times.h"

#include <algorithm>

#include "keystore/audit/audit.h"
#include "keystore/audit/log_lines.h"
#include "keystore/base/text.h"
#include "keystore/bundle/serial.h"
#include "keystore/ca/recorded_times.h"
#include "keystore/cli/change_log.h"
#include "keystore/policy/date.h"

namespace sifguard {
namespace {

/// How a record begins: its time, as format_utc_ms() has it.
constexpr std::string_view kTimeField = R"({"time":")";
constexpr std::string_view kTimeForm = "2026-01-31T12:00:00";

std::string_view time_of(std::string_view line) {
  if (!line.starts_with(kTimeField)) return {};
  return line.substr(kTimeField.size(), kTimeForm.size());
}

/// The latest time up to `until` in one file of the log; "" for none. Times compare as text.
std::string latest_time(const std::string& file, const std::string& until) {
  std::string latest;
  const Status read = read_log_lines(file, [&](std::string_view line, bool whole) -> Status {
    const std::string_view time = time_of(line);
    const bool counts = whole && line.find(kDoubtedClock) == std::string_view::npos;
    if (counts && time <= until && time > latest) latest = time;
    return {};
  });
  return read ? latest : std::string();
}

void add_last_change(const std::string& log, std::int64_t now, std::vector<RecordedTime>& times) {
  std::vector<std::string> skipped;
  auto files = log_files(log, skipped);
  if (!files) return;
  const std::string until = format_utc(now).substr(0, kTimeForm.size());
  for (auto file = files->rbegin(); file != files->rend(); ++file) {
    const auto at = parse_date(latest_time(*file, until) + "Z", DayEdge::first_second);
    if (!at) continue;
    times.push_back({"this keystore was changed last", *at, false});
    return;
  }
}

}  // namespace

std::vector<RecordedTime> recorded_times(const Keystore& keystore, Dated what, std::int64_t now) {
  std::vector<RecordedTime> times;
  add_last_change(change_log_path(keystore.directory()), now, times);
  if (auto of_ca = ca_times(keystore)) {
    for (RecordedTime& one : *of_ca) {
      one.precedes = one.precedes && what == Dated::certificate_or_list;
      times.push_back(std::move(one));
    }
  }
  const auto bundles = read_bundle_state(keystore);
  if (bundles && bundles->exported > 0) {
    times.push_back({"the last bundle was exported", bundles->exported_at, what == Dated::bundle});
  }
  return times;
}

}  // namespace sifguard
