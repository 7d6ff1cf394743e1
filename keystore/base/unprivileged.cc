// Giving up root for good. Programs that root starts and that need none of its rights:
// sifguard-fetch, sifguard-ocspd.
#include "keystore/base/unprivileged.h"

#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

namespace sifguard {
namespace {

constexpr uid_t kNobody = 65534;
constexpr gid_t kNogroup = 65534;

}  // namespace

Status become_unprivileged() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail_errno(Code::internal, "cannot forbid new privileges", errno);
  }
  if (::geteuid() != 0) return {};
  if (::setgroups(0, nullptr) != 0 || ::setresgid(kNogroup, kNogroup, kNogroup) != 0 ||
      ::setresuid(kNobody, kNobody, kNobody) != 0) {
    return fail_errno(Code::internal, "cannot become nobody", errno);
  }
  if (::setresuid(0, 0, 0) == 0 || ::setresgid(0, 0, 0) == 0 || ::getgroups(0, nullptr) != 0) {
    return fail(Code::internal, "root could not be given up");
  }
  return {};
}

}  // namespace sifguard
