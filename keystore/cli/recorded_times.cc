// When something was recorded in a keystore last. The rights of the admin.
#include "keystore/cli/recorded_times.h"

#include <algorithm>

#include "keystore/audit/audit.h"
#include "keystore/audit/log_lines.h"
#include "keystore/base/text.h"
#include "keystore/bundle/serial.h"
#include "keystore/ca/ca_times.h"
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

/// As times are in the log, which compare as text.
std::string text_of(std::int64_t at) {
  return format_utc(at).substr(0, kTimeForm.size());
}

struct Wanted {
  std::string until;   ///< what is later is of another clock
  std::string enough;  ///< what is no earlier says all that is asked of the log
};

/// How much of a log's end is read first, some hundred records; and by what it grows.
constexpr std::size_t kFirstLook = std::size_t{64} << 10U;
constexpr std::size_t kGrowth = 8;

/// The latest time among the file's last records; "" for none. As many are read as it takes to find
/// one that is enough, or all.
std::string latest_time(const std::string& file, const Wanted& wanted) {
  std::string latest;
  const auto look = [&](std::string_view line, bool whole) -> Status {
    const std::string_view time = time_of(line);
    const bool counts = whole && line.find(kDoubtedClock) == std::string_view::npos;
    if (counts && time <= wanted.until && time > latest) latest = time;
    return {};
  };
  for (std::size_t bytes = kFirstLook;; bytes *= kGrowth) {
    const auto all = read_last_log_lines(file, bytes, look);
    if (!all || *all || latest >= wanted.enough) return latest;
  }
}

/// Newest last. A rotated file that cannot be read hides the others, but not the log itself.
std::vector<std::string> files_of(const std::string& log) {
  std::vector<std::string> skipped;
  return log_files(log, skipped).value_or(std::vector<std::string>{log});
}

void add_last_change(const std::string& log, std::int64_t now, std::vector<RecordedTime>& times) {
  const Wanted wanted{text_of(now), text_of(now - kLongestPause)};
  const auto files = files_of(log);
  std::string latest;
  for (auto file = files.rbegin(); file != files.rend() && latest < wanted.enough; ++file) {
    latest = std::max(latest, latest_time(*file, wanted));
  }
  const auto at = parse_date(latest + "Z", DayEdge::first_second);
  if (at) times.push_back({"this keystore was changed last", *at, false});
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
