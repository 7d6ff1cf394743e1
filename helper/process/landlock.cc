// What a process gives up permanently by Landlock.
//
// Format: linux/landlock.h; written out here because that of Linux 6.1 (Debian 12) knows ABI 2.
// The rights that each ABI version added: fs 13 in 1, refer in 2, truncate in 3, ioctl on devices
// in 5; TCP bind and connect in 4; scopes (abstract sockets, signals) in 6.
#include "helper/process/landlock.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "keystore/base/fd.h"

namespace sifguard {
namespace {

/// What a rule set handles, and so denies where no rule allows it. Kernels take a longer structure
/// than their own as long as the rest is zero.
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

/// struct landlock_path_beneath_attr, which is packed.
struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed;
  std::int32_t parent;
};
constexpr int kPathBeneath = 1;  // LANDLOCK_RULE_PATH_BENEATH

// LANDLOCK_ACCESS_FS_…
constexpr std::uint64_t kExecute = 1U << 0U;
constexpr std::uint64_t kReadFile = 1U << 2U;
constexpr std::uint64_t kReadDirectory = 1U << 3U;
constexpr std::uint64_t kOfFiles = kExecute | kReadFile | 1U << 1U | 1U << 14U | 1U << 15U;
constexpr std::uint64_t kMakeDevices = 1U << 6U | 1U << 11U;

constexpr std::uint64_t kReading = kExecute | kReadFile | kReadDirectory;
constexpr std::uint64_t kWriting = ~(kExecute | kMakeDevices);

Status allow(int rules, const std::string& path, std::uint64_t rights) {
  const UniqueFd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat st {};
  if (!place.valid() || ::fstat(place.get(), &st) != 0) return {};
  const std::uint64_t fitting = S_ISDIR(st.st_mode) ? rights : rights & kOfFiles;
  const PathBeneath rule = {fitting, place.get()};
  if (::syscall(SYS_landlock_add_rule, rules, kPathBeneath, &rule, 0) == 0) return {};
  return fail_errno(Code::internal, "cannot keep " + path + " with Landlock", errno);
}

}  // namespace

int landlock_version() noexcept {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

Result<int> keep_only(const KeptFiles& kept) {
  const int abi = landlock_version();
  if (abi == 0) return 0;
  const RulesetAttr attr = everything_of(abi);
  const UniqueFd rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0)));
  if (!rules.valid()) return fail_errno(Code::internal, "cannot make rules for Landlock", errno);
  for (const std::string& path : kept.read) {
    SG_CHECK(allow(rules.get(), path, kReading & attr.handled_access_fs));
  }
  for (const std::string& path : kept.write) {
    SG_CHECK(allow(rules.get(), path, kWriting & attr.handled_access_fs));
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) {
    return fail_errno(Code::internal, "cannot give up the file system with Landlock", errno);
  }
  return abi;
}

Result<int> give_up_files_and_network() {
  return keep_only({});
}

}  // namespace sifguard
