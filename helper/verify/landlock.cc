// A process gives up the file system and the network for good.
//
// Format: linux/landlock.h; written out here because that of Linux 6.1 (Debian 12) knows ABI 2.
// The rights that each ABI version added: fs 13 in 1, refer in 2, truncate in 3, ioctl on devices
// in 5; TCP bind and connect in 4; scopes (abstract sockets, signals) in 6.
#include "helper/verify/landlock.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

/// What a rule set handles, and so denies: no rule is added that would allow anything. Kernels take
/// a longer structure than their own as long as the rest is zero.
struct RulesetAttr {
  std::uint64_t handled_access_fs;
  std::uint64_t handled_access_net;
  std::uint64_t scoped;
};

constexpr std::uint32_t kAskVersion = 1;  // LANDLOCK_CREATE_RULESET_VERSION

/// The lowest `count` bits.
constexpr std::uint64_t bits(unsigned count) {
  return (std::uint64_t{1} << count) - 1;
}

RulesetAttr everything_of(int abi) {
  RulesetAttr attr{};
  attr.handled_access_fs = bits(abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13);
  if (abi >= 4) attr.handled_access_net = bits(2);
  if (abi >= 6) attr.scoped = bits(2);
  return attr;
}

}  // namespace

Result<int> give_up_files_and_network() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  if (abi < 0 && (errno == ENOSYS || errno == EOPNOTSUPP)) return 0;
  if (abi < 1) return fail_errno(Code::internal, "cannot ask for Landlock", errno);
  const RulesetAttr attr = everything_of(static_cast<int>(abi));
  const UniqueFd rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0)));
  if (!rules.valid() || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) {
    return fail_errno(Code::internal, "cannot give up the file system with Landlock", errno);
  }
  return static_cast<int>(abi);
}

}  // namespace sifguard
