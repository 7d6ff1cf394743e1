// Which entries of the cache are mounted anywhere on the node. Root.
#include "helper/stage/mounted_entries.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "helper/process/child.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxMountinfo = 64U << 20U;  // the kernel allows 100,000 mounts a namespace

/// Fields 4 and 5 of a line: path of the mount's root in its filesystem, mount point.
struct Mount {
  std::string root, point;
};

/// proc(5): blank, tab, newline and backslash are written as three octal digits.
std::string unescape(std::string_view field) {
  std::string text;
  while (!field.empty()) {
    const bool escaped = field[0] == '\\' && field.size() >= 4;
    if (escaped) {
      text += static_cast<char>((field[1] - '0') * 64 + (field[2] - '0') * 8 + (field[3] - '0'));
    } else {
      text += field[0];
    }
    field.remove_prefix(escaped ? 4 : 1);
  }
  return text;
}

template <typename Function>
void for_each_mount(std::string_view mountinfo, const Function& function) {
  while (!mountinfo.empty()) {
    const std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    const auto fields = split(line, ' ');
    if (fields.size() > 5) function(Mount{unescape(fields[3]), unescape(fields[4])});
  }
}

/// `path` below `directory`, with its leading slash; nullopt when it is not there.
std::optional<std::string> below(const std::string& path, const std::string& directory) {
  if (path.empty() || path[0] != '/') return std::nullopt;
  if (directory == "/") return path;
  if (path.compare(0, directory.size(), directory) != 0) return std::nullopt;
  std::string rest = path.substr(directory.size());
  if (!rest.empty() && rest[0] != '/') return std::nullopt;
  return rest;
}

Result<std::string> read_mountinfo(const std::string& process) {
  const UniqueFd fd(::open((process + "/mountinfo").c_str(), O_RDONLY | O_CLOEXEC));
  return read_to_end(fd.get(), kMaxMountinfo, process + "/mountinfo");
}

/// The process's mount namespace, "mnt:[4026531841]"; empty when it has none any more.
std::string mount_namespace(const std::string& process) {
  std::array<char, 64> name{};
  const ssize_t length = ::readlink((process + "/ns/mnt").c_str(), name.data(), name.size());
  return length > 0 ? std::string(name.data(), static_cast<std::size_t>(length)) : "";
}

}  // namespace

std::string path_in_filesystem(std::string_view mountinfo, const std::string& directory) {
  std::string found;
  std::size_t longest = 0;
  for_each_mount(mountinfo, [&](const Mount& mount) {
    const auto rest = below(directory, mount.point);
    if (!rest || mount.point.size() < longest) return;  // of equal ones the last covers the others
    longest = mount.point.size();
    found = (mount.root == "/" ? "" : mount.root) + *rest;
  });
  return found;
}

void add_mounted(std::string_view mountinfo, const std::string& prefix,
                 std::set<std::string>& names) {
  for_each_mount(mountinfo, [&](const Mount& mount) {
    const auto rest = below(mount.root, prefix);
    if (rest && rest->size() > 1) names.insert(rest->substr(1, rest->find('/', 1) - 1));
  });
}

Result<std::set<std::string>> mounted_entries(const std::string& directory,
                                              std::int64_t deadline_ms, const std::string& proc) {
  SG_TRY(const std::string ours, read_mountinfo(proc + "/self"));
  const std::string prefix = path_in_filesystem(ours, directory);
  if (prefix.empty()) return fail(Code::internal, "cannot find the mount that holds " + directory);
  std::set<std::string> names;
  std::set<std::string> seen;
  add_mounted(ours, prefix, names);
  SG_TRY(const auto processes, list_names(proc));
  for (const std::string& pid : processes) {
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (monotonic_ms() > deadline_ms) {
      return fail(Code::temporary,
                  "it takes too long to find out which images are mounted on this node, so that "
                  "none can be dropped",
                  "look for processes with very many mount namespaces or mounts");
    }
    const std::string process = proc + "/" + pid;
    const std::string space = mount_namespace(process);
    // A process that has ended meanwhile, or is about to, has nothing mounted.
    if (space.empty() || seen.contains(space)) continue;
    const auto theirs = read_mountinfo(process);
    if (!theirs) continue;
    add_mounted(*theirs, prefix, names);
    // Read is what it was in before and after.
    if (mount_namespace(process) == space) seen.insert(space);
  }
  return names;
}

}  // namespace sifguard
