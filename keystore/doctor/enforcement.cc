// Whether this host's enforcement is effective: no setting contradicts it, and nobody can leave it.
// The rights of the admin; Slurm is asked which partitions share nodes.
#include <unistd.h>

#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/doctor/ask_program.h"
#include "keystore/doctor/checks.h"
#include "keystore/doctor/said_besides.h"
#include "keystore/doctor/shared_nodes.h"
#include "keystore/doctor/unknown_partitions.h"
#include "keystore/policy/hardening.h"

namespace sifguard {
namespace {

constexpr int kSrunTimeoutMs = 20'000;
constexpr std::size_t kMaxAnswer = 16UL * 1024 * 1024;

HardeningPlaces places_of_host() {
  HardeningPlaces places;
  const std::string launcher = own_program("sifguard-launch");
  places.own = launcher.substr(0, launcher.rfind('/'));
  return places;
}

void check_memory(const Examined& examined, const Insistence& insistence, bool enforces,
                  Findings& findings) {
  enforcement_record::Record record;
  const auto memory = remembered(examined.plan, record);
  const std::string directory = state_directory(examined.plan);
  if (memory == enforcement_record::Memory::damaged) {
    findings.warn(directory,
                  "what this host remembers of sifguard.yaml, in " + directory +
                      "/enforcement.*, is damaged, and counts as one that enforces images",
                  "see that only root can write there and that there is room, then run a step");
  }
  if (enforces && !insistence.any() && ::geteuid() == 0) {
    findings.warn(examined.plan.config_file,
                  "nothing but this file says yet that this host enforces images: with a mistake "
                  "in it, it would enforce none",
                  "add the argument 'enforce' to the plugin's line in plugstack.conf");
  }
}

void check_tracing(const Examined& examined, const Config& config, Findings& findings) {
  const HardeningPlaces places = places_of_host();
  const auto hardened = check_hardening(config.runtime, places);
  if (hardened) return;
  const bool refuses = config.enforce_hardening == Hardening::require;
  findings.problem(examined.plan.config_file, hardened.error().what(),
                   hardened.error().remedy() +
                       (refuses ? "; the steps that are enforced refuse until then" : ""));
}

Result<std::string> ask_sinfo(const Config& config, std::vector<std::string> wanted) {
  std::vector<std::string> words = {"--noheader", "--all"};
  words.insert(words.end(), wanted.begin(), wanted.end());
  ProgramRun run = host_program(slurm_program(config, "sinfo"), std::move(words), kSrunTimeoutMs);
  run.output_limit = kMaxAnswer;
  SG_TRY(const SecretBytes output, run_program(run));
  return std::string(as_text(output.bytes()));
}

void warn_unknown(Findings& findings, const std::string& what, const Error& error) {
  findings.warn("sinfo", what + " is not known: " + error.what(),
                "run it on a host where Slurm answers");
}

/// A name that Slurm does not have enforces nothing, whoever says besides that images are enforced.
void check_partitions(const Examined& examined, const Config& config, Findings& findings) {
  const auto answer = ask_sinfo(config, {"--format=%R"});
  if (!answer) {
    return warn_unknown(findings, "whether Slurm has the partitions that enforce images",
                        answer.error());
  }
  const auto unknown = unknown_partitions(*answer, config.enforced_partitions);
  const bool all = unknown.size() == config.enforced_partitions.size();
  for (const std::string& name : unknown) {
    findings.problem(examined.plan.config_file,
                     "'enforce' names partition " + printable(name, 100) +
                         ", which Slurm does not have" +
                         (all ? ": no step of this host is enforced" : ""),
                     "write it as 'sinfo --format=%R' shows it, capitals and all, or take it out");
  }
}

/// What a user runs on the host in the one partition is of the same uid as his containers in the
/// other, and whatever it starts as he likes is readable.
void check_sharing(const Examined& examined, const Config& config, Findings& findings) {
  if (yama_scope(places_of_host()) >= 1) return;
  const auto answer = ask_sinfo(config, {"--Node", "--format=%N %R"});
  if (!answer) {
    return warn_unknown(findings, "whether other partitions share nodes with those that enforce",
                        answer.error());
  }
  const auto shared = shared_nodes(*answer, config.enforced_partitions);
  if (shared.empty()) return;
  const SharedNode& first = shared.front();
  const std::string more =
      shared.size() == 1 ? "" : ", and " + std::to_string(shared.size() - 1) + " more,";
  findings.problem(examined.plan.config_file,
                   "node " + first.node + more + " is in partition " + first.enforced +
                       ", which enforces images, and in " + first.other +
                       ", which does not: users can trace the one's steps from the other's",
                   "sysctl kernel.yama.ptrace_scope=1 on these nodes, or give the partitions "
                   "nodes of their own");
}

}  // namespace

void check_enforcement(const Examined& examined, Findings& findings) {
  if (!examined.configured) return;  // told where it was read
  const Insistence insistence = said_besides(examined.plan);
  const auto settled = settle_enforcement(examined.config, insistence);
  if (!settled) {
    findings.problem(examined.plan.config_file,
                     settled.error().what() + ": every step on this host refuses",
                     settled.error().remedy());
    return;
  }
  const Config& config = **settled;
  const bool enforces = config.enforce != Enforce::requested;
  check_memory(examined, insistence, enforces, findings);
  if (!enforces) return;
  check_tracing(examined, config, findings);
  if (config.enforce != Enforce::partitions) return;
  check_partitions(examined, config, findings);
  check_sharing(examined, config, findings);
}

}  // namespace sifguard
