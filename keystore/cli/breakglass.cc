// sifctl breakglass: leave for one user to pass one binding's allow, for a time. Runs with the
// rights of the admin.
#include "keystore/cli/breakglass.h"

#include <stdlib.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/accounts.h"
#include "keystore/base/json_values.h"
#include "keystore/base/text.h"
#include "keystore/bundle/serial.h"
#include "keystore/cli/clock_option.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/known_accounts.h"
#include "keystore/cli/listing.h"
#include "keystore/cli/session.h"
#include "keystore/store/break_glass.h"
#include "keystore/store/break_glass_fit.h"

namespace sifguard {
namespace {

struct BreakglassOptions {
  std::string binding, user, ttl, reason;
  ClockOption clock;
};

/// "30m", "2h", "1d", "90s".
Result<std::int64_t> parse_ttl(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  std::int64_t unit = 0;
  if (problem == std::errc{} && stop + 1 == end) {
    unit = *stop == 's' ? 1 : *stop == 'm' ? 60 : *stop == 'h' ? 3600 : *stop == 'd' ? 86400 : 0;
  }
  if (unit == 0 || number <= 0 || number > kMaxBreakGlass / unit) {
    return fail(Code::usage, "not a usable time: '" + text + "'",
                "write it as 30m or 2h, up to 24h");
  }
  return number * unit;
}

std::string admin() {
  std::string name = "uid " + std::to_string(::getuid());
  if (const auto user = find_account(::getuid()); user && *user) name = (*user)->name;
  if (const char* const sudo = ::getenv("SUDO_USER"))
    name += " through sudo of " + std::string(sudo);
  return name;
}

std::string describe(const BreakGlassGrant& grant) {
  return (grant.id.empty() ? "" : grant.id + ": ") + "user " + grant.user +
         " passes the binding '" + grant.binding + "' until " + format_utc(grant.until);
}

void alert(const std::string& what, const BreakGlassGrant& grant) {
  ::syslog(LOG_AUTHPRIV | LOG_ALERT, "%s",
           printable("break-glass " + what + " by " + admin() + ": " + describe(grant) +
                     "; reason: " + grant.reason)
               .c_str());
}

Result<Binding> find_binding(const Keystore& keystore, const std::string& name) {
  SG_TRY(const std::string text, keystore.images_text());
  SG_TRY(const Policy policy, parse_policy(text));
  for (const Binding& binding : policy.bindings) {
    if (binding.name == name) return binding;
  }
  return fail(Code::absent, "there is no binding '" + name + "'", "see sifctl image list");
}

/// Bundles carry no grants: an hour is over before the last node has the bundle.
void note_other_keystores(const Session& session, const Keystore& keystore) {
  const auto state = read_bundle_state(keystore);
  if (state && state->exported == 0) return;
  session.note(
      "nodes that take their keystore from bundles do not get this: run the same command there");
}

const char* state_of(const BreakGlassGrant& one, const Policy* policy) {
  const std::int64_t now = ::time(nullptr);
  return one.until <= now                          ? "ended"
         : one.since > now                         ? "not yet"  // its clock was ahead
         : policy != nullptr && fits(one, *policy) ? "active"
                                                   : "void";
}

nlohmann::ordered_json to_json(const BreakGlassGrant& one, const char* state) {
  return {{"id", text_or_null(one.id)},     {"state", state},
          {"binding", one.binding},         {"user", one.user},
          {"since", format_utc(one.since)}, {"until", format_utc(one.until)},
          {"reason", one.reason},           {"by", one.by}};
}

Status grant(const Session& session, const BreakglassOptions& options) {
  SG_TRY(const std::int64_t seconds, parse_ttl(options.ttl));
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const Binding binding, find_binding(keystore, options.binding));
  SG_CHECK(options.clock.check(keystore, Dated::other));
  BreakGlassGrant wanted;
  SG_TRY(wanted.conditions, digest_of_conditions(binding));
  wanted.binding = options.binding;
  wanted.user = options.user;
  wanted.since = ::time(nullptr);
  wanted.until = wanted.since + seconds;
  wanted.reason = options.reason;
  wanted.by = admin();
  SG_TRY(BreakGlassGrant made, add_grant(keystore, std::move(wanted)));
  if (session.dry_run) {
    made.id.clear();  // it is drawn by lot
  } else {
    alert("granted", made);
  }
  session.answer("break-glass", to_json(made, "active"));
  session.tell_as(printable(describe(made)), "granted", printable(describe(made)));
  note_other_keystores(session, keystore);
  UnknownAccounts accounts;
  accounts.add({options.user}, {});
  accounts.tell(session);
  return {};
}

Status list_grants(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const auto all, break_glass_grants(keystore));
  SG_TRY(const std::string text, keystore.images_text());
  const auto policy = parse_policy(text);  // one that is malformed lets nobody pass
  Listing list;
  for (const BreakGlassGrant& one : all) {
    const char* const state = state_of(one, policy ? &*policy : nullptr);
    list.add(to_json(one, state),
             {one.id, state, one.binding, one.user, format_utc(one.until), one.by, one.reason});
  }
  list.show(session, "break-glass-list",
            {"ID", "STATE", "BINDING", "USER", "UNTIL", "BY", "REASON"});
  return {};
}

Status end(const Session& session, const std::string& id) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const BreakGlassGrant ended, end_grant(keystore, id));
  if (!session.dry_run) alert("ended", ended);
  session.answer("break-glass", to_json(ended, "ended"));
  session.tell_as("ended: " + printable(describe(ended)), "ended", printable(describe(ended)));
  return {};
}

}  // namespace

Result<std::vector<BreakGlass>> read_break_glass(const Keystore& keystore, const Policy& policy) {
  SG_TRY(const auto grants, break_glass_grants(keystore));
  return fitting(grants, policy);
}

Status void_break_glass(const Session& session, const Keystore& keystore, std::string_view before,
                        std::string_view after) {
  SG_TRY(const auto gone, void_unfit_grants(keystore, before, after));
  for (const BreakGlassGrant& one : gone) {
    if (!session.dry_run) alert("voided", one);
    session.note("the break-glass grant " + one.id + " of user " + one.user +
                 (session.dry_run ? " would be" : " is") + " void: the binding '" + one.binding +
                 "' is not the one that it was given for any more");
  }
  return {};
}

void add_breakglass_commands(CLI::App& app, Session& session) {
  auto* group =
      app.add_subcommand("breakglass", "Let one user pass one binding's allow, for a time");
  group->require_subcommand(1);
  group->footer(R"(
A grant replaces the allow of that binding, and the users of the rule of its key. Everything else still
applies: deny, the end of the binding, the required signers, the key's state. Once the binding is changed,
except in its allow, or removed, the grant is void. Syslog gets an alert for the grant and for every
launch that it allows, and the audit log records them.)");
  auto* command = group->add_subcommand("grant", "Let a user pass");
  const auto options = std::make_shared<BreakglassOptions>();
  command->add_option("--binding", options->binding, "Which binding")
      ->required()
      ->type_name("NAME");
  command->add_option("--user", options->user, "Whose jobs")->required()->type_name("USER");
  command->add_option("--ttl", options->ttl, "For how long: 30m, 2h, up to 24h")
      ->required()
      ->type_name("TIME");
  command->add_option("--reason", options->reason, "Why; for the audit log")
      ->required()
      ->type_name("TEXT");
  options->clock.offer(command);
  command->footer(R"(
The grant applies where this keystore is read. Bundles do not contain it: for nodes that import bundles,
run this on the node itself, where the next bundle keeps it.
  sifctl breakglass grant --binding lolcow --user alice --ttl 1h --reason 'incident 4711')");
  Session::offer_dry_run(command);
  session.on_change(command, [&session, options] { return grant(session, *options); });
  command = group->add_subcommand("list", "List them");
  command->footer(R"(
The state is active, ended, or void: the binding was removed or changed.
  sifctl breakglass list --json)");
  session.on_read(command, [&session] { return list_grants(session); });
  command = group->add_subcommand("end", "End a grant early");
  const auto id = std::make_shared<std::string>();
  command->add_option("id", *id, "As `breakglass list` shows it")->required()->type_name("ID");
  command->footer("\n  sifctl breakglass end bg-9f86d081884c7d65");
  Session::offer_dry_run(command);
  session.on_closing(command, [&session, id] { return end(session, *id); });
}

}  // namespace sifguard
