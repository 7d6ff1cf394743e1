// FUSE servers of containers that cannot die. Root.
#include "helper/mount/stuck_servers.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "keystore/base/contains.h"
#include "keystore/base/fd.h"
#include "keystore/base/lines.h"
#include "keystore/base/mount_line.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

/// What the runtimes start, by /proc/PID/comm; the type of their mounts is "fuse." and this.
constexpr std::array<std::string_view, 5> kServers = {"gocryptfs", "squashfuse", "squashfuse_ll",
                                                      "fuse-overlayfs", "fuse2fs"};
constexpr unsigned kExiting = 4;  // PF_EXITING of the kernel's include/linux/sched.h
constexpr useconds_t kMoment = 200'000;
constexpr std::size_t kMaxText = 4096;    // of a line about a process, or a number
constexpr const char* kNode = "/proc/1";  // its table of mounts is the node's own
constexpr const char* kFuseControl = "/sys/fs/fuse/connections";

struct Stuck {
  std::string thread;  ///< /proc/PID/task/TID
  std::string name;
};

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string read_proc(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return {};  // it has gone meanwhile
  return read_to_end(fd.get(), kMaxText, path).value_or(std::string());
}

/// It waits so that signals end it, if it has seen all of its own: there are none any more for it.
bool waits(const ThreadState& state) noexcept {
  return state.exiting && (state.state == 'D' || state.state == 'S');
}

bool is_stuck(const std::string& thread) {
  const auto state = parse_thread_state(read_proc(thread + "/stat"));
  return state && waits(*state);
}

/// Which thread closes the files is chance: the last one. Few processes have a first thread that
/// has ended or that sleeps so, and of those alone the others are looked at.
void add_stuck(const std::string& process, std::vector<Stuck>& found) {
  const auto first = parse_thread_state(read_proc(process + "/stat"));
  if (!first || !first->exiting || (!waits(*first) && first->state != 'Z') ||
      !contains(kServers, first->name)) {
    return;
  }
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator(process + "/task", error)) {
    if (is_stuck(thread.path().native())) found.push_back({thread.path().native(), first->name});
  }
}

std::vector<Stuck> all_stuck() {
  std::vector<Stuck> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    if (number(entry.path().filename().native())) add_stuck(entry.path().native(), found);
  }
  return found;
}

/// The kernel's control files, in a namespace of our own: nobody else's /sys changes.
Status show_connections() {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_PRIVATE | MS_REC, nullptr) != 0 ||
      ::mount("fusectl", kFuseControl, "fusectl", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
    return fail_errno(Code::unavailable, std::string("cannot mount ") + kFuseControl, errno);
  }
  return {};
}

/// Whether somebody waits for an answer of its server, as a server that waits for itself does.
bool is_waited_for(unsigned connection) {
  const std::string path =
      std::string(kFuseControl) + "/" + std::to_string(connection) + "/waiting";
  const std::string text = read_proc(path);  // "3\n"
  return !text.empty() && text != "0\n";
}

bool abort_connection(unsigned connection) {
  const std::string path = std::string(kFuseControl) + "/" + std::to_string(connection) + "/abort";
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return fd.valid() && write_all(fd.get(), "1", path).has_value();
}

bool abort_if_waited_for(unsigned connection) {
  return is_waited_for(connection) && abort_connection(connection);
}

/// Of the whole table, however long users have made it: half of the node's would leave connections
/// out that are everybody's. None of a process that has gone.
Result<std::vector<unsigned>> connections_of(const std::string& process, const std::string& name) {
  constexpr std::size_t kMaxLine = std::size_t{1} << 20;  // paths and options of a page each
  std::vector<unsigned> connections;
  const std::string path = process + "/mountinfo";
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const bool gone = errno == ENOENT || errno == ESRCH || errno == EINVAL;
  if (!fd.valid() && gone && process != kNode) return connections;
  const Status read =
      read_lines(fd.get(), kMaxLine, path, [&](std::string_view line, bool) -> Status {
        const auto served = served_connections(line, name);
        connections.insert(connections.end(), served.begin(), served.end());
        return {};
      });
  if (!read) return fail(Code::unavailable, read.error().what());
  return connections;
}

Result<std::vector<unsigned>> own_connections_of(const Stuck& server) {
  SG_TRY(const auto everybodys, connections_of(kNode, server.name));
  SG_TRY(auto served, connections_of(server.thread, server.name));
  return own_connections(std::move(served), everybodys);
}

}  // namespace

std::optional<ThreadState> parse_thread_state(std::string_view line) {
  const std::size_t open = line.find('(');
  const std::size_t close = line.rfind(')');  // the name may hold anything, parentheses included
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  // Behind the name: state, ppid, pgrp, session, tty, tpgid, flags (proc_pid_stat(5)).
  const std::vector<std::string> fields = split(line.substr(close + 1), ' ');
  if (fields.size() < 8 || fields[1].size() != 1) return std::nullopt;
  const auto flags = number(fields[7]);
  if (!flags) return std::nullopt;
  return ThreadState{std::string(line.substr(open + 1, close - open - 1)), fields[1].front(),
                     (*flags & kExiting) != 0};
}

std::vector<unsigned> served_connections(std::string_view mountinfo, std::string_view name) {
  const std::string type = "fuse." + std::string(name);
  std::vector<unsigned> connections;
  for (const std::string& line : split(mountinfo, '\n')) {
    const auto mount = parse_mount_line(line);
    if (!mount || mount->type != type || !mount->device.starts_with("0:")) continue;
    const auto minor = number(std::string_view(mount->device).substr(2));
    if (minor) connections.push_back(*minor);
  }
  return connections;
}

std::vector<unsigned> own_connections(std::vector<unsigned> served,
                                      const std::vector<unsigned>& everybodys) {
  std::erase_if(served, [&](unsigned each) { return contains(everybodys, each); });
  return served;
}

Result<std::size_t> free_stuck_servers() {
  ::usleep(kMoment);  // what is being killed right now comes so far
  std::vector<Stuck> found = all_stuck();
  if (found.empty()) return 0;
  ::usleep(kMoment);  // who merely passes through this state has passed by then
  std::erase_if(found, [](const Stuck& one) { return !is_stuck(one.thread); });
  if (found.empty()) return 0;
  SG_CHECK(show_connections());
  std::size_t freed = 0;
  Status all{};
  for (const Stuck& one : found) {
    const auto own = own_connections_of(one);
    if (!own) {
      all = tl::unexpected(own.error());
      continue;
    }
    if (std::count_if(own->begin(), own->end(), abort_if_waited_for) > 0) ++freed;
  }
  SG_CHECK(all);
  return freed;
}

}  // namespace sifguard
