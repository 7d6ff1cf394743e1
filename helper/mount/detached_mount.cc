// A read-only file system that nobody sees until it is placed. Root.
#include "helper/mount/detached_mount.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "helper/mount/mount_calls.h"
#include "helper/mount/mount_refusal.h"
#include "helper/mount/user_namespace.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

unsigned long flags_of(const MountSpec& spec) {
  constexpr unsigned long kAlways = MS_RDONLY | MS_NOSUID | MS_NODEV;
  constexpr unsigned long kNoPrograms = MS_NOEXEC;
  return spec.executable ? kAlways : kAlways | kNoPrograms;
}

std::uint32_t attributes_of(const MountSpec& spec) {
  using namespace mount_calls;
  return kReadOnly | kNoSetuid | kNoDevices | (spec.executable ? 0U : kNoExec);
}

/// What the kernel says about a file system that it does not take: "e SQUASHFS error: …".
std::string complaint(int filesystem) {
  std::array<char, 512> text{};
  const ssize_t size = ::read(filesystem, text.data(), text.size());
  if (size <= 2) return {};
  const auto said = std::string_view(text.data(), static_cast<std::size_t>(size)).substr(2);
  return " (" + printable(said.substr(0, said.find('\n')), 200) + ")";
}

tl::unexpected<Error> refused(const MountSpec& spec, int error, const std::string& said) {
  const std::string what = std::string("the kernel does not mount it as ") + spec.type + said;
  // Nothing of an image is in the others, so it is not to blame.
  return mount_refusal(what, error, spec.type, std::string_view(spec.type) == "squashfs");
}

bool configure(int filesystem, const MountSpec& spec) {
  using namespace mount_calls;
  for (const auto& [name, value] : spec.options) {
    const int set = value.empty() ? set_flag(filesystem, name.c_str())
                                  : set_string(filesystem, name.c_str(), value.c_str());
    if (set != 0) return false;
  }
  return set_string(filesystem, "source", spec.source.c_str()) == 0 &&
         set_flag(filesystem, "ro") == 0 && create(filesystem) == 0;
}

Result<UniqueFd> mount_new_way(int filesystem, const MountSpec& spec) {
  if (!configure(filesystem, spec)) {
    const int error = errno;
    return refused(spec, error, complaint(filesystem));
  }
  UniqueFd root(mount_calls::mount_detached(filesystem, attributes_of(spec)));
  if (!root.valid()) return refused(spec, errno, {});
  return root;
}

std::string joined(const MountSpec& spec) {
  std::string text;
  for (const auto& [name, value] : spec.options) {
    text += (text.empty() ? "" : ",") + name + (value.empty() ? "" : "=" + value);
  }
  return text;
}

Status mount_at(const MountSpec& spec, const std::string& path) {
  if (::mount(spec.source.c_str(), path.c_str(), spec.type, flags_of(spec), joined(spec).c_str()) ==
      0) {
    return {};
  }
  return refused(spec, errno, {});
}

/// Something to mount on, of the right kind, removed again.
class ScratchPoint {
 public:
  ScratchPoint(const std::string& directory, bool file)
      : path_(directory + (file ? "/file" : "/directory")), file_(file) {
    made_ =
        file ? ::mknod(path_.c_str(), S_IFREG | 0600, 0) == 0 : ::mkdir(path_.c_str(), 0700) == 0;
  }
  ScratchPoint(const ScratchPoint&) = delete;
  ScratchPoint& operator=(const ScratchPoint&) = delete;
  ~ScratchPoint() {
    if (made_) file_ ? ::unlink(path_.c_str()) : ::rmdir(path_.c_str());
  }
  [[nodiscard]] bool made() const noexcept { return made_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  bool file_;
  bool made_;
};

Result<UniqueFd> mount_old_way(const MountSpec& spec, const std::string& scratch) {
  const ScratchPoint point(scratch, spec.root_is_file);
  if (!point.made()) return fail_errno(Code::internal, "cannot mount in " + scratch, errno);
  SG_CHECK(mount_at(spec, point.path()));
  UniqueFd root(::open(point.path().c_str(), O_PATH | O_CLOEXEC));
  const int error = errno;
  ::umount2(point.path().c_str(), MNT_DETACH);
  if (!root.valid()) return fail_errno(Code::internal, "cannot open a mount", error);
  return root;
}

}  // namespace

Result<DetachedMount> DetachedMount::make(MountSpec spec, const std::string& scratch) {
  const UniqueFd filesystem(mount_calls::open_filesystem(spec.type));
  const bool movable = filesystem.valid();
  if (!movable && errno != ENOSYS && errno != EPERM) return refused(spec, errno, {});
  SG_TRY(UniqueFd root,
         movable ? mount_new_way(filesystem.get(), spec) : mount_old_way(spec, scratch));
  return DetachedMount(std::move(spec), std::move(root), movable);
}

bool DetachedMount::show_root_as(uid_t uid, gid_t gid) {
  if (!movable_) return false;
  const auto mapped = user_namespace_of(uid, gid);
  return mapped && mount_calls::map_ids(root_.get(), mapped->get()) == 0;
}

Status DetachedMount::place(const std::string& directory) const {
  if (!movable_) return mount_at(spec_, directory);
  if (mount_calls::place(root_.get(), directory.c_str()) == 0) return {};
  return fail_errno(Code::internal, "cannot place the image's root on " + directory, errno);
}

}  // namespace sifguard
