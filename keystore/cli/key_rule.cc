// sifctl key rule show|set|widen|reset: whose signatures and which users a key serves, whatever
// binding leads to it. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/cli/consequences.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/key_uses.h"
#include "keystore/cli/known_accounts.h"
#include "keystore/cli/named_signers.h"
#include "keystore/cli/session.h"
#include "keystore/policy/audience_name.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

struct KeyRuleOptions {
  std::string key;
  Values signers, users, groups;
  bool everyone = false;
  bool all_signers = false;
  ActOptions act;
};

void add_unique(Values& to, const Values& from) {
  for (const std::string& value : from) {
    if (!contains(to, value)) to.push_back(value);
  }
}

/// Names as an image binding takes them: compared as they are, never patterns.
Status check_names(const Values& names, const char* option, std::string_view dimension) {
  for (const std::string& name : names) {
    const auto good = name.empty() || !is_utf8(name)
                          ? Status(fail(Code::usage, "it is empty or no UTF-8"))
                          : check_audience_name(dimension, name);
    if (good) continue;
    return fail(Code::usage, std::string(option) + ": not a name: '" + printable(name, 100) + "'",
                good.error().line());
  }
  return {};
}

Result<KeyRule> rule_of(const KeyRuleOptions& options, const Keystore& keystore) {
  SG_CHECK(check_names(options.users, "--user", "users"));
  SG_CHECK(check_names(options.groups, "--group", "groups"));
  if (options.everyone && !(options.users.empty() && options.groups.empty())) {
    return fail(Code::usage, "--everyone contradicts --user and --group", "leave one of them out");
  }
  KeyRule rule;
  SG_TRY(Values signers, named_signers(options.signers, keystore));
  (options.all_signers && signers.size() > 1 ? rule.all_of : rule.signers) = std::move(signers);
  add_unique(rule.users, options.users);
  add_unique(rule.groups, options.groups);
  rule.everyone = options.everyone;
  return rule;
}

Status show_rule(const Session& session, const KeyRecord& key) {
  const KeyRule& rule = key.rule;
  auto object = nlohmann::ordered_json::object({{"key", key.name}});
  object.update(rule_to_json(rule));
  session.answer("key-rule", std::move(object));
  if (!rule.is_set()) {
    session.out(key.name + " has no rule: it releases nothing\n");
    return {};
  }
  session.print_fields(
      {{"key", key.name}, {"signers", describe_signers(rule)}, {"users", describe_audience(rule)}});
  return {};
}

Status check_state(const KeyRecord& key) {
  if (key.state != KeyState::revoked && key.state != KeyState::destroyed) return {};
  return fail(Code::wrong_state,
              "the key '" + key.name + "' is " + std::string(key_state_name(key.state)),
              "its rule is of no use any more");
}

Status store(const Session& session, Keystore& keystore, KeyRecord key, KeyRule rule,
             bool dry_run) {
  if (rule == key.rule) {
    SG_CHECK(show_rule(session, key));
    session.unchanged("the key '" + key.name + "' has this rule already");
    return {};
  }
  if (!dry_run) SG_CHECK(keystore.set_key_rule(key.id, rule));
  key.rule = std::move(rule);
  SG_CHECK(show_rule(session, key));
  if (dry_run) session.out("not done: --dry-run\n");
  UnknownAccounts accounts;
  accounts.add(key.rule.users, key.rule.groups);
  accounts.tell(session);
  SG_TRY(const auto bindings, bindings_of_key(keystore, key));
  if (!bindings.empty()) {
    session.note("bindings of this key, which ask for more than its rule only in vain: " +
                 joined(bindings));
  }
  return {};
}

Status set_rule(const Session& session, const KeyRuleOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const KeyRecord key, keystore.find_key(options.key));
  SG_CHECK(check_state(key));
  SG_TRY(KeyRule rule, rule_of(options, keystore));
  if (!rule.is_set()) {
    return fail(Code::usage, "no signer is named", "say whose signatures: --signer");
  }
  if (!rule.everyone && rule.users.empty() && rule.groups.empty()) {
    return fail(Code::usage, "nobody is allowed to use the key",
                "say who: --user, --group or --everyone");
  }
  return store(session, keystore, key, std::move(rule), options.act.dry_run);
}

Status widen_rule(const Session& session, const KeyRuleOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const KeyRecord key, keystore.find_key(options.key));
  SG_CHECK(check_state(key));
  if (!key.rule.is_set()) {
    return fail(Code::wrong_state, "the key '" + key.name + "' has no rule yet",
                "sifctl key rule set, or sifctl image bind");
  }
  SG_TRY(const KeyRule more, rule_of(options, keystore));
  if (more == KeyRule()) {
    return fail(Code::usage, "nothing is named that the key is to serve, too",
                "say what: --signer, --user, --group or --everyone");
  }
  KeyRule rule = key.rule;
  if (rule.signers.empty() && !more.signers.empty()) {
    // One of these beside all of those would be more to ask for, not less.
    return fail(Code::wrong_state,
                "the key '" + key.name + "' wants the signatures of all its signers",
                "name those it is to want with sifctl key rule set");
  }
  add_unique(rule.signers, more.signers);
  if (!rule.everyone) {  // who serves everyone serves them, too
    add_unique(rule.users, more.users);
    add_unique(rule.groups, more.groups);
  }
  if (more.everyone) rule = {rule.signers, {}, {}, true, rule.all_of};
  return store(session, keystore, key, std::move(rule), options.act.dry_run);
}

Status reset_rule(const Session& session, const KeyRuleOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const KeyRecord key, keystore.find_key(options.key));
  if (key.rule.is_set()) {
    tell_launches(session, options.act, [&](const PastLaunch& launch) {
      return launch.key_id == key.id ? Effect::refused : Effect::none;
    });
  }
  return store(session, keystore, key, {}, options.act.dry_run);
}

void add_parts(CLI::App* command, KeyRuleOptions& options) {
  command->add_option("key", options.key, kKeyReference)->required()->type_name("KEY");
  command->add_option("--signer", options.signers, "One of these must have signed the image")
      ->type_name("SIGNER");
  command->add_option("--user", options.users, "Serves these users")->type_name("USER");
  command->add_option("--group", options.groups, "Serves the members of these groups")
      ->type_name("GROUP");
  command->add_flag("--everyone", options.everyone, "Serves any user");
  command->add_flag("--dry-run", options.act.dry_run, kDryRunHelp);
}

void add_set(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("set", "Replace the rule of a key");
  command->footer(R"(
  sifctl key rule set lolcow --signer 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84 --group bio
  sifctl key rule set lolcow --signer 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84 --everyone
  sifctl key rule set lolcow --signer FPR FPR2 --all-signers --group bio)");
  const auto options = std::make_shared<KeyRuleOptions>();
  add_parts(command, *options);
  command->add_flag("--all-signers", options->all_signers, "All of the signers must have signed");
  session.on_change(command, [&session, options] { return set_rule(session, *options); });
}

void add_widen(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("widen", "Let a key serve more signers or users");
  command->footer(R"(
All users that the rule names can then open every image that is encrypted for the key.
  sifctl key rule widen lolcow --user bob)");
  const auto options = std::make_shared<KeyRuleOptions>();
  add_parts(command, *options);
  session.on_change(command, [&session, options] { return widen_rule(session, *options); });
}

Status show(const Session& session, const std::string& reference) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const KeyRecord key, keystore.find_key(reference));
  return show_rule(session, key);
}

void add_show_rule(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("show", "Show the rule of a key");
  command->footer("\n  sifctl key rule show lolcow");
  const auto key = std::make_shared<std::string>();
  command->add_option("key", *key, kKeyReference)->required()->type_name("KEY");
  session.on_read(command, [&session, key] { return show(session, *key); });
}

void add_reset(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("reset", "Remove a key's rule: the key is not released");
  command->footer(R"(
The next sifctl image bind sets it again. First it shows, from the audit logs, who would be refused.
  sifctl key rule reset lolcow --dry-run)");
  const auto options = std::make_shared<KeyRuleOptions>();
  command->add_option("key", options->key, kKeyReference)->required()->type_name("KEY");
  options->act.offer(*command, false);
  session.on_closing(command, [&session, options] { return reset_rule(session, *options); });
}

}  // namespace

void add_key_rule(CLI::App& group, Session& session) {
  auto* rule = group.add_subcommand("rule", "The signers and users that a key serves");
  rule->require_subcommand(1);
  rule->footer(R"(
A key opens an image only if one of the rule's signers (or all of them) signed it and the job's owner is one of its
users or in one of its groups, whatever a binding says. The first sifctl image bind sets the rule.)");
  add_show_rule(*rule, session);
  add_set(*rule, session);
  add_widen(*rule, session);
  add_reset(*rule, session);
}

}  // namespace sifguard
