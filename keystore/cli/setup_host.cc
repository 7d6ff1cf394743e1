// What `sifctl setup` does outside of the keystore. Root.
#include "keystore/cli/setup_host.h"

#include <unistd.h>

#include <array>

#include "keystore/base/accounts.h"
#include "keystore/doctor/ask_program.h"

namespace sifguard {
namespace {

constexpr int kPatienceMs = 60'000;
/// The account and the name of packaging/sysusers/sifguard.conf.
constexpr std::string_view kPackagedAccount = "sifguard";
constexpr const char* kDeclaration = "sifguard.conf";

/// Of a program whose exit status is that of sifctl for the same error.
Status run(const std::string& program, std::vector<std::string> arguments) {
  ProgramRun run = host_program(program, std::move(arguments), kPatienceMs);
  run.tells_code = true;
  if (const auto done = run_program(run); !done) return tl::unexpected(done.error());
  return {};
}

SetupStep needs_root(const std::string& what) {
  return {StepState::missing, what, "run sifctl setup as root"};
}

SetupStep no_plugin() {
  return {StepState::missing, "the plugin for Slurm is not installed on this host",
          "install the package slurm-spank-sifguard for the release of this Slurm; on a host that "
          "neither runs nor submits jobs, give --skip plugin"};
}

std::string useradd(const std::string& account) {
  return "useradd --system --no-create-home --shell /usr/sbin/nologin " + account;
}

std::string systemd_sysusers() {
  constexpr std::array<const char*, 2> kPlaces = {"/usr/bin/systemd-sysusers",
                                                  "/bin/systemd-sysusers"};
  for (const char* place : kPlaces) {
    if (::access(place, X_OK) == 0) return place;
  }
  return {};
}

}  // namespace

Result<SetupStep> set_up_account(const Session& session, const Config& config) {
  const std::string& name = config.verifier_user;
  SG_TRY(const auto found, find_account(name));
  if (found) return SetupStep{StepState::there, "account " + name};
  const std::string none = "there is no account '" + name + "', which parses images";
  const std::string program = systemd_sysusers();
  if (name != kPackagedAccount || program.empty()) {
    return SetupStep{StepState::missing, none, useradd(name)};
  }
  if (::geteuid() != 0) return needs_root(none);
  if (session.dry_run) return SetupStep{StepState::done, "account " + name};
  SG_CHECK(run(program, {kDeclaration}));
  SG_TRY(const auto made, find_account(name));
  if (!made) return fail(Code::unavailable, none + ", after " + program, useradd(name));
  return SetupStep{StepState::done, "account " + name};
}

Result<SetupStep> set_up_plugin(const Session& session, const std::string& slurm_conf) {
  const std::string program = own_program("sifguard-plugstack");
  if (::access(program.c_str(), X_OK) != 0) return no_plugin();
  const auto words = [&](const char* verb) {
    std::vector<std::string> all = {verb};
    if (!slurm_conf.empty()) all.insert(all.end(), {"--slurm-conf", slurm_conf});
    return all;
  };
  const char* const loads = "Slurm's plugin stack loads the plugin";
  if (run(program, words("status"))) return SetupStep{StepState::there, loads};
  if (::geteuid() != 0) return needs_root("Slurm's plugin stack does not load the plugin");
  if (!session.dry_run) SG_CHECK(run(program, words("on")));
  return SetupStep{StepState::done, loads};
}

}  // namespace sifguard
