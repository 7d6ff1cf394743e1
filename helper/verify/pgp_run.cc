// Asking `sifguard-pgp`, in its sandbox. Root helper, or a tool with the rights of the user who
// started it.
#include "helper/verify/pgp_run.h"

#include "helper/process/landlock.h"
#include "helper/verify/pgp_home.h"
#include "helper/verify/sandboxed.h"

namespace sifguard {
namespace {

// Of the no-login account, over all checks on the node: also the verifiers' threads, up to
// kMaxWorkers each, and every gpg that a check has run, until the check ends. Hundreds of launches
// at once must not stop each other.
constexpr unsigned kProcesses = 4096;
constexpr std::uint64_t kHomeBytes = 32U << 20U;  // keys of signers are at most 1 MiB each

}  // namespace

Result<std::string> ask_pgp(std::string_view question, std::size_t limit,
                            const ExamineOptions& options) {
  SG_TRY(const UniqueFd input, request_in_memory(question));
  SG_TRY(const PgpHome home, PgpHome::prepare(options.scratch_dir));
  ChildSpec spec = confined(options, "sifguard-pgp", input.get());
  spec.argv = {"sifguard-pgp", home.path(), options.gpg};
  spec.environment = {"LC_ALL=C", "HOME=" + home.path(), "GNUPGHOME=" + home.path(),
                      "TMPDIR=" + home.path()};
  if (spec.isolation.mounts != Namespace::ours) {
    spec.isolation.scratch = options.scratch_dir;
    spec.isolation.home = home.path();
    // The filter lets gpg open files. Where the kernel cannot say which, only mounts can.
    if (landlock_version() == 0) spec.isolation.mounts = Namespace::must;
  }
  spec.isolation.file_bytes = kHomeBytes;
  spec.isolation.processes_at_most = options.identity ? kProcesses : 0;
  return run_sandboxed(spec, limit, options.deadline_ms);
}

}  // namespace sifguard
