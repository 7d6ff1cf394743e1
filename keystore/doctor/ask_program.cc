// What a program of this host prints. The rights of the admin.
#include "keystore/doctor/ask_program.h"

#include "keystore/base/run_program.h"
#include "keystore/base/text.h"

namespace sifguard {

Result<std::string> ask_program(const std::string& program, const std::string& argument) {
  constexpr int kTimeoutMs = 20'000;
  constexpr std::size_t kMaxOutput = 16UL * 1024;
  SG_TRY(const SecretBytes output,
         run_program({program,
                      {argument},
                      {"LC_ALL=C", "HOME=/", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"},
                      {},
                      kMaxOutput,
                      kTimeoutMs}));
  return std::string(as_text(output.bytes()));
}

std::string slurm_program(const Config& config, const std::string& name) {
  return config.squeue.substr(0, config.squeue.rfind('/') + 1) + name;
}

}  // namespace sifguard
