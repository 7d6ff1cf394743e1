// The options of `sifctl setup`. Runs with the rights of the admin.
#include "keystore/cli/setup_options.h"

#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/cli/init.h"
#include "keystore/cli/signer_output.h"
#include "keystore/policy/image_pattern.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

void add_keystore_options(CLI::App& command, SetupWanted& o) {
  command.add_option("--seal", o.seal, "How the store key is kept, as for sifctl init")
      ->type_name("METHOD")
      ->capture_default_str();
  auto* const signer = command.add_option("--signer", o.signer.file,
                                          "Public key or certificate of an image builder");
  signer->type_name("FILE");
  command.add_option("--fingerprint", o.signer.fingerprint, "Which key of an OpenPGP file")
      ->type_name("FPR")
      ->needs(signer);
  command.add_option("--label", o.signer.label, "A name for a raw public key")
      ->type_name("TEXT")
      ->needs(signer);
  auto* const key = command.add_option("--key", o.key, "Key for encrypted images, made if missing");
  key->type_name("NAME");
  command.add_option("--bits", o.bits, "Size of that key")
      ->type_name("2048|3072|4096")
      ->check(CLI::IsMember({"2048", "3072", "4096"}))
      ->capture_default_str();
  command
      .add_option("--public-key", o.public_key,
                  "File for its public half; else /etc/sifguard/KEY-public.pem")
      ->type_name("FILE")
      ->needs(key);
}

void add_binding_options(CLI::App& command, BindOptions& o) {
  auto* const bind =
      command.add_option("--bind", o.name, "Name of a binding of that signer and key");
  bind->type_name("NAME");
  auto* const match = command.add_option("--match", o.match, "Images, as for sifctl image bind");
  match->type_name("PATTERN")->needs(bind);
  bind->needs(match);
  o.audience.offer(command);
  for (CLI::Option* const each : command.get_options()) {
    if (each->get_group() == "Who may run it") each->needs(bind);
  }
}

void add_host_options(CLI::App& command, SetupOptions& o) {
  command.add_option("--skip", o.skip, "Leave this step out, on a host without jobs")
      ->check(CLI::IsMember({kAccountStep, kPluginStep}))
      ->type_name("STEP");
  command.add_option("--slurm-conf", o.slurm_conf, "Slurm's configuration; else Slurm's default")
      ->type_name("FILE");
  command.add_option("--config", o.config, "The node's configuration")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_flag("--no-test", o.no_test, "Run no job at the end");
  command.add_option("--test-user", o.test_user, "Who runs the jobs at the end")->type_name("USER");
  command.add_flag("--yes", o.yes, "Ask nothing, and do only what the options say");
}

Status check_binding(const BindOptions& bind) {
  if (bind.name.empty()) return {};
  for (const std::string& pattern : bind.match) {
    if (const auto good = canonical_pattern(pattern); !good) return tl::unexpected(good.error());
  }
  const auto allow = bind.audience.allow();
  return allow ? Status() : tl::unexpected(allow.error());
}

}  // namespace

void offer_setup_options(CLI::App& command, SetupOptions& options) {
  add_keystore_options(command, options.wanted);
  add_binding_options(command, options.wanted.bind);
  add_host_options(command, options);
}

Status check_wanted(const SetupWanted& wanted) {
  if (const auto seal = parse_seal_options(wanted.seal); !seal) {
    return tl::unexpected(seal.error());
  }
  if (!wanted.key.empty() && !is_name(wanted.key)) {
    return fail(Code::usage, "not a usable name for a key: '" + wanted.key + "'",
                "use 1 to 64 of A-Z a-z 0-9 . _ -, not starting with . or -");
  }
  if (!wanted.signer.file.empty()) {
    const auto file = read_input_text(wanted.signer.file, kMaxSignerFile);
    if (!file) return tl::unexpected(file.error());
  }
  return check_binding(wanted.bind);
}

void name_public_key(SetupWanted& wanted) {
  const std::string config = SIFGUARD_CONFIG_FILE;
  if (!wanted.public_key.empty() || wanted.key.empty()) return;
  wanted.public_key = config.substr(0, config.rfind('/') + 1) + wanted.key + "-public.pem";
}

}  // namespace sifguard
