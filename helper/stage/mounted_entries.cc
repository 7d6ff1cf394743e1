// Which entries of the cache are mounted anywhere on the node. Root.
#include "helper/stage/mounted_entries.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <optional>

#include "keystore/base/child.h"
#include "keystore/base/fd.h"
#include "keystore/base/lines.h"
#include "keystore/base/mount_line.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxMountedNames =
    65536;  // mounts that look like entries; users can make any

/// `path` below `directory`, with its leading slash; nullopt when it is not there.
std::optional<std::string> below(const std::string& path, const std::string& directory) {
  if (path.empty() || path[0] != '/') return std::nullopt;
  if (directory == "/") return path;
  if (path.compare(0, directory.size(), directory) != 0) return std::nullopt;
  std::string rest = path.substr(directory.size());
  if (!rest.empty() && rest[0] != '/') return std::nullopt;
  return rest;
}

/// A process that has ended meanwhile, or is about to, has nothing mounted.
bool is_of_the_gone(int error) noexcept {
  return error == ENOENT || error == ESRCH || error == EINVAL;
}

Error unknown(std::string_view why) {
  return {Code::temporary,
          std::string(why) +
              ": it cannot be found out which images are mounted on this node, so "
              "that none can be dropped",
          "look for processes with very many mount namespaces or mounts"};
}

/// Whatever their number, which users can raise: a table that was not read to its end is no table
/// without our entries. False: there is no such process any more.
Result<bool> for_each_mount(const std::string& process, std::int64_t deadline_ms,
                            const std::function<Status(const MountLine& mount)>& each) {
  constexpr std::size_t kMaxLine = 1U << 20U;  // paths and options of a page each
  const UniqueFd fd(::open((process + "/mountinfo").c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() && is_of_the_gone(errno)) return false;
  const Status read = read_lines(fd.get(), kMaxLine, process + "/mountinfo",
                                 [&](std::string_view line, bool) -> Status {
                                   if (monotonic_ms() > deadline_ms) {
                                     return tl::unexpected(unknown("it takes too long"));
                                   }
                                   const auto mount = parse_mount_line(line);
                                   return mount ? each(*mount) : Status{};
                                 });
  if (read) return true;
  if (read.error().code() == Code::temporary) return tl::unexpected(read.error());
  return tl::unexpected(unknown(read.error().what()));
}

/// The process's mount namespace, "mnt:[4026531841]"; empty when it has none any more.
std::string mount_namespace(const std::string& process) {
  std::array<char, 64> name{};
  const ssize_t length = ::readlink((process + "/ns/mnt").c_str(), name.data(), name.size());
  return length > 0 ? std::string(name.data(), static_cast<std::size_t>(length)) : "";
}

/// Finds the mount that a directory lies in.
class InnermostMount {
 public:
  explicit InnermostMount(const std::string& directory) : directory_(directory) {}
  void look_at(const MountLine& mount) {
    const auto rest = below(directory_, mount.point);
    if (!rest || mount.point.size() < longest_) return;  // of equal ones the last covers the others
    longest_ = mount.point.size();
    path_ = (mount.root == "/" ? "" : mount.root) + *rest;
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  const std::string& directory_;
  std::string path_;
  std::size_t longest_ = 0;
};

void add_name(const MountLine& mount, const std::string& prefix, std::set<std::string>& names) {
  const auto rest = below(mount.root, prefix);
  if (rest && rest->size() > 1) names.insert(rest->substr(1, rest->find('/', 1) - 1));
}

}  // namespace

std::string path_in_filesystem(std::string_view mountinfo, const std::string& directory) {
  InnermostMount innermost(directory);
  for (const std::string& line : split(mountinfo, '\n')) {
    if (const auto mount = parse_mount_line(line)) innermost.look_at(*mount);
  }
  return innermost.path();
}

void add_mounted(std::string_view mountinfo, const std::string& prefix,
                 std::set<std::string>& names) {
  for (const std::string& line : split(mountinfo, '\n')) {
    if (const auto mount = parse_mount_line(line)) add_name(*mount, prefix, names);
  }
}

Result<std::set<std::string>> mounted_entries(const std::string& directory,
                                              std::int64_t deadline_ms, const std::string& proc) {
  InnermostMount innermost(directory);
  const auto find = [&](const MountLine& mount) -> Status {
    innermost.look_at(mount);
    return {};
  };
  SG_TRY([[maybe_unused]] const bool ours, for_each_mount(proc + "/self", deadline_ms, find));
  const std::string prefix = innermost.path();
  if (prefix.empty()) return fail(Code::internal, "cannot find the mount that holds " + directory);
  std::set<std::string> names;
  std::set<std::string> seen;
  const auto read = [&](const std::string& process) {
    return for_each_mount(process, deadline_ms, [&](const MountLine& mount) -> Status {
      add_name(mount, prefix, names);
      if (names.size() <= kMaxMountedNames) return {};
      return tl::unexpected(unknown("too much looks like them"));
    });
  };
  SG_TRY([[maybe_unused]] const bool again, read(proc + "/self"));
  SG_TRY(const auto processes, list_names(proc));
  for (const std::string& pid : processes) {
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (monotonic_ms() > deadline_ms) return tl::unexpected(unknown("it takes too long"));
    const std::string process = proc + "/" + pid;
    const std::string space = mount_namespace(process);
    if (space.empty() || seen.contains(space)) continue;
    SG_TRY(const bool there, read(process));
    // Read is what it was in before and after.
    if (there && mount_namespace(process) == space) seen.insert(space);
  }
  return names;
}

}  // namespace sifguard
