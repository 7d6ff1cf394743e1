// What was launched recently, according to the available audit logs. Runs with the rights of the
// admin.
#include "keystore/cli/past_launches.h"

#include <unistd.h>

#include <cerrno>

#include "keystore/audit/log_lines.h"
#include "keystore/base/clock.h"
#include "keystore/base/text.h"
#include "keystore/cli/audit_lines.h"
#include "keystore/cli/session.h"
#include "keystore/policy/config.h"

namespace sifguard {
namespace {

PastLaunch launch_of(const FlatJson& record) {
  PastLaunch launch;
  launch.time = record.text("time");
  launch.user = audit_user(record);
  launch.image = audit_image(record);
  launch.digest = record.text("digest");
  launch.key_id = record.text("key_id");
  launch.bindings = record.items("bindings");
  launch.signers = record.items("signers");
  return launch;
}

Result<std::vector<std::string>> logs_of_this_host(const std::string& config_file,
                                                   PastLaunches& found) {
  SG_TRY(const Config config, load_config(config_file, Session::trust()));
  const std::string directory = config.audit_file.substr(0, config.audit_file.rfind('/'));
  if (::access(directory.c_str(), F_OK) != 0 && errno == ENOENT) {
    found.no_log = true;
    return std::vector<std::string>();
  }
  std::vector<std::string> skipped;
  auto files = log_files(config.audit_file, skipped);
  if (!skipped.empty()) found.unknown = skipped.front() + " is compressed, and left out";
  return files;
}

Status add_launches(const std::string& file, const std::string& since, PastLaunches& found) {
  return read_log_lines(file, [&](std::string_view line, bool) -> Status {
    const auto record = parse_audit_line(line);
    if (!record) {
      found.unknown = file + " has lines that are no records of an audit log";
      return {};
    }
    if (record->text("event") != "started") return {};
    if (record->text("time") >= since) found.all.push_back(launch_of(*record));
    return {};
  });
}

}  // namespace

PastLaunches past_launches(const std::vector<std::string>& logs, const std::string& config,
                           std::int64_t now) {
  PastLaunches found;
  const auto files =
      logs.empty() ? logs_of_this_host(config, found) : Result<std::vector<std::string>>(logs);
  if (!files) {
    found.unknown = files.error().what();
    return found;
  }
  const std::string since = format_utc_ms((now - kPastDays * kDay) * 1000);
  for (const std::string& file : *files) {
    const auto read = add_launches(file, since, found);
    if (!read) found.unknown = read.error().what();
  }
  return found;
}

}  // namespace sifguard
