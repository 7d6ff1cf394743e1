// Starting sifguard-pgp-merge. Runs with the rights of the admin.
#include "keystore/cli/pgp_merge_program.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "keystore/base/fd.h"
#include "keystore/base/run_program.h"
#include "keystore/crypto/openpgp_merge_wire.h"

namespace sifguard {
namespace {

constexpr int kTimeoutMs = 60'000;
constexpr std::size_t kMostSaid = 4096;  // on its standard output there is the answer alone

/// In memory: neither can fill up as a pipe does.
Result<UniqueFd> memory_file() {
  UniqueFd fd(::memfd_create("sifctl-pgp", MFD_CLOEXEC));
  if (!fd.valid()) return fail_errno(Code::temporary, "cannot get memory for a key", errno);
  return fd;
}

}  // namespace

Result<PgpMerged> merge_in_sandbox(const PgpMergeRequest& request) {
  SG_TRY(const std::string question, encode_merge_request(request));
  SG_TRY(const UniqueFd asked, memory_file());
  SG_TRY(const UniqueFd answered, memory_file());
  SG_CHECK(write_all(asked.get(), question, "a request in memory"));
  ProgramRun run{own_program("sifguard-pgp-merge"), {}, {"LC_ALL=C"}, {}, kMostSaid, kTimeoutMs};
  run.input_fd = asked.get();
  run.output_fd = answered.get();
  if (::lseek(asked.get(), 0, SEEK_SET) != 0) {
    return fail_errno(Code::internal, "cannot read memory", errno);
  }
  if (const auto ended = run_program(run); !ended) return tl::unexpected(ended.error());
  if (::lseek(answered.get(), 0, SEEK_SET) != 0) {
    return fail_errno(Code::internal, "cannot read memory", errno);
  }
  SG_TRY(const std::string answer, read_to_end(answered.get(), kMaxMergeAnswer, run.program));
  return decode_merged(answer);
}

}  // namespace sifguard
