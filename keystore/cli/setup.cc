// sifctl setup: from installed packages to the first job. Runs with the rights of the admin, root
// on a node.
//
// Each step calls the function of the command that does only this step, and finds out whether it is
// done already. So if it is interrupted, or a step fails, running it again finishes the rest.
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/contains.h"
#include "keystore/base/held_signals.h"
#include "keystore/base/json_values.h"
#include "keystore/base/text.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/confirm.h"
#include "keystore/cli/init.h"
#include "keystore/cli/setup_ask.h"
#include "keystore/cli/setup_host.h"
#include "keystore/cli/setup_options.h"
#include "keystore/cli/setup_report.h"
#include "keystore/cli/setup_srun.h"
#include "keystore/policy/config.h"
#include "keystore/store/policy_reader.h"

namespace sifguard {
namespace {

constexpr int kIncomplete = 1;

SetupStep left_out(const std::string& name) {
  return {StepState::skipped, "--skip " + name};
}

Result<SetupStep> image_step(const Session& session, const TrialPlan& plan) {
  const auto keystore = session.keystore();
  const auto reader = keystore ? PolicyReader::load(*keystore)
                               : Result<PolicyReader>(tl::unexpected(keystore.error()));
  if (!reader && session.dry_run) return SetupStep{StepState::skipped, "--dry-run"};
  if (!reader) return SetupStep{StepState::missing, "waits for the keystore"};
  SG_TRY(const Policy policy, reader->all());
  return try_image(session, plan, policy);
}

void run_trials(const Session& session, const SetupOptions& options, const Config& config,
                bool plugin_ready, SetupReport& report) {
  if (options.no_test) {
    report.add("test", SetupStep{StepState::skipped, "--no-test"});
    return;
  }
  const TrialPlan plan{config, options.test_user, options.wanted.bind.name};
  const StepState plain = report.add("test", try_plain(session, plan));
  if (plain == StepState::failed || plain == StepState::missing) return;
  // srun knows the option only with the plugin.
  report.add("image test", plugin_ready ? image_step(session, plan)
                                        : SetupStep{StepState::missing, "waits for the plugin"});
}

/// What later steps need to know.
struct StepsDone {
  std::string store_key;
  bool plugin_ready = false;
};

StepsDone run_steps(Session& session, const SetupOptions& options, const Config& config,
                    SetupReport& report) {
  const auto skips = [&](const char* name) { return contains(options.skip, name); };
  report.add(kAccountStep,
             skips(kAccountStep) ? left_out(kAccountStep) : set_up_account(session, config));
  KeystoreSetup keystore(session, options.wanted);
  if (report.add("keystore", keystore.keystore()) == StepState::done && !session.dry_run) {
    session.out("  store key: " + printable(keystore.store_key()) + "\n  " + kBackupWanted);
  }
  report.add("signer", keystore.signer());
  report.add("key", keystore.key());
  report.add("public key", keystore.public_key());
  report.add("binding", keystore.binding());
  // Last, so that Slurm loads the plugin only when the keystore is ready.
  const StepState plugin =
      report.add(kPluginStep, skips(kPluginStep) ? left_out(kPluginStep)
                                                 : set_up_plugin(session, options.slurm_conf));
  return {keystore.store_key(), plugin != StepState::missing && plugin != StepState::failed};
}

void tell_next(const Session& session, const SetupWanted& wanted) {
  if (wanted.key.empty()) return;
  session.out("next: apptainer build --encrypt --pem-path=" + printable(wanted.public_key) +
              " IMAGE DEFINITION; apptainer sign IMAGE; srun --sif-verify=IMAGE COMMAND\n");
}

void tell_end(const Session& session, const SetupReport& report) {
  if (report.changes() && session.dry_run) session.out("not done: --dry-run\n");
  if (report.changes()) return;
  session.unchanged(report.complete() ? "this host is set up" : "something is missing, see above");
}

void answer(const Session& session, const SetupReport& report, const std::string& store_key) {
  nlohmann::ordered_json object = {{"keystore", session.absolute_keystore_directory().value_or("")},
                                   {"store_key", text_or_null(store_key)},
                                   {"complete", report.complete()},
                                   {"steps", report.to_json()}};
  session.answer("setup", std::move(object));
  session.keep_answer();
}

/// Shows what would be done, and asks whether to do it.
Status ask_whether(Session& session, const SetupOptions& options, const Config& config) {
  session.dry_run = true;
  SetupReport planned(session);
  run_steps(session, options, config, planned);
  session.dry_run = false;
  return planned.changes() ? confirm("", "yes") : Status();
}

Status ask_all(Session& session, SetupOptions& options, const Config& config) {
  SG_CHECK(check_terminal());
  SG_CHECK(ask_what_is_missing(session, options.wanted));
  SG_CHECK(check_wanted(options.wanted));
  name_public_key(options.wanted);
  return ask_whether(session, options, config);
}

Status setup(Session& session, SetupOptions& options) {
  SG_CHECK(check_wanted(options.wanted));
  SG_TRY(const Config config, load_config(options.config, Session::trust()));
  name_public_key(options.wanted);
  if (!options.yes && !session.dry_run) SG_CHECK(ask_all(session, options, config));
  SetupReport report(session);
  const StepsDone done = run_steps(session, options, config, report);
  LateSignals::deliver();
  run_trials(session, options, config, done.plugin_ready, report);
  answer(session, report, done.store_key);
  if (report.complete() && !session.dry_run) tell_next(session, options.wanted);
  tell_end(session, report);
  if (report.first_error()) return tl::unexpected(*report.first_error());
  if (!report.complete()) session.status = kIncomplete;
  return {};
}

}  // namespace

void add_setup_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("setup", "From installed packages to the first job");
  command->footer(R"(
This does what is not done yet, and prints a line for each step: the account that parses images, the
keystore, a signer, a key and its public half for image builders, a binding, and the plugin's line in
Slurm's plugin stack. Then it runs a step on Slurm, and one with an image of the binding if this host has
one. On the terminal it asks for what is neither in the keystore nor given by an option, shows what it
would do, and asks whether to do it; with --yes it asks nothing. If it is run again, it finishes what was
interrupted or missing, or changes nothing.
  sifctl setup
  sifctl setup --yes --signer pub.asc --key lolcow --bind lolcow --match '/apps/secure/lolcow*.sif' \
         --allow-group bio
  sifctl setup --yes --skip account --skip plugin --no-test    # on a host that only has the keystore
  sifctl setup --dry-run
Exit status: 0 everything is set up and works, 1 something is missing, else that of the first failed step.)");
  const auto o = std::make_shared<SetupOptions>();
  offer_setup_options(*command, *o);
  Session::offer_dry_run(command);
  session.on_change(command, [&session, o] { return setup(session, *o); });
}

}  // namespace sifguard
