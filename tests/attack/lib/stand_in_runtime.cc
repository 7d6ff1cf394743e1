// Stands in for a setuid container runtime, in two programs: a command-line program that runs on
// the host as the user for some seconds, and, behind it, a setuid starter that enters a root
// directory of its own, with the host's processes in sight, and becomes the user again. No user
// namespace stands between the two. A tool of the tests: runs in the box.
//
//   apptainer [OPTION…] /run/sifguard/job/image/… COMMAND…   executes DIR/starter-suid COMMAND…
//   starter-suid COMMAND…                                    setuid root
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace {

constexpr unsigned kSecondsOnTheHost = 3;
constexpr const char* kRoot = "/apps/test/stand-in";

int fail(const char* what) {
  std::perror(what);
  return 255;
}

int command_line(const std::string& directory, char** argv) {
  while (*argv != nullptr && std::strncmp(*argv, "/run/sifguard/job/", 18) != 0) ++argv;
  if (*argv == nullptr) return fail("no image");
  ::sleep(kSecondsOnTheHost);
  ::execv((directory + "/starter-suid").c_str(), argv);
  return fail("starter-suid");
}

int starter(char** argv) {
  const uid_t uid = ::getuid();
  const gid_t gid = ::getgid();
  const bool inside = ::unshare(CLONE_NEWNS) == 0 &&
                      ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                      ::mount("proc", (std::string(kRoot) + "/proc").c_str(), "proc", 0, "") == 0 &&
                      ::chroot(kRoot) == 0 && ::chdir("/") == 0;
  if (!inside) return fail("container");
  if (::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0) return fail("identity");
  ::execv(argv[1], argv + 1);
  return fail(argv[1]);
}

}  // namespace

int main(int argc, char** argv) {
  char path[PATH_MAX] = "";
  if (argc < 2 || ::readlink("/proc/self/exe", path, sizeof path - 1) < 0) return 255;
  const std::string self = path;
  const std::size_t slash = self.rfind('/');
  if (self.substr(slash + 1) == "starter-suid") return starter(argv);
  return command_line(self.substr(0, slash), argv + 1);
}
