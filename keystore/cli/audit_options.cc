// Which audit logs a command reads, and which of their records. Runs with the rights of the admin.
#include "keystore/cli/audit_options.h"

#include <time.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "keystore/audit/audit.h"
#include "keystore/audit/log_lines.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/cli/audit_lines.h"
#include "keystore/cli/change_log.h"
#include "keystore/policy/config.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

/// The id of the key that is meant in this host's keystore; for keys that it does not know, the
/// beginning of an id.
Result<std::string> key_id(const Session& session, const std::string& typed) {
  if (typed.empty()) return typed;
  if (const auto keystore = session.keystore()) {
    if (const auto key = keystore->find_key(typed)) return key->id;
  }
  std::string digits = to_lower(pasted_hex(typed));
  if (digits.find_first_not_of("0123456789abcdef") == std::string::npos) return digits;
  return fail(Code::absent, "no key '" + printable(typed, 100) + "' in the keystore",
              "give its name, or the beginning of its id");
}

}  // namespace

void AuditLogs::offer(CLI::App* command) {
  command->add_option("file", files, "Instead of the node's log of launches")->type_name("FILE");
  command->add_flag("--changes", changes, "The log of what sifctl did to the keystore");
}

Result<std::string> AuditLogs::newest(const Session& session) const {
  if (!files.empty()) return files.front();
  SG_TRY(const std::string directory, session.absolute_keystore_directory());
  if (changes) return change_log_path(directory);
  SG_TRY(const Config config, load_config(SIFGUARD_CONFIG_FILE, Session::trust()));
  return config.audit_file;
}

Result<std::vector<std::string>> AuditLogs::all(const Session& session) const {
  if (!files.empty()) return in_chain_order(files);
  SG_TRY(const std::string log, newest(session));
  std::vector<std::string> skipped;
  SG_TRY(auto found, log_files(log, skipped));
  for (const std::string& file : skipped) session.note(file + " is compressed, and left out");
  return found;
}

void AuditQuery::offer(CLI::App* command) {
  command->add_option("--job", typed.job, "Of this job")->type_name("ID");
  command->add_option("--user", typed.user, "Of this user, by name or uid")->type_name("USER");
  command->add_option("--image", typed.image, "Whose image's name or digest contains this")
      ->type_name("TEXT");
  command->add_option("--decision", typed.decision, "allow or refuse")
      ->check(CLI::IsMember({"allow", "refuse"}));
  command->add_option("--event", typed.event, "intent, started, failed, refused, …")
      ->type_name("EVENT");
  command->add_option("--node", typed.node, "Of this node")->type_name("NODE");
  command->add_option("--binding", typed.binding, "By this binding")->type_name("NAME");
  command->add_option("--signer", typed.signer, "Whose signer's id contains this")
      ->type_name("TEXT");
  command->add_option("--key", typed.key, "By this key: its name, or the beginning of its id")
      ->type_name("KEY");
  command->add_option("--digest", typed.digest, "Whose image's digest begins so")
      ->type_name("DIGEST");
  offer_times(command);
}

void AuditQuery::offer_times(CLI::App* command) {
  command
      ->add_option("--since", since,
                   "From then on: a date or time (UTC), today, yesterday, -30d, -12h, -15m")
      ->type_name("TIME");
  command->add_option("--until", until, "Up to and with then")->type_name("TIME");
}

Result<AuditFilter> AuditQuery::resolve(const Session& session) const {
  AuditFilter filter = typed;
  const std::int64_t now = ::time(nullptr);
  filter.image = audit_name(filter.image);
  filter.digest = to_lower(pasted_hex(filter.digest));
  SG_TRY(filter.key, key_id(session, filter.key));
  SG_TRY(filter.since, parse_audit_time(since, false, now));
  SG_TRY(filter.until, parse_audit_time(until, true, now));
  return filter;
}

Status each_wanted(const std::vector<std::string>& files, const AuditFilter& filter,
                   const std::function<void(std::string_view line, const FlatJson& record)>& each,
                   const std::function<bool(std::string_view line)>& may) {
  for (const std::string& file : files) {
    SG_CHECK(read_log_lines(file, [&](std::string_view line, bool) -> Status {
      if ((may && !may(line)) || !may_be_wanted(line, filter)) return {};
      const auto record = parse_audit_line(line);
      if (record && is_wanted(*record, filter)) each(line, *record);
      return {};
    }));
  }
  return {};
}

}  // namespace sifguard
