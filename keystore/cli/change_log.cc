// The audit log of what sifctl changes. Runs with the rights of the admin.
#include "keystore/cli/change_log.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string_view>

#include "keystore/audit/audit.h"
#include "keystore/base/accounts.h"
#include "keystore/base/closing_reserve.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/in_place.h"
#include "keystore/cli/recorded_times.h"
#include "keystore/policy/image_uri.h"
#include "keystore/store/keystore.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr std::string_view kPin = "pin-value=";

std::string directory_of_launches() {
  const std::string path = SIFGUARD_AUDIT_FILE;
  return path.substr(0, path.rfind('/'));
}

/// Whichever way it is spelled.
bool is_the_nodes(const std::string& directory) {
  struct stat given {};
  struct stat own {};
  if (::stat(directory.c_str(), &given) != 0 || ::stat(SIFGUARD_KEYSTORE_DIR, &own) != 0) {
    return directory == SIFGUARD_KEYSTORE_DIR;
  }
  return given.st_dev == own.st_dev && given.st_ino == own.st_ino;
}

/// The PIN of a token does not belong on a command line; if it stands there, not in the log too.
std::string without_pin(std::string argument) {
  for (std::size_t at = argument.find(kPin); at != std::string::npos;
       at = argument.find(kPin, at)) {
    at += kPin.size();
    const std::size_t end = std::min(argument.find_first_of("&;", at), argument.size());
    argument.replace(at, end - at, "...");
  }
  return argument;
}

/// Who logged in, whatever uid they have now; -1 for nobody, or where the kernel does not say.
std::int64_t login_uid() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen("/proc/self/loginuid", "re"), std::fclose);
  unsigned uid = 0;
  constexpr unsigned kUnset = 0xFFFFFFFFU;
  if (!file || std::fscanf(file.get(), "%u", &uid) != 1 || uid == kUnset) {  // NOLINT(cert-err34-c)
    return -1;
  }
  return uid;
}

AuditRecord first_record(const ChangeContext& context) {
  AuditRecord record;
  struct utsname host {};
  if (::uname(&host) == 0) record.node = static_cast<const char*>(host.nodename);
  record.uid = ::getuid();
  if (const auto user = find_account(::getuid()); user && *user) record.user = (*user)->name;
  record.login_uid = login_uid();
  if (const char* const sudo = ::getenv("SUDO_USER")) record.sudo_user = sudo;
  record.path = context.keystore;
  for (const std::string& argument : context.arguments) {
    record.command.push_back(without_password(without_pin(argument)));
  }
  record.duration_ms = -1;
  return record;
}

std::array<std::string, 2> places_of(const ChangeContext& context, const std::string& log) {
  return {context.keystore, log.substr(0, log.rfind('/'))};
}

bool is_clock_ahead(const Keystore& keystore) {
  const std::int64_t now = ::time(nullptr);
  return is_far_ahead(recorded_times(keystore, Dated::other, now), now);
}

Status run_between_records(const ChangeContext& context, const std::string& path,
                           const std::function<Status()>& action) {
  AuditRecord record = first_record(context);
  const auto keystore = Keystore::open(context.keystore, context.trust);
  const bool there = keystore.has_value();
  if (there) {
    if (!context.accepts_clock && is_clock_ahead(*keystore)) record.clock = kDoubted;
    SG_TRY(AuditLog log, AuditLog::open(path, context.trust));
    record.event = "change";
    SG_CHECK(log.append(record));
  }
  const Status done = action();
  // A failing setup may have made the keystore before.
  if (!there && !done && !Keystore::open(context.keystore, context.trust)) return done;
  const bool unchanged = context.is_unchanged && context.is_unchanged();
  record.event = !done ? "failed" : unchanged ? "unchanged" : "changed";
  if (!done) {
    record.code = code_name(code_for_command(done.error()));
    record.reason = done.error().what();
  }
  auto log = AuditLog::open(path, context.trust);
  const Status recorded = log ? log->append(record) : Status(tl::unexpected(log.error()));
  if (!done || recorded) return done;
  return tl::unexpected(in_place(recorded.error(), "its end is not recorded"));
}

}  // namespace

std::string change_log_path(const std::string& directory) {
  if (is_the_nodes(directory)) return directory_of_launches() + "/sifctl.jsonl";
  return directory + "/audit.jsonl";
}

Status run_recorded(const ChangeContext& context, const std::function<Status()>& action) {
  if (context.dry_run || context.kind == CommandKind::reads) return action();
  const std::string path = change_log_path(context.keystore);
  if (is_the_nodes(context.keystore)) ::mkdir(directory_of_launches().c_str(), 0700);
  const auto places = places_of(context, path);
  const bool closes = context.kind == CommandKind::closes;
  if (closes) std::for_each(places.begin(), places.end(), release_reserve);
  Status done = run_between_records(context, path, action);
  if (done || closes) std::for_each(places.begin(), places.end(), keep_reserve);
  return done;
}

}  // namespace sifguard
