// Giving up root permanently. Programs that root starts and that need none of its rights:
// sifguard-fetch, sifguard-ocspd.
#include "keystore/base/unprivileged.h"

#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "keystore/base/accounts.h"

namespace sifguard {
namespace {

constexpr uid_t kNobody = 65534;

/// Whom the name service does not know, or cannot tell of now, nobody stands for: he has no rights.
Result<Account> find(const char* name) {
  const auto found = find_account(std::string(name));
  if (!found || !*found) return Account{"nobody", kNobody, kNobody, {}, {}};
  if ((*found)->uid != 0 && (*found)->gid != 0) return **found;
  return fail(Code::config, "the account '" + std::string(name) + "' is root by another name");
}

}  // namespace

Status become_unprivileged(const char* account) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail_errno(Code::internal, "cannot forbid new privileges", errno);
  }
  if (::geteuid() != 0) return {};
  SG_TRY(const auto other, find(account));
  const uid_t user = other.uid;
  const gid_t group = other.gid;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(group, group, group) != 0 ||
      ::setresuid(user, user, user) != 0) {
    return fail_errno(Code::internal, "cannot become the account '" + std::string(account) + "'",
                      errno);
  }
  if (::setresuid(0, 0, 0) == 0 || ::setresgid(0, 0, 0) == 0 || ::getgroups(0, nullptr) != 0) {
    return fail(Code::internal, "root could not be given up");
  }
  return {};
}

}  // namespace sifguard
