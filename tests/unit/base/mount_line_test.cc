#include "keystore/base/mount_line.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace sifguard {
namespace {

TEST(MountLine, IsTakenApart) {
  const auto mount = parse_mount_line(
      "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue");
  ASSERT_TRUE(mount);
  EXPECT_EQ(mount->device, "98:0");
  EXPECT_EQ(mount->root, "/mnt1");
  EXPECT_EQ(mount->point, "/mnt2");
  EXPECT_TRUE(mount->shared);
  EXPECT_EQ(mount->type, "ext3");
  EXPECT_FALSE(parse_mount_line("36 35 0:1 / / rw master:1 - fuse.x shared:2 rw")->shared);
  EXPECT_FALSE(parse_mount_line("36 35 0:1 / / rw - proc shared:2 rw")->shared);
  EXPECT_EQ(parse_mount_line("36 35 0:1 / / rw - fuse.x /dev/x rw")->type, "fuse.x");
}

TEST(MountLine, PathsAreUnescaped) {
  const auto mount =
      parse_mount_line("1 2 0:3 /a\\134b\\011 /with\\040blank\\012 rw - tmpfs none rw");
  ASSERT_TRUE(mount);
  EXPECT_EQ(mount->root, "/a\\b\t");
  EXPECT_EQ(mount->point, "/with blank\n");
  EXPECT_EQ(parse_mount_line("1 2 0:3 / /end\\04 rw - tmpfs none rw")->point, "/end\\04");
}

TEST(MountLine, OtherLinesAreNone) {
  for (const char* line : {"", " ", "1 2 0:3 / /x", "1 2 0:3 / /x rw", "1 2 0:3 / /x rw shared:1",
                           "1 2 0:3 / /x rw -", "1 2 0:3 / /x -", "- tmpfs none rw", "\n"}) {
    EXPECT_FALSE(parse_mount_line(line)) << line;
  }
}

TEST(MountLine, AllOfThisProcess) {
  std::ifstream file("/proc/self/mountinfo");
  std::size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const auto mount = parse_mount_line(line);
    ASSERT_TRUE(mount) << line;
    EXPECT_EQ(mount->point.front(), '/');
    EXPECT_NE(mount->device.find(':'), std::string::npos);
  }
  EXPECT_GT(count, 0U);
}

}  // namespace
}  // namespace sifguard
