// What a process can do to others of its uid. A tool of the tests: runs in the box, in a container,
// as the user. For SECONDS it stops every process of the uid that has one of the names, tries what
// the kernel may allow on it, and lets it go on; again and again until it could attach. (Then it is
// left alone: a setuid program that a traced process executes gets no other uid.)
//
//   reach SECONDS NAME…   prints "ready", and in the end "NAME: WHAT…" a line: what succeeded, or
//                         "nothing", or "not seen"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>

namespace {

using Reached = std::set<std::string>;

bool can_read(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  char byte = 0;
  const ssize_t got = ::read(fd, &byte, 1);
  const int error = errno;
  ::close(fd);
  // Of a process that is ending nothing is read. Nothing is mapped at 0, but it was looked at.
  return got > 0 || (got < 0 && (error == EIO || error == EFAULT));
}

bool can_list(const std::string& path) {
  DIR* const directory = ::opendir(path.c_str());
  if (directory == nullptr) return false;
  ::closedir(directory);
  return true;
}

bool can_follow(const std::string& path) {
  char target[4096];
  return ::readlink(path.c_str(), target, sizeof target) > 0;
}

bool can_read_memory(pid_t pid) {
  char byte = 0;
  struct iovec here = {&byte, 1};
  struct iovec there = {nullptr, 1};
  return ::process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

bool can_take_descriptor(pid_t pid) {
  const auto process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (process < 0) return false;
  const long fd = ::syscall(SYS_pidfd_getfd, process, 0, 0);
  const bool taken = fd >= 0 || errno == EBADF;
  if (fd >= 0) ::close(static_cast<int>(fd));
  ::close(process);
  return taken;
}

bool can_attach(pid_t pid) {
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) != 0) return false;
  ::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr);
  int status = 0;
  ::waitpid(pid, &status, __WALL);
  ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
  return true;
}

/// T: stopped; Z or X: ending. 0 for one that is gone.
char state_of(pid_t pid) {
  std::FILE* const file = std::fopen(("/proc/" + std::to_string(pid) + "/stat").c_str(), "re");
  if (file == nullptr) return 0;
  char state = 0;
  if (std::fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = 0;
  std::fclose(file);
  return state;
}

/// Waits until it stands still, a second at most: in the middle of its exec a process has its new
/// name already, and not yet what belongs to it.
void stop(pid_t pid) {
  ::kill(pid, SIGSTOP);
  const struct timespec pause = {0, 1'000'000};
  for (int i = 0; i < 1000; ++i) {
    const char state = state_of(pid);
    if (state == 0 || std::strchr("TtZX", state) != nullptr) return;
    ::nanosleep(&pause, nullptr);
  }
}

void try_all(pid_t pid, Reached& reached) {
  const std::string process = "/proc/" + std::to_string(pid) + "/";
  stop(pid);
  for (const char* file : {"mem", "environ", "maps", "auxv", "syscall"}) {
    if (can_read(process + file)) reached.insert(file);
  }
  if (can_list(process + "fd")) reached.insert("fd");
  for (const char* link : {"root", "cwd", "exe"}) {
    if (can_follow(process + link)) reached.insert(link);
  }
  if (can_list(process + "root/")) reached.insert("root");
  if (can_read_memory(pid)) reached.insert("vm");
  if (can_take_descriptor(pid)) reached.insert("getfd");
  if (can_attach(pid)) reached.insert("attach");
  ::kill(pid, SIGCONT);
}

std::string name_of(const std::string& pid) {
  char name[64] = "";
  std::FILE* const file = std::fopen(("/proc/" + pid + "/comm").c_str(), "re");
  if (file == nullptr) return "";
  const bool got = std::fscanf(file, "%63s", name) == 1;
  std::fclose(file);
  return got ? name : "";
}

/// Of the process itself: /proc gives an undumpable one to root.
bool is_ours(const std::string& pid) {
  std::FILE* const file = std::fopen(("/proc/" + pid + "/status").c_str(), "re");
  if (file == nullptr) return false;
  char line[256];
  unsigned uid = 0;
  bool found = false;
  while (!found && std::fgets(line, sizeof line, file) != nullptr) {
    found = std::sscanf(line, "Uid: %u", &uid) == 1;
  }
  std::fclose(file);
  return found && uid == ::getuid();
}

struct Findings {
  std::map<std::string, Reached> all;  ///< by name
  std::set<std::string> seen;          ///< names
  std::set<std::string> attached;      ///< "PID NAME"
};

void examine(const std::string& pid, const std::string& name, Findings& findings) {
  Reached reached;
  try_all(std::atoi(pid.c_str()), reached);
  if (name_of(pid) != name) return;  // it became something else meanwhile
  findings.seen.insert(name);
  if (reached.contains("attach")) findings.attached.insert(pid + " " + name);
  findings.all[name].merge(reached);
}

void scan(Findings& findings) {
  DIR* const directory = ::opendir("/proc");
  while (const dirent* entry = directory == nullptr ? nullptr : ::readdir(directory)) {
    const std::string pid = entry->d_name;
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string name = name_of(pid);
    const bool wanted =
        findings.all.contains(name) && !findings.attached.contains(pid + " " + name);
    if (wanted && is_ours(pid)) examine(pid, name, findings);
  }
  if (directory != nullptr) ::closedir(directory);
}

}  // namespace

int main(int argc, char** argv) {
  Findings findings;
  for (int i = 2; i < argc; ++i) findings.all[argv[i]] = {};
  const time_t end = ::time(nullptr) + (argc > 1 ? std::atoi(argv[1]) : 0);
  std::puts("ready");
  std::fflush(stdout);
  while (::time(nullptr) < end) scan(findings);
  for (const auto& [name, reached] : findings.all) {
    std::string line = name + ":";
    for (const std::string& what : reached) line += " " + what;
    if (reached.empty()) line += findings.seen.contains(name) ? " nothing" : " not seen";
    std::puts(line.c_str());
  }
  return 0;
}
