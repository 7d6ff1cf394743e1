// sifctl explain: what would be decided for a user and an image, and why. Runs with the rights of
// the admin; changes nothing. It calls the same functions as the helper, with the facts on the
// command line, and stops where the helper would open the image: signatures are not checked, only
// whether any could count now, and whether a local file is encrypted in a way that no job can open.
// With --verify sifguard-explain continues from there.
#include "keystore/cli/commands.h"

#include <time.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/exit_status.h"
#include "keystore/base/text.h"
#include "keystore/cli/breakglass.h"
#include "keystore/cli/explain_program.h"
#include "keystore/cli/explain_standing.h"
#include "keystore/cli/explanation.h"
#include "keystore/cli/host_facts.h"
#include "keystore/cli/session.h"
#include "keystore/doctor/passphrase_image.h"
#include "keystore/policy/date.h"
#include "keystore/policy/describe_binding.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

/// The command line, as typed.
struct ExplainOptions {
  bool verify = false;
  std::string config = SIFGUARD_CONFIG_FILE;
  std::string user, image;
  std::optional<std::string> account, partition, qos, reservation, node;
};

Result<Facts> facts_of(const ExplainOptions& options) {
  Facts facts;
  facts.user = options.user;
  SG_TRY(facts.groups, groups_of_user(options.user));
  SG_TRY(facts.image_names, names_of_image(options.image));
  facts.account = options.account;
  facts.partition = options.partition;
  facts.qos = options.qos;
  facts.reservation = options.reservation;
  facts.node = options.node;
  facts.now = ::time(nullptr);
  return facts;
}

std::string in_one_line(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : " ") + value;
  return text;
}

std::string describe_match(const Binding& binding, const std::string& pattern, bool sure) {
  std::string text = "'" + binding.name + "' (" + std::string(kImagesFile) + ":" +
                     std::to_string(binding.line) + ") " +
                     (sure ? "matches " : "may be for it, by ") + pattern + "; allows " +
                     describe_audience(binding.allow);
  if (binding.deny) text += "; denies " + describe_audience(*binding.deny);
  if (binding.not_before) {
    text += "; from " + format_date(*binding.not_before, DayEdge::first_second);
  }
  if (binding.not_after) {
    text += "; until " + format_date(*binding.not_after, DayEdge::last_second);
  }
  return text;
}

void print_text(const Session& session, const Explanation& found,
                const std::optional<VerifiedAnswer>& verified) {
  const auto& known = found.facts.image_names.known;
  std::vector<std::pair<std::string, std::string>> fields = {
      {"image", known[0].text()},
      {"found as", known.size() > 1 ? known[1].text() : ""},
      {"user", found.facts.user},
      {"groups", in_one_line(found.facts.groups)}};
  for (const auto& [binding, pattern] : found.matching) {
    fields.emplace_back(
        "binding", describe_match(*binding, pattern, selects(*binding, found.facts.image_names)));
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
    for (const std::string& id : found.break_glass) fields.emplace_back("break-glass", id);
    fields.emplace_back("mode", found.decision->mode() == Mode::warn ? "warn" : "enforce");
    const auto& release = found.decision->release();
    fields.emplace_back("release", release ? std::string(release_name(*release))
                                           : "as the node's sifguard.yaml says");
  }
  for (const KeyOutcome& key : found.keys) {
    fields.emplace_back("key", key.record.name);
    fields.emplace_back("key id", key.record.id);
    fields.emplace_back("thumbprint", key.record.thumbprint);
    fields.emplace_back("key state", std::string(key_state_name(key.record.state)));
    fields.emplace_back("key's rule", key.says);
  }
  for (const std::string& note : found.notes) fields.emplace_back("note", note);
  for (const std::string& refusal : found.refusals) fields.emplace_back("refused", refusal);
  if (verified) {
    add_fields(*verified, fields);
  } else if (found.allowed()) {
    fields.emplace_back("allowed", "if the image is signed as above; signatures were not checked");
  }
  session.print_fields(fields);
}

std::vector<std::string> texts_of(const std::vector<ImageName>& names) {
  std::vector<std::string> texts;
  for (const ImageName& name : names) texts.push_back(name.text());
  return texts;
}

void answer(const Session& session, const Explanation& found,
            const std::optional<VerifiedAnswer>& verified) {
  Json bindings = Json::array();
  for (const auto& [binding, pattern] : found.matching) {
    bindings.push_back({{"name", binding->name}, {"line", binding->line}, {"pattern", pattern}});
  }
  Json signers = Json::array();
  Json mode = nullptr;
  Json release = nullptr;
  Json digest = nullptr;
  if (found.decision) {
    for (const SignerRequirement& required : found.decision->signers()) {
      Json after = nullptr;
      if (required.signed_after) after = format_utc(*required.signed_after);
      signers.push_back({{"any_of", required.any_of},
                         {"all_of", required.all_of},
                         {"signed_after", after},
                         {"legacy", required.legacy},
                         {"signatures", required.no_strangers ? "all" : "any"}});
    }
    mode = found.decision->mode() == Mode::warn ? "warn" : "enforce";
    if (found.decision->release()) release = release_name(*found.decision->release());
    if (found.decision->digest()) digest = *found.decision->digest();
  }
  Json keys = Json::array();
  for (const KeyOutcome& key : found.keys) {
    keys.push_back({{"name", key.record.name},
                    {"id", key.record.id},
                    {"thumbprint", key.record.thumbprint},
                    {"state", key_state_name(key.record.state)},
                    {"usable", key.usable},
                    {"rule", key.says}});
  }
  const bool allowed = verified ? verified->status == 0 : found.allowed();
  session.answer("explanation", {{"decision", allowed ? "allow" : "refuse"},
                                 {"refusals", found.refusals},
                                 {"notes", found.notes},
                                 {"image", texts_of(found.facts.image_names.known)},
                                 {"user", found.facts.user},
                                 {"groups", found.facts.groups},
                                 {"bindings", bindings},
                                 {"signers", signers},
                                 {"digest", digest},
                                 {"break_glass", found.break_glass},
                                 {"mode", mode},
                                 {"release", release},
                                 {"keys", keys},
                                 {"verified", verified ? Json(verified->json) : Json(nullptr)}});
}

Result<VerifiedAnswer> verify_on_node(const Session& session, const ExplainOptions& options) {
  SG_TRY(const std::string keystore, session.absolute_keystore_directory());
  VerifyQuestion question{options.user, options.image, options.config, keystore, {}};
  const auto add = [&](const char* option, const std::optional<std::string>& value) {
    if (value) question.facts.insert(question.facts.end(), {option, *value});
  };
  add("--account", options.account);
  add("--partition", options.partition);
  add("--qos", options.qos);
  add("--reservation", options.reservation);
  add("--node", options.node);
  return ask_explain_program(question);
}

Status explain(Session& session, const ExplainOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(Facts facts, facts_of(options));
  SG_TRY(Rules rules, read_rules_for(keystore, open_references(facts.image_names.known)));
  SG_TRY(rules.policy.break_glass, read_break_glass(keystore, rules.policy));
  Explanation found = explain_launch(rules, std::move(facts));
  const std::string& file = found.facts.image_names.known.back().text();
  if (is_passphrase_image(file)) {
    found.refusals.push_back(passphrase_problem(file) + "; " + kPassphraseRemedy);
  }
  SG_CHECK(add_standing(session, keystore, options.config, rules, found));
  std::optional<VerifiedAnswer> verified;
  if (options.verify) {
    SG_TRY(verified, verify_on_node(session, options));
  }
  answer(session, found, verified);
  print_text(session, found, verified);
  if (verified) {
    session.status = verified->status;
  } else if (!found.allowed()) {
    session.status = command_status(Code::denied);
  }
  return {};
}

}  // namespace

void add_explain_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("explain", "Would this user's job get this image, and why?");
  command->footer(R"(
Facts about the job that a binding needs and that are not given here are unknown, which refuses. With --verify, as
root on a node, the image is opened as that user, examined in the verifier's sandbox and judged as a launch
would: nothing is launched, cached or released, and the exit status is the launch's (64 to 78).
  sifctl explain --user alice --image /apps/secure/lolcow.sif --partition secure
  sifctl explain --user alice --image /apps/secure/lolcow.sif --verify
Exit status: 0 allowed, 77 refused; with --verify the one of the launch.)");
  const auto o = std::make_shared<ExplainOptions>();
  command->add_option("--user", o->user, "Whose job")->required()->type_name("USER");
  command->add_option("image,--image", o->image, "Path or URI")->required()->type_name("IMAGE");
  command->add_option("--account", o->account, "The job's Slurm account");
  command->add_option("--partition", o->partition, "The job's partition");
  command->add_option("--qos", o->qos, "The job's QOS");
  command->add_option("--reservation", o->reservation, "The job's reservation; '' for none")
      ->type_name("NAME|''");
  command->add_option("--node", o->node, "The node it runs on");
  command->add_flag("--verify", o->verify, "Open the image and judge it, as a launch would");
  command->add_option("--config", o->config, "The node's configuration")
      ->type_name("FILE")
      ->capture_default_str();
  session.on_read(command, [&session, o] { return explain(session, *o); });
}

}  // namespace sifguard
