// Adding a binding, for `image bind` and `setup`. Runs with the rights of the admin.
#include "keystore/cli/image_bind.h"

#include <nlohmann/json.hpp>

#include "keystore/base/contains.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/cli/binding_json.h"
#include "keystore/cli/breakglass.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/known_accounts.h"
#include "keystore/cli/named_signers.h"
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

/// The binding as it would stand in images.yaml, and what would become of the key's rule.
void tell_plan(const Session& session, const Bound& bound) {
  const BindPlan& plan = bound.plan;
  if (bound.is_unchanged()) {
    return session.unchanged("the binding '" + plan.name + "' says this already");
  }
  session.out(std::string("not done: --dry-run; this would be ") +
              (plan.how == PutBinding::replaced ? "put in its place:\n" : "added:\n") +
              format_binding(bound.written, 2));
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

}  // namespace

bool Bound::is_unchanged() const noexcept {
  return plan.how == PutBinding::unchanged && !plan.rule;
}

Result<Bound> put_bound(const Session& session, Keystore& keystore, const BindOptions& options) {
  SG_TRY(const auto held, lock_images(keystore));
  SG_TRY(const std::string text, images_or_none(keystore));
  Bound bound;
  SG_TRY(bound.asked, binding_of(options, keystore));
  SG_TRY(const auto keys, keystore.keys());
  SG_TRY(bound.plan, plan_bind(text, bound.asked, options.key, keys, options.replace));
  SG_TRY(bound.others, others_of(bound.plan, keys));
  SG_TRY(const Policy policy, parse_policy(bound.plan.images));
  bound.written = binding_of(bound.plan, policy);
  tell_of_files(session, bound.asked);
  if (!bound.is_unchanged()) SG_CHECK(carry_out(session, keystore, text, bound.plan));
  return bound;
}

Status tell_about(const Session& session, const Keystore& keystore, const BindOptions& options,
                  const Bound& bound) {
  tell_cleaned(session, options, bound.asked);
  tell_others(session, bound.others);
  tell_of_key(session, options, bound.plan, bound.asked);
  UnknownAccounts accounts;
  accounts.add(bound.asked);
  accounts.tell(session);
  SG_CHECK(note_unfit(session, keystore, bound.asked.signers.any_of));
  return note_unfit(session, keystore, bound.asked.signers.all_of);
}

Status bind_image(const Session& session, const BindOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const Bound bound, put_bound(session, keystore, options));
  session.answer("binding", binding_to_json(bound.written));
  if (session.dry_run || bound.is_unchanged()) {
    tell_plan(session, bound);
    tell_others(session, bound.others);
    return {};
  }
  const bool replaced = bound.plan.how == PutBinding::replaced;
  session.out((replaced ? "replaced " : "bound ") + bound.asked.name + "\n");
  return tell_about(session, keystore, options, bound);
}

}  // namespace sifguard
