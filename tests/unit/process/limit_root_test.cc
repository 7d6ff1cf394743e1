// What root's programs give up: tried in children. Root.
#include "helper/process/limit_root.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "helper/process/walls.h"
#include "tests/kernel/refusals.h"
#include "tests/unit/base/behind_filter.h"
#include "tests/unit/base/child_shell.h"

namespace sifguard {
namespace {

int when_limited(const std::function<bool()>& deed) {
  return test::status_behind_filter([] { return limit_root().has_value(); }, deed);
}

TEST(LimitRoot, LeavesNoDevicesClocksOrModules) {
  REQUIRE_ROOT();
  EXPECT_EQ(when_limited([] {
              const std::string device = "/tmp/sifguard-device-" + std::to_string(::getpid());
              const bool refused =
                  ::mknod(device.c_str(), S_IFBLK | 0600, makedev(7, 0)) != 0 && errno == EPERM;
              ::unlink(device.c_str());
              return refused;
            }),
            0);
  for (const int gone : {CAP_MKNOD, CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_BOOT, CAP_NET_ADMIN,
                         CAP_NET_RAW, CAP_SYS_TIME, CAP_LINUX_IMMUTABLE, CAP_SETFCAP}) {
    EXPECT_EQ(when_limited([&] { return ::prctl(PR_CAPBSET_READ, gone, 0, 0, 0) == 0; }), 0)
        << gone;
  }
}

TEST(LimitRoot, LeavesItsChildrenNoMore) {
  REQUIRE_ROOT();
  EXPECT_EQ(when_limited([] {
              const pid_t child = ::fork();
              if (child == 0) {
                ::execl("/bin/sh", "sh", "-c", "! mknod /tmp/sifguard-device b 7 0 2>/dev/null",
                        nullptr);
              }
              int status = -1;
              return ::waitpid(child, &status, 0) == child && status == 0;
            }),
            0);
}

TEST(LimitRoot, LeavesWhatLaunchesTake) {
  REQUIRE_ROOT();
  EXPECT_EQ(when_limited([] {
              return ::unshare(CLONE_NEWNS) == 0 &&
                     ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                     ::mount("x", "/tmp", "ramfs", MS_NOSUID, nullptr) == 0;
            }),
            0);
  EXPECT_EQ(when_limited([] {
              ChildSpec spec = test::shell("test $(id -u) = 65534");
              spec.identity = Identity{65534, 65534, {1234}};
              spec.isolation.network = spec.isolation.processes = spec.isolation.mounts =
                  Namespace::must;
              spec.isolation.processes_at_most = 4096;
              auto child = start_child(spec);
              if (!child) return false;
              const auto status = child->wait(monotonic_ms() + 20 * test::kSecond);
              return status && *status == 0;
            }),
            0);
}

TEST(LimitRoot, IsAnErrorWithoutFilters) {
  REQUIRE_ROOT();
  const pid_t child = ::fork();
  if (child == 0) {
    const std::vector<std::string> refusals = {"seccomp"};
    test::refuse_from_now_on(refusals);
    const auto limited = limit_root();
    ::_exit(!limited && limited.error().code() == Code::config ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

/// The walls in a process to which the kernel refuses what is said.
std::string walls_without(const std::vector<std::string>& refusals) {
  auto pipe = make_pipe();
  const pid_t child = ::fork();
  if (child == 0) {
    test::refuse_from_now_on(refusals);
    const auto told = write_all(pipe->write_end.get(), describe_walls(), "pipe");
    ::_exit(told ? 0 : 1);
  }
  pipe->write_end.reset();
  auto said = read_until(pipe->read_end.get(), 4096, monotonic_ms() + 20 * test::kSecond, "tester");
  ::waitpid(child, nullptr, 0);
  return said ? *said : said.error().what();
}

TEST(Walls, AreTried) {
  REQUIRE_ROOT();
  for (const auto& [refusal, line] :
       {std::pair{"net", "network\trefused\tNo space left on device\n"},
        std::pair{"pid=EPERM", "processes\trefused\tOperation not permitted\n"},
        std::pair{"ipc=EINVAL", "ipc\trefused\tInvalid argument\n"},
        std::pair{"mnt", "mounts\trefused\tNo space left on device\n"},
        std::pair{"seccomp", "filter\trefused\tFunction not implemented\n"},
        std::pair{"linux-4.18", "landlock\trefused\tFunction not implemented\n"}}) {
    const std::string walls = walls_without({refusal});
    EXPECT_NE(walls.find(line), std::string::npos) << walls;
    EXPECT_NE(walls.find("\tgiven\n"), std::string::npos) << walls;
  }
}

}  // namespace
}  // namespace sifguard
