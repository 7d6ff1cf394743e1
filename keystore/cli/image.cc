// sifctl image bind|unbind. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/cli/binding_json.h"
#include "keystore/cli/breakglass.h"
#include "keystore/cli/image_bind.h"
#include "keystore/cli/session.h"
#include "keystore/policy/images_edit.h"
#include "keystore/policy/policy.h"
#include "keystore/store/images_file.h"
#include "keystore/store/policy_reader.h"

namespace sifguard {
namespace {

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
