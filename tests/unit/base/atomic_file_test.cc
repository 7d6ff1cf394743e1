#include "keystore/base/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

UniqueFd open_directory(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::size_t entries(const std::filesystem::path& path) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path),
                                                std::filesystem::directory_iterator{}));
}

TEST(AtomicFile, ReplacesContentAndMode) {
  const test::TempDir dir;
  const UniqueFd fd = open_directory(dir.path());
  test::write_file(dir / "f", "old");
  ASSERT_TRUE(replace_file(fd.get(), "f", "new", 0640, "f"));
  EXPECT_EQ(test::read_file(dir / "f"), "new");
  struct stat st {};
  ASSERT_EQ(::stat((dir / "f").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0640U);
  EXPECT_EQ(entries(dir.path()), 1U);
}

TEST(AtomicFile, ReplacesALinkNotItsTarget) {
  const test::TempDir dir;
  const UniqueFd fd = open_directory(dir.path());
  test::write_file(dir / "target", "precious");
  ASSERT_EQ(::symlink("target", (dir / "f").c_str()), 0);
  ASSERT_TRUE(replace_file(fd.get(), "f", "new", 0600, "f"));
  EXPECT_EQ(test::read_file(dir / "target"), "precious");
}

TEST(AtomicFile, AFullDiskLeavesTheOldFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root to mount a small tmpfs";
  const test::TempDir dir;
  if (::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "SKIPPED: cannot mount a tmpfs here";
  }
  {
    const UniqueFd fd = open_directory(dir.path());
    test::write_file(dir / "f", "old");
    const auto status = replace_file(fd.get(), "f", std::string(1 << 20, 'x'), 0600, "f");
    EXPECT_FALSE(status);
    EXPECT_EQ(status ? Code::internal : status.error().code(), Code::temporary);
    EXPECT_EQ(test::read_file(dir / "f"), "old");
    EXPECT_EQ(entries(dir.path()), 1U);
  }
  EXPECT_EQ(::umount(dir.path().c_str()), 0);
}

TEST(AtomicFile, AMissingDirectoryFails) {
  EXPECT_FALSE(replace_file(-1, "f", "x", 0600, "f"));
}

TEST(FileLock, ExcludesUntilReleased) {
  const test::TempDir dir;
  const UniqueFd fd = open_directory(dir.path());
  {
    auto held = FileLock::acquire(fd.get(), ".lock", FileLock::Mode::exclusive, 0, "lock");
    ASSERT_TRUE(held);
    auto second = FileLock::acquire(fd.get(), ".lock", FileLock::Mode::exclusive, 30, "lock");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), Code::temporary);
    EXPECT_FALSE(FileLock::acquire(fd.get(), ".lock", FileLock::Mode::shared, 0, "lock"));
  }
  EXPECT_TRUE(FileLock::acquire(fd.get(), ".lock", FileLock::Mode::exclusive, 0, "lock"));
}

TEST(FileLock, SharedHoldersDoNotExcludeEachOther) {
  const test::TempDir dir;
  const UniqueFd fd = open_directory(dir.path());
  auto first = FileLock::acquire(fd.get(), ".lock", FileLock::Mode::shared, 0, "lock");
  auto second = FileLock::acquire(fd.get(), ".lock", FileLock::Mode::shared, 0, "lock");
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(FileLock::acquire(fd.get(), ".lock", FileLock::Mode::exclusive, 0, "lock"));
}

TEST(FileLock, OneWhoWaitedForAFileRemovedMeanwhileLocksTheNextOne) {
  const test::TempDir dir;
  const UniqueFd fd = open_directory(dir.path());
  const auto lock = [&](int timeout_ms) {
    return FileLock::acquire(fd.get(), ".lock", FileLock::Mode::exclusive, timeout_ms, "lock");
  };
  auto first = std::make_unique<Result<FileLock>>(lock(0));
  ASSERT_TRUE(*first);
  std::thread waiting([&] {
    const auto second = lock(5000);
    ASSERT_TRUE(second);
    // Who comes now meets the same file, not one more with the removed one's name.
    EXPECT_FALSE(lock(0));
  });
  ::usleep(50000);
  ASSERT_EQ(::unlink((dir / ".lock").c_str()), 0);
  first.reset();
  waiting.join();
  EXPECT_TRUE(lock(0));
}

TEST(FileLock, DoesNotFollowALink) {
  const test::TempDir dir;
  const UniqueFd fd = open_directory(dir.path());
  ASSERT_EQ(::symlink("/etc/passwd", (dir / ".lock").c_str()), 0);
  EXPECT_FALSE(FileLock::acquire(fd.get(), ".lock", FileLock::Mode::exclusive, 0, "lock"));
}

}  // namespace
}  // namespace sifguard
