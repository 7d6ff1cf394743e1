// What `sifctl setup` runs on Slurm at its end. Runs with the rights of the admin.
#include "keystore/cli/setup_srun.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <optional>

#include "keystore/base/accounts.h"
#include "keystore/base/text.h"
#include "keystore/cli/setup_trial.h"
#include "keystore/doctor/ask_program.h"
#include "keystore/doctor/find_match.h"

namespace sifguard {
namespace {

constexpr int kSinfoTimeoutMs = 20'000;
constexpr int kTrialTimeoutMs = 600'000;
constexpr const char* kAgain =
    "sifctl doctor says what this host lacks; --test-user USER runs the step as another user";

/// The name of this host in Slurm; empty if it is no node, or Slurm does not say.
std::string node_here(const Config& config) {
  struct utsname host {};
  if (::uname(&host) != 0) return {};
  const auto answer =
      run_program(host_program(slurm_program(config, "sinfo"),
                               {"--noheader", "--all", "--Node", "--format=%N"}, kSinfoTimeoutMs));
  if (!answer) return {};
  return node_named(std::string(as_text(answer->bytes())), static_cast<const char*>(host.nodename));
}

/// Absent for the user who runs sifctl. Errors: Code::denied for another one, unless that is root.
Result<std::optional<Identity>> identity_of(const std::string& user) {
  if (user.empty()) return std::optional<Identity>();
  SG_TRY(const auto account, find_account(user));
  if (!account) {
    return fail(Code::usage, "this host knows no user '" + user + "'", "give --test-user USER");
  }
  if (account->uid == ::geteuid()) return std::optional<Identity>();
  if (::geteuid() != 0) {
    return fail(Code::denied, "only root runs a step as " + user, "run sifctl setup as root");
  }
  SG_TRY(auto groups, groups_of(*account));
  return std::optional<Identity>(Identity{account->uid, account->gid, std::move(groups)});
}

SetupStep no_srun(const std::string& srun) {
  return {StepState::missing, "no step can be tried: " + srun + " does not exist",
          "install Slurm's client, correct squeue in sifguard.yaml, or give --no-test"};
}

/// `what` is the step in words, with its user.
Status run_step(ProgramRun run, const std::string& what) {
  const auto ran = run_program(run);
  if (ran) return {};
  const Error& error = ran.error();
  return tl::unexpected(
      error.reworded(what + ": " + error.what(), error.remedy().empty() ? kAgain : error.remedy()));
}

Result<SetupStep> try_step(const Session& session, const TrialPlan& plan, const std::string& user,
                           std::vector<std::string> words, const std::string& command) {
  const std::string srun = slurm_program(plan.config, "srun");
  if (::access(srun.c_str(), X_OK) != 0) return no_srun(srun);
  ProgramRun run = host_program(srun, std::move(words), kTrialTimeoutMs);
  SG_TRY(run.identity, identity_of(user));
  run.speaker = "sifguard: ";  // srun itself adds only the exit status
  const std::string what = command + (user.empty() ? "" : " as " + user);
  if (session.dry_run) return SetupStep{StepState::skipped, what + ": --dry-run"};
  session.progress("trying " + what);
  SG_CHECK(run_step(std::move(run), what));
  return SetupStep{StepState::works, what};
}

/// An image, and the binding that allows it.
struct Tried {
  const Binding* binding = nullptr;
  std::string file;
};

Tried image_to_try(const Policy& policy, const std::string& wanted) {
  for (const Binding& binding : policy.bindings) {
    if (!wanted.empty() && binding.name != wanted) continue;
    for (const std::string& pattern : binding.match) {
      std::string file;
      if (find_match(pattern, kNamesToSearch, &file) == FileMatch::found && !file.empty()) {
        return {&binding, file};
      }
    }
  }
  return {};
}

}  // namespace

Result<SetupStep> try_plain(const Session& session, const TrialPlan& plan) {
  if (plan.config.enforce != Enforce::requested) {
    return SetupStep{StepState::skipped, "sifguard.yaml enforces images"};
  }
  auto words = trial_options(Audience{}, node_here(plan.config));
  words.emplace_back("true");
  return try_step(session, plan, plan.user, std::move(words), "srun true");
}

Result<SetupStep> try_image(const Session& session, const TrialPlan& plan, const Policy& policy) {
  const Tried tried = image_to_try(policy, plan.binding);
  if (tried.binding == nullptr) {
    return SetupStep{StepState::skipped, "this host has no image of a binding yet",
                     "build, sign and copy one, then: srun --sif-verify=IMAGE COMMAND"};
  }
  const Audience& allow = tried.binding->allow;
  const auto user = trial_user(allow, plan.user);
  if (!user) {
    return SetupStep{StepState::skipped, tried.file + " is for members of " + allow.groups->front(),
                     "name one of them: --test-user USER"};
  }
  auto words = trial_options(allow, node_here(plan.config));
  words.push_back("--sif-verify=" + tried.file);
  words.emplace_back("true");
  return try_step(session, plan, *user, std::move(words), "srun --sif-verify=" + tried.file);
}

}  // namespace sifguard
