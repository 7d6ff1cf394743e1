// Reading mountinfo: where the cache lies in its filesystem, and what is mounted from there.
#include "helper/stage/mounted_entries.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "keystore/base/child.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using Names = std::set<std::string>;

constexpr const char* kHost =
    "21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
    "30 21 254:16 /@var /var rw shared:2 - btrfs /dev/vdb rw\n"
    "31 30 254:32 / /var/with\\040blank rw shared:3 - ext4 /dev/vdc rw\n"
    "32 21 254:48 / /over rw shared:4 - ext4 /dev/vdd rw\n"
    "33 32 254:64 /sub /over rw shared:5 - ext4 /dev/vde rw\n";

Names mounted(const std::string& mountinfo, const std::string& prefix) {
  Names names;
  add_mounted(mountinfo, prefix, names);
  return names;
}

TEST(PathInFilesystem, TakesTheInnermostMount) {
  EXPECT_EQ(path_in_filesystem(kHost, "/srv/cache"), "/srv/cache");
  EXPECT_EQ(path_in_filesystem(kHost, "/var/cache/entries"), "/@var/cache/entries");
  EXPECT_EQ(path_in_filesystem(kHost, "/variable/cache"), "/variable/cache");
  EXPECT_EQ(path_in_filesystem(kHost, "/var/with blank/cache"), "/cache");
}

TEST(PathInFilesystem, TakesTheLastOfMountsOnOneAnother) {
  EXPECT_EQ(path_in_filesystem(kHost, "/over/cache"), "/sub/cache");
}

TEST(PathInFilesystem, IsEmptyWhenNothingHoldsIt) {
  EXPECT_EQ(path_in_filesystem("", "/var/cache"), "");
  EXPECT_EQ(path_in_filesystem("30 21 254:16 / /other rw - ext4 /dev/vdb rw\n", "/var"), "");
  EXPECT_EQ(path_in_filesystem("half a line", "/var"), "");
}

TEST(MountedEntries, AreThoseBelowThePrefix) {
  const std::string text =
      "50 1 254:0 /c/entries/one/image.sif /run/x ro - ext4 /dev/vda rw\n"
      "51 1 254:0 /c/entries/two/image.sif//deleted /run/y ro - ext4 /dev/vda rw\n"
      "52 1 254:0 /c/entries/three /run/z ro - ext4 /dev/vda rw\n";
  EXPECT_EQ(mounted(text, "/c/entries"), (Names{"one", "two", "three"}));
}

TEST(MountedEntries, AreNotThoseElsewhere) {
  const std::string text =
      "50 1 254:0 /home/u/c/entries/forged/image.sif /c/entries/forged ro - ext4 /dev/vda rw\n"
      "51 1 254:0 /c/entries-too/x/image.sif /run/y ro - ext4 /dev/vda rw\n"
      "52 1 254:0 /c/entries /run/z ro - ext4 /dev/vda rw\n"
      "53 1 254:0 / /c/entries/y ro - ext4 /dev/vda rw\n";
  EXPECT_EQ(mounted(text, "/c/entries"), Names{});
}

TEST(MountedEntries, SurviveWhatIsNoMountinfo) {
  EXPECT_EQ(mounted("", "/c"), Names{});
  EXPECT_EQ(mounted("\n\n \n", "/c"), Names{});
  EXPECT_EQ(mounted("a b c \\ \\1 \\12 f g", "/c"), Names{});
  EXPECT_EQ(mounted("1 2 3 /c/x\\04", "/c"), Names{});
}

TEST(MountedEntries, ADirectoryWithoutAMountIsAnError) {
  const auto names = mounted_entries("relative", monotonic_ms() + 10000);
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().code(), Code::internal);
}

/// A proc(5) of files, so that what is read of whom shows.
class Proc : public testing::Test {
 protected:
  void SetUp() override { process("self", "mnt:[1]", "one"); }
  /// A process that has `entry` mounted.
  void process(const std::string& pid, const std::string& space, const std::string& entry) const {
    std::filesystem::create_directories(directory_ / (pid + "/ns"));
    if (!space.empty()) {
      std::filesystem::create_symlink(space, directory_ / (pid + "/ns/mnt"));
    }
    test::write_file(directory_ / (pid + "/mountinfo"),
                     "21 1 254:0 / / rw - ext4 /dev/vda rw\n50 1 254:0 /c/entries/" + entry +
                         "/image.sif /run/x ro - ext4 /dev/vda rw\n");
  }
  [[nodiscard]] Names mounted() const {
    const auto names = mounted_entries("/c/entries", monotonic_ms() + 300'000, directory_.path());
    EXPECT_TRUE(names) << names.error().line();
    return names ? *names : Names{};
  }
  test::TempDir directory_;
};

TEST_F(Proc, EachNamespaceIsReadOnce) {
  process("10", "mnt:[2]", "two");
  process("11", "mnt:[2]", "not read");
  process("12", "mnt:[3]", "three");
  EXPECT_EQ(mounted(), (Names{"one", "two", "three"}));
}

TEST_F(Proc, AProcessThatCannotBeReadDoesNotStandForItsNamespace) {
  process("10", "mnt:[2]", "two");
  std::filesystem::remove(directory_ / "10/mountinfo");
  process("11", "mnt:[2]", "three");
  EXPECT_EQ(mounted(), (Names{"one", "three"}));
}

TEST_F(Proc, WhatIsNoProcessIsNotLookedAt) {
  process("10", "", "without a namespace");
  process("asound", "mnt:[2]", "two");
  process("1o", "mnt:[3]", "three");
  EXPECT_EQ(mounted(), (Names{"one"}));
}

TEST_F(Proc, HoweverLongATableIsItsLastLineCounts) {
  process("10", "mnt:[2]", "two");
  const std::string other = "60 1 0:50 / /home/x/" + std::string(4000, 'x') + " rw - tmpfs t rw\n";
  std::string table;
  for (int i = 0; i < 17'000; ++i) table += other;  // 64 MiB and more
  test::write_file(directory_ / "10/mountinfo",
                   table + "50 1 254:0 /c/entries/last/image.sif /run/x ro - ext4 /dev/vda rw\n");
  EXPECT_EQ(mounted(), (Names{"one", "last"}));
}

TEST_F(Proc, ATableThatIsNotReadToItsEndIsNotTakenForAnEmptyOne) {
  const auto expect_unknown = [&] {
    const auto names = mounted_entries("/c/entries", monotonic_ms() + 10000, directory_.path());
    ASSERT_FALSE(names);
    EXPECT_EQ(names.error().code(), Code::temporary);
    EXPECT_NE(names.error().line().find("none can be dropped"), std::string::npos);
  };
  process("10", "mnt:[2]", "two");
  test::write_file(directory_ / "10/mountinfo", std::string(2U << 20U, 'x'));
  expect_unknown();
  std::filesystem::remove(directory_ / "10/mountinfo");
  std::filesystem::create_directory(directory_ / "10/mountinfo");  // read(2) fails
  expect_unknown();
}

TEST_F(Proc, ManyThatLookLikeEntriesAreNotKeptInMemory) {
  std::string table;
  for (int i = 0; i < 70'000; ++i) {
    table += "50 1 0:9 /c/entries/" + std::to_string(i) + " /run/x ro - tmpfs t rw\n";
  }
  process("10", "mnt:[2]", "two");
  test::write_file(directory_ / "10/mountinfo", table);
  const auto names = mounted_entries("/c/entries", monotonic_ms() + 10000, directory_.path());
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().code(), Code::temporary);
}

TEST_F(Proc, PastTheDeadlineNobodyKnows) {
  process("10", "mnt:[2]", "two");
  const auto names = mounted_entries("/c/entries", monotonic_ms() - 1, directory_.path());
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().code(), Code::temporary);
  EXPECT_NE(names.error().line().find("none can be dropped"), std::string::npos);
}

}  // namespace
}  // namespace sifguard
