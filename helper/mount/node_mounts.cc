// What this node supports of mounted roots. Root; tried in a child with a mount namespace of its
// own.
#include "helper/mount/node_mounts.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "helper/mount/fuse_connection.h"
#include "helper/mount/loop_device.h"
#include "helper/mount/squashfuse_server.h"
#include "keystore/base/forked_part.h"
#include "keystore/base/one_line.h"

namespace sifguard {
namespace {

constexpr std::size_t kMostSaid = 4096;
constexpr const char* kScratch = "/run";
constexpr std::uint64_t kSize = 4096;
constexpr std::int64_t kServeMs = 10'000;

/// An empty squashfs (`mksquashfs EMPTY FILE -noI -noD -noF -no-xattrs -no-exports -no-fragments`).
constexpr std::string_view kEmpty(
    "hsqs\1\0\0\0\0\0\0\0\0\0\2\0\0\0\0\0\1\0\x11\0[\2\1\0\4\0\0\0"
    "\0\0\0\0\0\0\0\0\x90\0\0\0\0\0\0\0\x88\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"
    "`\0\0\0\0\0\0\0\x82\0\0\0\0\0\0\0\x82\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"
    "\x20\x80\1\0\xed\1\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\3\0\0\0\2\0"
    "\0\0\4\x80\0\0\0\0\x82\0\0\0\0\0\0\0",
    144);

std::string line(const char* name, const Status& tried) {
  if (tried) return std::string(name) + "\tgiven\n";
  return std::string(name) + "\trefused\t" + one_line(tried.error().line(), 500) + "\n";
}

Result<UniqueFd> empty_image() {
  // A file of a directory: what has none Landlock can make no rule for.
  const std::string path = std::string(kScratch) + "/empty";
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0444));
  if (!file.valid() || ::fchmod(file.get(), 0444) != 0) {
    return fail_errno(Code::internal, "cannot make " + path, errno);
  }
  SG_CHECK(write_all(file.get(), kEmpty, "an empty squashfs"));
  if (::ftruncate(file.get(), kSize) != 0) return fail_errno(Code::temporary, "no memory", errno);
  return file;
}

Result<DetachedMount> mount_empty() {
  SG_TRY(const UniqueFd file, empty_image());
  SG_TRY(const LoopDevice loop, LoopDevice::over(file.get(), 0, kSize, false));
  return DetachedMount::make({.source = loop.path(), .options = {}}, kScratch);
}

Status show_owner(Result<DetachedMount>& mount) {
  constexpr uid_t kSomebody = 1;
  if (mount && mount->show_root_as(kSomebody, kSomebody)) return {};
  return fail(Code::config, "the kernel does not map owners of squashfs", "Linux 6.2 and later do");
}

Status serve_empty(const SquashfuseTrial& trial) {
  SG_TRY(const UniqueFd file, empty_image());
  RootMountOptions options;
  options.server.libexec_dir = trial.libexec_dir;
  options.server.identity = trial.identity;
  options.squashfuse = trial.squashfuse;
  options.scratch = kScratch;
  options.deadline_ms = monotonic_ms() + kServeMs;
  SG_TRY([[maybe_unused]] const DetachedMount mount,
         serve_squashfs({.file = file.get(), .size = kSize}, options));
  return {};
}

std::string try_all(const std::optional<SquashfuseTrial>& trial) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("scratch", kScratch, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k") != 0) {
    return line("squashfs", fail_errno(Code::config, "no mount namespace", errno));
  }
  Status fuse;
  if (const auto connection = connect_fuse({}, kScratch); !connection) {
    fuse = tl::unexpected(connection.error());
  }
  if (trial) return line("fuse", fuse) + line("squashfuse", serve_empty(*trial));
  auto mount = mount_empty();
  Status squashfs;
  if (!mount) squashfs = tl::unexpected(mount.error());
  return line("squashfs", squashfs) + (mount ? line("owners", show_owner(mount)) : "") +
         line("fuse", fuse);
}

}  // namespace

std::string describe_mounts(const std::optional<SquashfuseTrial>& trial) {
  auto said = make_pipe();
  const auto try_and_say = [&] {
    return write_all(said->write_end.get(), try_all(trial), "the parent") ? 0 : 1;
  };
  const pid_t child = said ? fork_part(try_and_say) : -1;
  if (child < 0) return line("squashfs", fail_errno(Code::temporary, "cannot try it", errno));
  said->write_end.reset();
  const auto text = read_to_end(said->read_end.get(), kMostSaid, "the child");
  wait_for_part(child);
  return text.value_or("");
}

}  // namespace sifguard
