// sifctl image bind|unbind. Runs with the rights of the admin.
//
// `bind` writes the key's rule first and images.yaml last: a crash in between leaves a rule that no
// binding uses, which grants nothing.
#include "keystore/cli/commands.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/contains.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/cli/audience_options.h"
#include "keystore/cli/bind_others.h"
#include "keystore/cli/bind_plan.h"
#include "keystore/cli/binding_json.h"
#include "keystore/cli/breakglass.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/known_accounts.h"
#include "keystore/cli/named_signers.h"
#include "keystore/cli/session.h"
#include "keystore/doctor/passphrase_image.h"
#include "keystore/policy/date.h"
#include "keystore/policy/describe_binding.h"
#include "keystore/policy/images_edit.h"
#include "keystore/policy/key_rule.h"
#include "keystore/policy/policy.h"
#include "keystore/store/images_file.h"
#include "keystore/store/policy_reader.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

/// The command line of `image bind`, as typed.
struct BindOptions {
  std::string name;
  Values match, signers;
  bool all_signers = false;
  std::string key, digest, not_before, not_after, signed_after;
  std::string mode = "enforce";
  std::string release;
  AudienceOptions audience;
  Values runtime_allow, binds;
  bool contain = false;
  bool preloaded = false;
  bool replace = false;
};

Result<SignerRequirement> signers_of(const BindOptions& options, const Keystore& keystore) {
  SignerRequirement required;
  const bool all = options.all_signers && options.signers.size() > 1;
  Values& names = all ? required.all_of : required.any_of;
  SG_TRY(names, named_signers(options.signers, keystore));
  if (!options.signed_after.empty()) {
    SG_TRY(required.signed_after, parse_date(options.signed_after, DayEdge::first_second));
  }
  return required;
}

Result<RuntimeRule> runtime_of(const BindOptions& options) {
  RuntimeRule rule;
  if (options.runtime_allow == Values{"none"}) {
    rule.allow.emplace();
  } else if (!options.runtime_allow.empty()) {
    rule.allow = options.runtime_allow;
  }
  rule.binds = options.binds;
  rule.contain = options.contain;
  return rule;
}

Result<Binding> binding_of(const BindOptions& options, const Keystore& keystore) {
  Binding binding;
  binding.name = options.name;
  binding.match = options.match;
  SG_TRY(binding.allow, options.audience.allow());
  SG_TRY(binding.signers, signers_of(options, keystore));
  if (!options.digest.empty()) {
    // What is no digest is refused with the binding.
    binding.digest = pasted_digest(options.digest).value_or(options.digest);
  }
  if (!options.not_before.empty()) {
    SG_TRY(binding.not_before, parse_date(options.not_before, DayEdge::first_second));
  }
  if (!options.not_after.empty()) {
    SG_TRY(binding.not_after, parse_date(options.not_after, DayEdge::last_second));
  }
  SG_TRY(binding.deny, options.audience.deny());
  binding.mode = options.mode == "warn" ? Mode::warn : Mode::enforce;
  if (binding.mode == Mode::warn && !options.key.empty()) {
    return fail(Code::usage, "--mode warn never releases a key, so --key is of no use with it",
                "leave one of them out");
  }
  binding.release = release_of(options.release);
  binding.preloaded = options.preloaded;
  SG_TRY(binding.runtime, runtime_of(options));
  return binding;
}

bool is_unchanged(const BindPlan& plan) {
  return plan.how == PutBinding::unchanged && !plan.rule;
}

/// The binding as it would stand in images.yaml, and what would become of the key's rule.
void tell_plan(const Session& session, const BindPlan& plan, const Binding& binding) {
  if (is_unchanged(plan))
    return session.unchanged("the binding '" + plan.name + "' says this already");
  session.out(std::string("not done: --dry-run; this would be ") +
              (plan.how == PutBinding::replaced ? "put in its place:\n" : "added:\n") +
              format_binding(binding, 2));
  if (plan.rule) {
    session.out("and the rule of the key '" + plan.key->name + "' would be set: signers " +
                describe_signers(*plan.rule) + "; users " + describe_audience(*plan.rule) + "\n");
  }
}

/// Of patterns that are the name of a file here: whether it can be run at all.
void tell_of_files(const Session& session, const Binding& binding) {
  for (const std::string& pattern : binding.match) {
    if (!is_passphrase_image(pattern)) continue;
    session.note(passphrase_problem(pattern) + "; " + kPassphraseRemedy);
  }
}

/// What was cleaned, as it counts now.
void tell_cleaned(const Session& session, const BindOptions& options, const Binding& binding) {
  const auto is_typed = [&](const std::string& name) { return contains(options.signers, name); };
  for (const Values* names : {&binding.signers.any_of, &binding.signers.all_of}) {
    for (const std::string& name : *names) {
      if (!is_typed(name)) session.out("signer " + printable(name) + "\n");
    }
  }
  if (binding.digest && *binding.digest != options.digest) {
    session.out("digest " + *binding.digest + "\n");
  }
}

/// A rule without its binding would refuse another binding later.
tl::unexpected<Error> take_rule_back(Keystore& keystore, const BindPlan& plan, Error error) {
  const auto text = keystore.images_text();
  const bool is_bound = text && *text == plan.images;
  if (is_bound || !plan.rule || keystore.set_key_rule(plan.key->id, KeyRule())) {
    return tl::unexpected(std::move(error));
  }
  return tl::unexpected(
      error.reworded(error.what() + ", but the rule of the key '" + plan.key->name + "' is set",
                     "repeat the command, or see sifctl key rule"));
}

Status carry_out(const Session& session, Keystore& keystore, const std::string& before,
                 const BindPlan& plan) {
  SG_CHECK(void_break_glass(session, keystore, before, plan.images));
  if (plan.rule) SG_CHECK(keystore.set_key_rule(plan.key->id, *plan.rule));
  if (plan.how == PutBinding::unchanged) return {};
  if (Status bound = keystore.replace_images_text(plan.images); !bound) {
    return take_rule_back(keystore, plan, std::move(bound).error());
  }
  return {};
}

void tell_of_key(const Session& session, const BindOptions& options, const BindPlan& plan,
                 const Binding& binding) {
  if (!plan.key) return;
  if (key_rule_for(binding).everyone && !options.audience.everyone()) {
    session.note("any user may use the key '" + plan.key->name +
                 "': limits other than users and groups gate launches, not the key");
  }
  if (plan.key->state == KeyState::retired) {
    session.note("the key '" + plan.key->name + "' is retired: encrypt no new image for it");
  }
}

Status bind_image(const Session& session, const BindOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const auto held, lock_images(keystore));
  SG_TRY(const std::string text, images_or_none(keystore));
  SG_TRY(const Binding binding, binding_of(options, keystore));
  SG_TRY(const auto keys, keystore.keys());
  SG_TRY(const BindPlan plan, plan_bind(text, binding, options.key, keys, options.replace));
  SG_TRY(const BindOthers others, others_of(plan, keys));
  SG_TRY(const Policy policy, parse_policy(plan.images));
  session.answer("binding", binding_to_json(binding_of(plan, policy)));
  tell_of_files(session, binding);
  if (!is_unchanged(plan)) SG_CHECK(carry_out(session, keystore, text, plan));
  if (session.dry_run || is_unchanged(plan)) {
    tell_plan(session, plan, binding_of(plan, policy));
    tell_others(session, others);
    return {};
  }
  session.out((plan.how == PutBinding::replaced ? "replaced " : "bound ") + binding.name + "\n");
  tell_cleaned(session, options, binding);
  tell_others(session, others);
  tell_of_key(session, options, plan, binding);
  UnknownAccounts accounts;
  accounts.add(binding);
  accounts.tell(session);
  SG_CHECK(note_unfit(session, keystore, binding.signers.any_of));
  return note_unfit(session, keystore, binding.signers.all_of);
}

Status unbind_image(const Session& session, const std::string& name) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const auto held, lock_images(keystore));
  SG_TRY(const std::string text, images_or_none(keystore));
  SG_TRY(const std::string changed, remove_binding(text, name));
  SG_TRY(const Policy before, parse_policy(text));
  for (const Binding& one : before.bindings) {
    if (one.name == name) session.answer("binding", binding_to_json(one));
  }
  SG_CHECK(void_break_glass(session, keystore, text, changed));
  SG_CHECK(keystore.replace_images_text(changed));
  session.out("unbound " + name + (session.dry_run ? ", not done: --dry-run" : "") + "\n");
  return {};
}

void add_runtime_options(CLI::App& command, BindOptions& o) {
  command.add_option("--runtime-allow", o.runtime_allow, "What users may ask for; none: nothing")
      ->check(CLI::IsMember({"bind", "env", "nv", "rocm", "none"}))
      ->group("How it runs");
  command.add_option("--bind", o.binds, "Always bound into the container")
      ->type_name("SRC[:DST[:ro]]")
      ->group("How it runs");
  command.add_flag("--contain", o.contain, "Always with --contain")->group("How it runs");
}

void add_bind(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("bind", "Say who may run an image, signed by whom");
  command->footer(R"(
A job must match all kinds of --allow that are given, and of each kind any one value. The first binding of
a key sets the key's rule (its signers and users); later ones may not allow more. If other bindings match
the same images, all must allow: they are named, with who is left, and it is an error if nobody is. An
equal binding of this name is left unchanged; a different one is replaced only with --replace.
  sifctl image bind lolcow --match '/apps/secure/lolcow*.sif' --signer FPR --key lolcow \
         --allow-group bio --allow-partition secure
  sifctl image bind tools --match '/apps/tools/**' --signer FPR --everyone)");
  const auto o = std::make_shared<BindOptions>();
  command->add_option("name", o->name, "Name of the binding")->required()->type_name("NAME");
  command->add_option("--match", o->match, "Absolute path patterns (quote them) or URIs")
      ->required()
      ->type_name("PATTERN");
  command
      ->add_option("--signer", o->signers,
                   "Fingerprints or other ids of `signer list`; one must have signed")
      ->required()
      ->type_name("FPR");
  command->add_flag("--all-signers", o->all_signers, "All of them must have signed");
  command->add_option("--key", o->key, "What decrypts it: a key's name, id or thumbprint")
      ->type_name("KEY");
  command->add_option("--digest", o->digest, "This one file only")->type_name("sha256:HEX");
  command->add_option("--signed-after", o->signed_after, "Refuse older signatures")
      ->type_name("DATE");
  command->add_option("--not-before", o->not_before, "The first day of this binding")
      ->type_name("DATE");
  command->add_option("--not-after", o->not_after, "The last day of this binding")
      ->type_name("DATE");
  command->add_option("--mode", o->mode, "warn lets unencrypted images run with a warning")
      ->check(CLI::IsMember({"enforce", "warn"}))
      ->capture_default_str();
  command
      ->add_option("--release", o->release,
                   "pem: a key of this copy for the runtime; mount: none, the node decrypts")
      ->check(CLI::IsMember({"pem", "mount"}));
  command->add_flag("--preloaded", o->preloaded, "Only if `image prefetch` has staged it");
  o->audience.offer(*command);
  add_runtime_options(*command, *o);
  command->add_flag("--replace", o->replace, "In place of the binding of this name");
  Session::offer_dry_run(command);
  session.on_change(command, [&session, o] { return bind_image(session, *o); });
}

void add_unbind(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("unbind", "Remove a binding; its key keeps its rule");
  command->footer("\n  sifctl image unbind lolcow");
  const auto name = std::make_shared<std::string>();
  command->add_option("name", *name, "Name of the binding")->required()->type_name("NAME");
  Session::offer_dry_run(command);
  session.on_closing(command, [&session, name] { return unbind_image(session, *name); });
}

}  // namespace

void add_image_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("image", "Which images may run, and for whom");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  add_bind(*group, session);
  add_unbind(*group, session);
  add_image_list(*group, session);
  add_image_prefetch(*group, session);
  add_image_publish(*group, session);
}

}  // namespace sifguard
