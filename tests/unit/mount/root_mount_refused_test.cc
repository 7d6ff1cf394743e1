// Images and nodes of which no root is mounted: one line, and nothing is left.
#include "helper/mount/root_mount.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cstdio>
#include <filesystem>

#include "helper/mount/node_mounts.h"
#include "tests/unit/base/killed_at.h"
#include "tests/unit/mount/root_mount_fixture.h"

namespace sifguard {
namespace {

using test::RootMountTest;
using testing::HasSubstr;
using namespace test;
namespace fs = std::filesystem;

/// A command for the servers that this process started.
std::string servers(const std::string& command) {
  return command + " -P " + std::to_string(::getpid()) + " -x sifguard-imagef >/dev/null";
}

TEST_F(RootMountTest, AnotherKeyOpensNothing) {
  const auto content = [](const std::string& text) { return content_key(secret_of(text)); };
  const std::string said = in_namespace([&]() -> std::string {
    return "1 " + why_not("gocryptfs", password("other")) + "\n2 " +
           why_not("luks", password("other")) + "\n3 " + why_not("gocryptfs", content("short")) +
           "\n4 " + why_not("luks", content("short")) + "\n5 " +
           why_not("gocryptfs", content(std::string(32, 'k'))) + "\n6 " +
           why_not("luks", content("another key" + std::string(53, 'k')));
  });
  for (const char* line : {"1 65 the image's password", "2 65 the image's key", "3 70 ",
                           "4 65 the image's key", "5 65 block 0", "6 65 the kernel"}) {
    EXPECT_NE(said.find(line), std::string::npos) << line << "\n" << said;
  }
}

TEST_F(RootMountTest, AServerThatGetsNoKeyIsGone) {
  const std::string said = in_namespace([&]() -> std::string {
    bool waits = false;
    const auto none = [&]() -> Result<const VolumeKey*> {
      waits = run_shell(servers("pgrep")) == 0;  // ready, or making itself so
      return fail(Code::temporary, "not recorded");
    };
    const std::string why = why_not_by(none) + (waits ? "" : ", and no server waited");
    return run_shell(servers("pgrep")) == 0 ? why + ", and a server is left" : why;
  });
  EXPECT_THAT(said, testing::StartsWith("not recorded"));
  EXPECT_THAT(said, testing::Not(HasSubstr("server")));
}

TEST_F(RootMountTest, AServerThatEndedBeforeItsKeyCameIsNoSignalHere) {
  const std::string said = in_namespace([&]() -> std::string {
    const VolumeKey key = password();
    return why_not_by([&]() -> Result<const VolumeKey*> {
      (void)run_shell(servers("pkill -KILL"));
      return &key;
    });
  });
  EXPECT_THAT(said, HasSubstr("ended before it answered"));
}

TEST_F(RootMountTest, TornImagesAreRefused) {
  make("cp luks luks-torn && printf X | dd of=luks-torn bs=1 seek=4200 conv=notrunc");
  make("cp luks luks-cut && truncate -s 400000 luks-cut");
  make("head -c 1000000 gocryptfs >gocryptfs-short");
  make(
      "rm -rf s && mkdir s && cp shell/squashfs-1 s/ && mksquashfs s gocryptfs-confless -quiet "
      "-noD -noF");
  make(
      "cp shell/gocryptfs.conf s/ && cp s/squashfs-1 s/squashfs-2 && "
      "mksquashfs s gocryptfs-two -quiet -noD -noF && rm s/squashfs-*");
  make("mksquashfs s gocryptfs-none -quiet -noD -noF");
  make(
      "mkdir s/squashfs-1 && mksquashfs s gocryptfs-directory -quiet -noD -noF && rmdir "
      "s/squashfs-1");
  make(
      "ln -s /etc/passwd s/squashfs-1 && mksquashfs s gocryptfs-link -quiet -noD -noF && rm "
      "s/squashfs-1");
  make(
      "head -c 500000 shell/squashfs-1 >s/squashfs-1 && mksquashfs s gocryptfs-torn -quiet -noD "
      "-noF");
  make(
      "head -c $((18 + 4128 * 100)) shell/squashfs-1 >s/squashfs-1 && "
      "mksquashfs s gocryptfs-cut -quiet -noD -noF");
  make(
      "(cat shell/squashfs-1; head -c 5000 /dev/zero) >s/squashfs-1 && "
      "mksquashfs s gocryptfs-long -quiet -noD -noF");
  make(
      "tr a-f g-l <shell/gocryptfs.conf >g && cp shell/squashfs-1 s/ && rm s/gocryptfs.conf && "
      "cp g s/gocryptfs.conf && mksquashfs s gocryptfs-conf -quiet -noD -noF");
  const std::string said = in_namespace([&]() -> std::string {
    std::string all;
    for (const char* kind :
         {"luks-torn", "luks-cut", "gocryptfs-short", "gocryptfs-confless", "gocryptfs-two",
          "gocryptfs-none", "gocryptfs-directory", "gocryptfs-link", "gocryptfs-torn",
          "gocryptfs-cut", "gocryptfs-long", "gocryptfs-conf", "luks-plain"}) {
      if (std::string(kind) == "luks-plain")
        fs::copy_file(directory() / "plain", directory() / kind);
      all += std::string(kind) + ": " + why_not(kind) + "\n";
    }
    return all;
  });
  for (const char* line : {"luks-torn: 65 the first LUKS header", "luks-cut: 65 LUKS: areas",
                           "gocryptfs-short: 65 the kernel",
                           "gocryptfs-confless: 65 the encrypted image has no gocryptfs.conf",
                           "gocryptfs-two: 65 the encrypted image holds more than one",
                           "gocryptfs-none: 65 the encrypted image holds no encrypted file",
                           "gocryptfs-directory: 65 the encrypted image holds something else",
                           "gocryptfs-link: 65 cannot open", "gocryptfs-torn: 65 block",
                           "gocryptfs-cut: 65 the kernel", "gocryptfs-long: 65 block",
                           "gocryptfs-conf: 65 gocryptfs.conf",
                           "luks-plain: 65 the encrypted partition has no LUKS header"}) {
    EXPECT_NE(said.find(line), std::string::npos) << line;
  }
  if (HasFailure()) std::fputs(said.c_str(), stderr);
}

TEST_F(RootMountTest, ANodeWithoutWhatItTakesSaysSo) {
  EXPECT_THAT(in_namespace([&]() -> std::string {
                ::mount("dev", "/dev", "tmpfs", 0, "mode=0755");
                return why_not("plain");
              }),
              HasSubstr("78 cannot open /dev/loop-control"));
  EXPECT_THAT(in_namespace([&]() -> std::string {
                ::mount("/dev/null", "/dev/fuse", nullptr, MS_BIND, nullptr);
                return why_not("luks");
              }),
              HasSubstr("fuse"));
  EXPECT_THAT(in_namespace([&]() -> std::string {
                const auto opened = test::partition_of(directory(), "gocryptfs");
                RootMountOptions with = options();
                with.server.libexec_dir = "/nonexistent";
                const auto root = mount("gocryptfs", opened.partition, password(), with);
                return root ? "mounted" : root.error().line();
              }),
              HasSubstr("/nonexistent/sifguard-imagefs"));
}

TEST_F(RootMountTest, WhatTheNodeGivesIsTold) {
  const std::string whole = describe_mounts();
  EXPECT_THAT(whole, testing::StartsWith("squashfs\tgiven\nowners\t"));
  EXPECT_THAT(whole, testing::EndsWith("\nfuse\tgiven\n"));
  EXPECT_THAT(in_namespace([&]() -> std::string {
                ::mount("dev", "/dev", "tmpfs", 0, "mode=0755");
                return describe_mounts();
              }),
              testing::AllOf(HasSubstr("squashfs\trefused\tcannot open /dev/loop-control"),
                             HasSubstr("fuse\trefused\tcannot open /dev/fuse")));
}

TEST_F(RootMountTest, UnlockingThatDoesNotEndInTimeEnds) {
  EXPECT_THAT(in_namespace([&]() -> std::string {
                const auto opened = partition_of(directory(), "luks");
                RootMountOptions with = options();
                with.deadline_ms = monotonic_ms();
                const auto root = mount("luks", opened.partition, password(), with);
                return root ? "mounted" : root.error().line();
              }),
              HasSubstr("did not end in time"));
}

/// Nobody else holds its other end any more.
bool all_have_closed(int read_end) {
  std::string text(4096, ' ');
  for (;;) {
    pollfd ready{read_end, POLLIN, 0};
    if (::poll(&ready, 1, 60'000) != 1) return false;
    if (::read(read_end, text.data(), text.size()) <= 0) return true;
  }
}

TEST_F(RootMountTest, AHelperThatIsKilledLeavesNothing) {
  // From the loop device of the outer file system to the place of the inner one.
  for (const long number :
       {SYS_ioctl, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_getdents64, SYS_pipe2, SYS_clone,
        SYS_poll, SYS_kill, SYS_mount_setattr, SYS_pidfd_open, SYS_move_mount}) {
    auto log = make_pipe();  // the server holds it as long as it lives
    EXPECT_EQ(in_namespace([&]() -> std::string {
                killed_at(static_cast<unsigned>(number), [&] {
                  RootMountOptions with = options();
                  with.server.log = log->write_end.get();
                  const auto opened = partition_of(directory(), "gocryptfs");
                  const auto root = mount("gocryptfs", opened.partition, password(), with);
                  if (root) (void)root->place(kRoot);
                });
                return "";
              }),
              "");
    log->write_end.reset();
    EXPECT_TRUE(all_have_closed(log->read_end.get())) << number;
  }
}

}  // namespace
}  // namespace sifguard
