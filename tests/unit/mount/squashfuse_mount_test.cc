// Roots that squashfuse serves instead of the kernel: what is seen in them, what is refused, and
// that nothing is left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <filesystem>
#include <vector>

#include "helper/mount/node_mounts.h"
#include "helper/mount/root_mount.h"
#include "tests/kernel/refusals.h"
#include "tests/unit/base/killed_at.h"
#include "tests/unit/mount/root_mount_fixture.h"

namespace sifguard {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::StartsWith;
namespace fs = std::filesystem;

/// The status file's field of a process; empty where there is none.
std::string field_of(const std::string& process, const std::string& name) {
  // A stream would throw where the process goes meanwhile.
  const UniqueFd fd(::open(("/proc/" + process + "/status").c_str(), O_RDONLY | O_CLOEXEC));
  const std::string status = "\n" + read_to_end(fd.get(), 65536, "a process").value_or("");
  const std::size_t at = status.find("\n" + name + ":\t");
  if (at == std::string::npos) return {};
  const std::size_t start = at + name.size() + 3;
  return status.substr(start, status.find('\n', start) - start);
}

/// Running processes of the account that serves here alone, and are called so.
std::vector<std::string> servers(const std::string& name = {}) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator("/proc", ignored)) {
    const std::string number = process.path().filename();
    if (!field_of(number, "Uid").starts_with(std::to_string(kServer) + "\t")) continue;
    if (field_of(number, "State").starts_with("Z")) continue;
    if (name.empty() || field_of(number, "Name") == name) found.push_back(number);
  }
  return found;
}

class SquashfuseMountTest : public RootMountTest {
 protected:
  void SetUp() override {
    if (!has_squashfuse()) {
      GTEST_SKIP() << "SKIPPED: needs " << kSquashfuse << " 0.2 or later";
    }
    RootMountTest::SetUp();
    by_squashfuse_ = true;
  }
  void TearDown() override {
    by_squashfuse_ = false;
    EXPECT_TRUE(becomes_true([] { return servers().empty(); })) << "servers are left";
    RootMountTest::TearDown();
  }
};

TEST_F(SquashfuseMountTest, ShowsTheFilesOfTheImage) {
  for (const char* kind : {"plain", "gocryptfs", "luks"}) {
    EXPECT_EQ(in_namespace([&] { return looks_right(kind); }), "") << kind;
  }
}

TEST_F(SquashfuseMountTest, TakesNoLoopDeviceAndNoSquashfsOfTheKernels) {
  for (const char* kind : {"plain", "gocryptfs", "luks"}) {
    EXPECT_EQ(in_namespace([&]() -> std::string {
                if (run_shell("mount --bind /dev/null /dev/loop-control") != 0) return "no mount";
                return looks_right(kind);
              }),
              "")
        << kind;
  }
}

TEST_F(SquashfuseMountTest, TheFilesAreTheOwnersWhateverTheKernel) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const std::string old = "mount_setattr";
              refuse_from_now_on({&old, 1});
              const auto root = mount("gocryptfs");
              if (!root) return root.error().line();
              if (!root->shows_owner()) return "not the owner's";
              if (!root->place(kRoot)) return "cannot place";
              return why_not_the_users("secret\n");
            }),
            "");
}

TEST_F(SquashfuseMountTest, OthersAreHeldToTheModes) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const auto root = mount("plain");
              if (!root || !root->place(kRoot)) return "cannot mount";
              if (::setgid(kGroup + 9) != 0 || ::setuid(kUser + 9) != 0) return "no other user";
              if (read_file("/run/root/etc/7") != "file 7\n") return "what all may read is not";
              return ::open("/run/root/etc/shadow", O_RDONLY) < 0 && errno == EACCES ? "" : "read";
            }),
            "");
}

TEST_F(SquashfuseMountTest, NothingInItCanBeChangedOrGivesRights) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const auto root = mount("luks");
              if (!root || !root->place(kRoot)) return "cannot mount";
              return why_not_inert();
            }),
            "");
}

TEST_F(SquashfuseMountTest, AServerThatIsKilledIsADiskThatBroke) {
  for (const char* victim : {"squashfuse_ll", "sifguard-squash"}) {
    EXPECT_EQ(in_namespace([&]() -> std::string {
                const auto root = mount("plain");
                if (!root || !root->place(kRoot)) return "cannot mount";
                if (read_file("/run/root/etc/1") != "file 1\n") return "not readable";
                const auto found = servers(victim);
                if (found.size() != 1) return std::to_string(found.size()) + " servers";
                ::kill(static_cast<pid_t>(std::stol(found.front())), SIGKILL);
                if (!becomes_true([] { return servers("squashfuse_ll").empty(); })) return "lives";
                return run_shell("cat /run/root/bin/large >/dev/null 2>&1") == 0 ? "read" : "";
              }),
              "")
        << victim;
  }
}

TEST_F(SquashfuseMountTest, TheServersDoNotOutliveTheirOwnerForLong) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const pid_t owner = ::fork();
              if (owner == 0) {
                ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
                for (;;) ::pause();
              }
              const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, owner, 0)));
              if (!handle.valid()) return "";  // Linux before 5.3
              RootMountOptions with = options();
              with.server.owner = handle.get();
              const auto opened = partition_of(directory(), "gocryptfs");
              const auto root = mount("gocryptfs", opened.partition, password(), with);
              if (!root || !root->place(kRoot)) return "cannot mount";
              if (servers().size() < 3) return "too few servers";
              ::kill(owner, SIGKILL);
              ::waitpid(owner, nullptr, 0);
              return becomes_true([] { return servers().empty(); }) ? "" : "they live on";
            }),
            "");
}

TEST_F(SquashfuseMountTest, TheServerHasWhatItNeedsAndNoMore) {
  EXPECT_EQ(in_namespace([&]() -> std::string {
              const auto root = mount("luks");
              if (!root) return root.error().line();
              const auto found = servers("squashfuse_ll");
              if (found.size() != 1) return std::to_string(found.size()) + " servers";
              const std::string& server = found.front();
              std::string wrong;
              const auto expect = [&](const std::string& name, const std::string& wanted) {
                if (field_of(server, name) != wanted)
                  wrong += name + " is " + field_of(server, name) + "; ";
              };
              expect("Seccomp", "2");
              expect("NoNewPrivs", "1");
              expect("CapEff", "0000000000000000");
              expect("Groups", " ");
              for (const char* name : {"mnt", "net", "ipc", "pid", "uts", "user"}) {
                const auto space = [&](const std::string& process) {
                  return fs::read_symlink("/proc/" + process + "/ns/" + name).string();
                };
                if (space(server) == space("self")) wrong += std::string("our ") + name + "; ";
              }
              struct stat st {};
              if (::stat(("/proc/" + server + "/fd/4").c_str(), &st) != 0) wrong += "no image; ";
              const std::string fuse = fs::read_symlink("/proc/" + server + "/fd/3");
              if (fuse != "/dev/fuse") wrong += "no connection; ";
              return wrong;
            }),
            "");
}

std::string refusal(const std::function<Result<RootMount>()>& mounted) {
  return in_namespace([&] {
    const auto root = mounted();
    return root ? std::string("mounted")
                : std::to_string(root.error().exit_status()) + " " + root.error().line();
  });
}

TEST_F(SquashfuseMountTest, WhatIsNoSquashfsIsRefused) {
  make("head -c 100000 /dev/urandom >noise");
  EXPECT_THAT(refusal([&] {
                return mount("plain", partition_of(directory(), "noise").partition, password(),
                             options());
              }),
              StartsWith("65 /usr/bin/squashfuse_ll does not serve the image's squashfs"));
}

TEST_F(SquashfuseMountTest, AProgramThatIsNotThereOrNotRootsIsRefused) {
  const auto with = [&](const std::string& program) {
    RootMountOptions with = options();
    with.squashfuse = program;
    const auto opened = partition_of(directory(), "plain");
    return mount("plain", opened.partition, password(), with);
  };
  EXPECT_THAT(refusal([&] { return with("/nonexistent/squashfuse_ll"); }),
              HasSubstr("/nonexistent/squashfuse_ll"));
  make("cp /bin/true mine && chown 23456 mine");
  EXPECT_THAT(refusal([&] { return with(directory() / "mine"); }), StartsWith("78 "));
}

TEST_F(SquashfuseMountTest, BeforeLinux52ItIsRefused) {
  EXPECT_THAT(refusal([&] {
                const std::string old = "linux-4.18";
                refuse_from_now_on({&old, 1});
                return mount("plain");
              }),
              HasSubstr("mount_driver: fuse needs Linux 5.2"));
}

TEST_F(SquashfuseMountTest, AHelperThatIsKilledLeavesNothing) {
  for (const long number : {SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_pipe2, SYS_clone, SYS_poll,
                            SYS_wait4, SYS_kill, SYS_pidfd_open, SYS_move_mount}) {
    EXPECT_EQ(in_namespace([&]() -> std::string {
                killed_at(static_cast<unsigned>(number), [&] {
                  const auto opened = partition_of(directory(), "luks");
                  const auto root = mount("luks", opened.partition, password(), options());
                  if (root) (void)root->place(kRoot);
                });
                return "";
              }),
              "");
    EXPECT_TRUE(becomes_true([] { return servers().empty(); })) << number;
  }
}

TEST_F(SquashfuseMountTest, ATrialTellsWhetherItServes) {
  SquashfuseTrial trial{SIFGUARD_BIN, kSquashfuse, {kServer, kServer, {}}};
  EXPECT_EQ(describe_mounts(trial), "fuse\tgiven\nsquashfuse\tgiven\n");
  trial.squashfuse = "/usr/bin/true";
  EXPECT_THAT(describe_mounts(trial),
              StartsWith("fuse\tgiven\nsquashfuse\trefused\t/usr/bin/true "));
}

}  // namespace
}  // namespace sifguard
