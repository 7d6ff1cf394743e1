// Giving up root for good. Programs that root starts and that need none of its rights:
// sifguard-fetch, sifguard-ocspd.
#include "keystore/base/unprivileged.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace sifguard {
namespace {

struct Account {
  uid_t user = 65534;
  gid_t group = 65534;
};

Result<Account> find(const char* name) {
  const passwd* const entry = ::getpwnam(name);
  if (entry == nullptr) return Account{};
  if (entry->pw_uid != 0 && entry->pw_gid != 0) return Account{entry->pw_uid, entry->pw_gid};
  return fail(Code::config, "the account '" + std::string(name) + "' is root by another name");
}

}  // namespace

Status become_unprivileged(const char* account) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail_errno(Code::internal, "cannot forbid new privileges", errno);
  }
  if (::geteuid() != 0) return {};
  SG_TRY(const auto other, find(account));
  const auto [user, group] = other;
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
