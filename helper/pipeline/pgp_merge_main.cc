// sifguard-pgp-merge: has `sifguard-pgp` merge an OpenPGP key with its stored copy, for sifctl,
// which starts this. Runs with the rights of the admin, root on most hosts; does not parse the key:
// it passes the question to the sandbox and the answer to sifctl unchanged.
//
// Standard input holds the question, standard output takes the answer (openpgp_merge_wire.h).
// Status 0 means that an answer was written.
#include <sys/stat.h>
#include <unistd.h>

#include <exception>

#include "helper/pipeline/person.h"
#include "helper/verify/pgp_run.h"
#include "keystore/base/run_program.h"
#include "keystore/base/secret.h"
#include "keystore/crypto/openpgp_merge_wire.h"
#include "keystore/policy/config.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr std::int64_t kTimeoutMs = 50'000;
constexpr id_t kNobody = 65534;

/// A host where only keys are managed may have neither a configuration nor the account of nodes.
/// Whatever is wrong with either, a key must not be left as it is when its owner has revoked it.
Result<ExamineOptions> options() {
  ExamineOptions options;
  const std::string program = own_program("sifguard-pgp");
  options.libexec_dir = program.substr(0, program.rfind('/'));
  options.scratch_dir = "/tmp";
  options.deadline_ms = monotonic_ms() + kTimeoutMs;
  options.gpg = "/usr/bin/gpg";
  std::string account = "sifguard";
  if (const auto config = load_config(SIFGUARD_CONFIG_FILE, Trust{0})) {
    options.gpg = config->gpg;
    account = config->verifier_user;
  }
  if (::geteuid() != 0) return options;
  const auto identity = find_service_account(account);
  options.identity = identity ? *identity : Identity{kNobody, kNobody, {}};
  return options;
}

Result<std::string> answer() {
  SG_CHECK(harden_process());
  SG_TRY(const std::string question, read_to_end(STDIN_FILENO, kMaxMergeRequest, "the question"));
  SG_TRY(const ExamineOptions examination, options());
  return ask_pgp(question, kMaxMergeAnswer, examination);
}

}  // namespace
}  // namespace sifguard

int main() {
  ::umask(077);
  try {
    const auto text = sifguard::answer();
    return sifguard::write_all(STDOUT_FILENO,
                               text ? *text : sifguard::encode_merge_failure(text.error()),
                               "the answer")
               ? 0
               : 70;
  } catch (const std::exception&) {
    return 70;
  }
}
