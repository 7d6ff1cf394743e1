// sifctl explain: what would be decided for a user and an image, and why. Runs with the rights of
// the admin; changes nothing. It asks the same functions as the helper, on the facts typed, and
// stops where the helper would open the image: signatures are not looked at.
#include "keystore/cli/explain.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/policy/date.h"
#include "keystore/policy/describe.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/key_rule.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;
using Json = nlohmann::ordered_json;

/// The command line, as typed.
struct ExplainOptions {
  std::string user, image;
  std::optional<std::string> account, partition, qos, reservation, node;
};

/// What was found out; `refusals` is empty if the launch would get as far as opening the image.
struct Explanation {
  Facts facts;
  std::vector<std::pair<const Binding*, std::string>> matching;  ///< and the pattern that did it
  std::optional<Decision> decision;
  std::optional<KeyRecord> key;
  std::string key_says;  ///< "allows user alice", or why not
  Values refusals;
  Values notes;
};

/// The buffer that a reentrant look-up of a user or group needs.
std::vector<char> lookup_buffer() {
  constexpr std::size_t kEnough = std::size_t{1} << 20U;  // groups with very many members
  return std::vector<char>(kEnough);
}

std::optional<std::string> group_name(gid_t gid) {
  std::vector<char> buffer = lookup_buffer();
  struct group entry {};
  struct group* found = nullptr;
  if (::getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  return std::string(entry.gr_name);
}

/// The names of the primary and supplementary groups, as Slurm would give them to the job.
Result<Values> groups_of(const std::string& user) {
  std::vector<char> buffer = lookup_buffer();
  struct passwd entry {};
  struct passwd* found = nullptr;
  const int problem = ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    if (problem != 0) return fail_errno(Code::temporary, "cannot look up the user", problem);
    return fail(Code::usage, "no user '" + printable(user, 100) + "' on this host",
                "check the spelling, or run this on a host that knows the cluster's users");
  }
  int count = 64;
  std::vector<gid_t> gids(static_cast<std::size_t>(count));
  while (::getgrouplist(user.c_str(), entry.pw_gid, gids.data(), &count) < 0) {
    const auto wanted = std::max(static_cast<std::size_t>(count), gids.size() * 2);
    gids.resize(wanted);
    count = static_cast<int>(wanted);
  }
  gids.resize(static_cast<std::size_t>(count));
  Values names;
  for (const gid_t gid : gids) {
    if (auto name = group_name(gid)) names.push_back(*std::move(name));
  }
  return names;
}

/// As typed, and as the kernel would find it, if it is on this host.
Result<Values> names_of(const std::string& typed) {
  std::array<char, PATH_MAX> cwd{};
  const bool known = ::getcwd(cwd.data(), cwd.size()) != nullptr;
  SG_TRY(const std::string name, normalize_image_name(known ? cwd.data() : "", typed));
  Values names{name};
  if (!is_image_uri(name)) {
    const std::unique_ptr<char, decltype(&::free)> real(::realpath(name.c_str(), nullptr), &::free);
    if (real && name != real.get()) names.emplace_back(real.get());
  }
  return names;
}

Result<Facts> facts_of(const ExplainOptions& options) {
  Facts facts;
  facts.user = options.user;
  SG_TRY(facts.groups, groups_of(options.user));
  SG_TRY(facts.image_names, names_of(options.image));
  facts.account = options.account;
  facts.partition = options.partition;
  facts.qos = options.qos;
  facts.reservation = options.reservation;
  facts.node = options.node;
  facts.now = ::time(nullptr);
  return facts;
}

std::string matched_pattern(const Binding& binding, const Facts& facts) {
  for (const std::string& pattern : binding.match) {
    for (const std::string& name : facts.image_names) {
      if (matches_image(pattern, name)) return pattern;
    }
  }
  return {};
}

/// A fact that a binding asks about and that was not typed refuses, on a node too.
void note_unknown_facts(const Binding& binding, Explanation& found) {
  const Facts& facts = found.facts;
  const auto check = [&](const char* word, const std::optional<std::string>& fact,
                         std::optional<Values> Audience::*dimension) {
    const bool asked = binding.allow.*dimension || (binding.deny && (*binding.deny).*dimension);
    if (!asked || fact) return;
    found.notes.push_back("binding '" + binding.name + "' asks for the job's " + word +
                          ", which is unknown here, hence refused: give --" + word);
  };
  check("account", facts.account, &Audience::accounts);
  check("partition", facts.partition, &Audience::partitions);
  check("qos", facts.qos, &Audience::qos);
  check("reservation", facts.reservation, &Audience::reservations);
  check("node", facts.node, &Audience::nodes);
}

/// Requirements that no signature could meet, since the keystore lacks the signers' keys.
Status check_signers(const Keystore& keystore, Explanation& found) {
  SG_TRY(const auto records, keystore.signers());
  const auto held = [&](const std::string& signer) {
    return std::any_of(records.begin(), records.end(),
                       [&](const SignerRecord& record) { return record.is_named(signer); });
  };
  for (const std::string& signer : found.decision->named_signers()) {
    if (!held(signer)) {
      found.notes.push_back("the signer " + signer +
                            " is not in the keystore: add it with `sifctl signer add`");
    }
  }
  for (const SignerRequirement& required : found.decision->signers()) {
    const bool any = required.any_of.empty() ||
                     std::any_of(required.any_of.begin(), required.any_of.end(), held);
    const bool all = std::all_of(required.all_of.begin(), required.all_of.end(), held);
    if (!any || !all) found.refusals.emplace_back("a signer's key is missing from the keystore");
  }
  return {};
}

/// What the helper asks of the key when it comes to release it.
void check_key(const Keystore& keystore, Explanation& found) {
  if (!found.decision->key()) return;
  if (found.decision->mode() == Mode::warn) {
    found.refusals.emplace_back("mode warn never releases a key");
    return;
  }
  auto key = keystore.find_key(*found.decision->key());
  if (!key) {
    found.refusals.push_back(key.error().what());
    return;
  }
  found.key = *std::move(key);
  const KeyRule& rule = found.key->rule;
  const KeyRuleView view{rule.signers, rule.users, rule.groups, rule.everyone};
  const Status allowed =
      check_key_rule(view, found.facts.user, found.facts.groups, found.decision->named_signers());
  found.key_says = allowed ? "allows user " + found.facts.user : allowed.error().what();
  if (!allowed) found.refusals.push_back(allowed.error().what());
  const KeyState state = found.key->state;
  if (state != KeyState::active && state != KeyState::retired) {
    found.refusals.push_back("the key is " + std::string(key_state_name(state)));
  }
  if (!found.key->has_private) found.refusals.emplace_back("only the key's public half is held");
}

Result<Explanation> find_out(const Policy& policy, const Keystore& keystore, Facts facts) {
  Explanation found;
  found.facts = std::move(facts);
  for (const Binding& binding : policy.bindings) {
    std::string pattern = matched_pattern(binding, found.facts);
    if (pattern.empty()) continue;
    found.matching.emplace_back(&binding, std::move(pattern));
    note_unknown_facts(binding, found);
  }
  auto decision = decide(policy, found.facts);
  if (!decision) {
    found.refusals.push_back(decision.error().what());
    return found;
  }
  found.decision = *std::move(decision);
  SG_CHECK(check_signers(keystore, found));
  check_key(keystore, found);
  return found;
}

std::string joined(const Values& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : " ") + value;
  return text;
}

std::string describe_match(const Binding& binding, const std::string& pattern) {
  std::string text = "'" + binding.name + "' (" + std::string(kImagesFile) + ":" +
                     std::to_string(binding.line) + ") matches " + pattern + "; allows " +
                     describe_audience(binding.allow);
  if (binding.deny) text += "; denies " + describe_audience(*binding.deny);
  if (binding.not_after) {
    text += "; until " + format_date(*binding.not_after, DayEdge::last_second);
  }
  return text;
}

void print_text(const Session& session, const Explanation& found) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"image", found.facts.image_names[0]},
      {"found as", found.facts.image_names.size() > 1 ? found.facts.image_names[1] : ""},
      {"user", found.facts.user},
      {"groups", joined(found.facts.groups)}};
  for (const auto& [binding, pattern] : found.matching) {
    fields.emplace_back("binding", describe_match(*binding, pattern));
  }
  if (found.decision) {
    for (const SignerRequirement& required : found.decision->signers()) {
      std::string after;
      if (required.signed_after) {
        after = ", after " + format_date(*required.signed_after, DayEdge::first_second);
      }
      fields.emplace_back("signed by", describe_signers(required) + after);
    }
    fields.emplace_back("digest", found.decision->digest().value_or(""));
    fields.emplace_back("mode", found.decision->mode() == Mode::warn ? "warn" : "enforce");
  }
  if (found.key) {
    fields.emplace_back("key", found.key->name);
    fields.emplace_back("key id", found.key->id);
    fields.emplace_back("thumbprint", found.key->thumbprint);
    fields.emplace_back("key state", std::string(key_state_name(found.key->state)));
    fields.emplace_back("key's rule", found.key_says);
  }
  for (const std::string& note : found.notes) fields.emplace_back("note", note);
  for (const std::string& refusal : found.refusals) fields.emplace_back("refused", refusal);
  if (found.refusals.empty()) {
    fields.emplace_back("allowed", "if the image is signed as above; signatures were not checked");
  }
  session.print_fields(fields);
}

void print_json(const Session& session, const Explanation& found) {
  Json bindings = Json::array();
  for (const auto& [binding, pattern] : found.matching) {
    bindings.push_back({{"name", binding->name}, {"line", binding->line}, {"pattern", pattern}});
  }
  Json signers = Json::array();
  Json mode = nullptr;
  Json digest = nullptr;
  if (found.decision) {
    for (const SignerRequirement& required : found.decision->signers()) {
      Json after = nullptr;
      if (required.signed_after) after = format_utc(*required.signed_after);
      signers.push_back(
          {{"any_of", required.any_of}, {"all_of", required.all_of}, {"signed_after", after}});
    }
    mode = found.decision->mode() == Mode::warn ? "warn" : "enforce";
    if (found.decision->digest()) digest = *found.decision->digest();
  }
  Json key = nullptr;
  if (found.key) {
    key = {{"name", found.key->name},
           {"id", found.key->id},
           {"thumbprint", found.key->thumbprint},
           {"state", key_state_name(found.key->state)},
           {"rule", found.key_says}};
  }
  session.print_json({{"decision", found.refusals.empty() ? "allow" : "refuse"},
                      {"refusals", found.refusals},
                      {"notes", found.notes},
                      {"image", found.facts.image_names},
                      {"user", found.facts.user},
                      {"groups", found.facts.groups},
                      {"bindings", bindings},
                      {"signers", signers},
                      {"digest", digest},
                      {"mode", mode},
                      {"key", key}});
}

Status explain(Session& session, const ExplainOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string text, keystore.images_text());
  SG_TRY(const Policy policy, parse_policy(text));
  SG_TRY(Facts facts, facts_of(options));
  SG_TRY(const Explanation found, find_out(policy, keystore, std::move(facts)));
  if (session.json) {
    print_json(session, found);
  } else {
    print_text(session, found);
  }
  if (!found.refusals.empty()) session.status = static_cast<int>(Code::denied);
  return {};
}

}  // namespace

void add_explain_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("explain", "Would this user's job get this image, and why?");
  command->footer(R"(
What a binding asks about the job and is not given here counts as unknown, and refuses.
  sifctl explain --user alice --image /apps/secure/lolcow.sif --partition secure
Exit status: 0 allowed, 77 refused.)");
  const auto o = std::make_shared<ExplainOptions>();
  command->add_option("--user", o->user, "Whose job")->required()->type_name("USER");
  command->add_option("image,--image", o->image, "Path or URI")->required()->type_name("IMAGE");
  command->add_option("--account", o->account, "The job's Slurm account");
  command->add_option("--partition", o->partition, "The job's partition");
  command->add_option("--qos", o->qos, "The job's QOS");
  command->add_option("--reservation", o->reservation, "The job's reservation; '' for none");
  command->add_option("--node", o->node, "The node it runs on");
  session.offer_json(command);
  session.on(command, [&session, o] { return explain(session, *o); });
}

}  // namespace sifguard
