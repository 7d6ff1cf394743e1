// The programs of this host that `sifctl setup` starts. The rights of the admin.
#include "keystore/cli/setup_program.h"

#include <cstdlib>

namespace sifguard {

ProgramRun setup_program(std::string program, std::vector<std::string> arguments, int timeout_ms) {
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

}  // namespace sifguard
