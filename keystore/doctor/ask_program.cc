// Programs of this host that are not ours. The rights of the admin, unless a run names an identity.
#include "keystore/doctor/ask_program.h"

#include <cstdlib>

#include "keystore/base/text.h"

namespace sifguard {

ProgramRun host_program(std::string program, std::vector<std::string> arguments, int timeout_ms) {
  constexpr std::size_t kMaxAnswer = 4UL * 1024 * 1024;  // sinfo's, of a large cluster
  ProgramRun run;
  run.program = std::move(program);
  run.arguments = std::move(arguments);
  run.environment = {"LC_ALL=C", "HOME=/",
                     "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  if (const char* const conf = std::getenv("SLURM_CONF")) {
    run.environment.push_back(std::string("SLURM_CONF=") + conf);
  }
  run.output_limit = kMaxAnswer;
  run.timeout_ms = timeout_ms;
  return run;
}

Result<std::string> ask_program(const std::string& program, const std::string& argument) {
  constexpr int kTimeoutMs = 20'000;
  SG_TRY(const SecretBytes output, run_program(host_program(program, {argument}, kTimeoutMs)));
  return std::string(as_text(output.bytes()));
}

std::string slurm_program(const Config& config, const std::string& name) {
  return config.squeue.substr(0, config.squeue.rfind('/') + 1) + name;
}

}  // namespace sifguard
