// Copying: what is no SIF, changes while it is read, stalls, or does not fit.
#include "helper/stage/copy.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <thread>
#include <vector>

#include "keystore/base/text.h"
#include "tests/unit/stage/staging.h"

namespace sifguard {
namespace {

constexpr std::uint64_t kMiB = 1U << 20U;

class CopyAsRoot : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    stage_.directory("cache", 0700);
    directory_ = UniqueFd(::open((stage_ / "cache").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(directory_.valid());
  }
  [[nodiscard]] Result<PrivateCopy> copy(OpenedImage& opened, int stall_ms = 10000) const {
    return copy_image(opened, directory_.get(), {limit_, stall_ms, reserve_});
  }
  void expect_error(const Result<PrivateCopy>& copied, Code code, const std::string& part) const {
    ASSERT_FALSE(copied) << part;
    EXPECT_EQ(copied.error().code(), code) << copied.error().line();
    EXPECT_NE(copied.error().line().find(part), std::string::npos) << copied.error().line();
    EXPECT_TRUE(std::filesystem::is_empty(stage_ / "cache"));
  }
  void expect_no_sif(const std::string& content, const std::string& told = "") const {
    auto opened = stage_.open(stage_.file("image.sif", content));
    ASSERT_TRUE(opened);
    expect_error(copy(*opened), Code::refused, "is not a SIF" + told);
  }

  test::Stage stage_;
  UniqueFd directory_;
  std::uint64_t limit_ = 64 * kMiB;
  std::function<Status(std::uint64_t)> reserve_;
};

TEST_F(CopyAsRoot, CopiesAndHashesInOnePass) {
  const std::string content = test::sif_like(3 * kMiB + 17);
  auto opened = stage_.open(stage_.file("image.sif", content));
  ASSERT_TRUE(opened);
  const auto copied = copy(*opened);
  ASSERT_TRUE(copied) << copied.error().line();
  EXPECT_EQ(copied->size, content.size());
  test::write_file(stage_ / "again", content);
  ASSERT_EQ(std::system(("sha256sum < " + (stage_ / "again") + " > " + (stage_ / "sum")).c_str()),
            0);  // NOLINT
  EXPECT_EQ(to_hex(copied->digest), test::read_file(stage_ / "sum").substr(0, 64));
  std::string text(content.size(), '\0');
  ASSERT_TRUE(pread_exact(copied->fd.get(), std::as_writable_bytes(std::span(text)), 0, "copy"));
  EXPECT_EQ(text, content);
}

TEST_F(CopyAsRoot, HasNoNameAndCannotBeWrittenByOthers) {
  auto opened = stage_.open(stage_.file("image.sif", test::sif_like(5000)));
  ASSERT_TRUE(opened);
  const auto copied = copy(*opened);
  ASSERT_TRUE(copied);
  struct stat st {};
  ASSERT_EQ(::fstat(copied->fd.get(), &st), 0);
  EXPECT_EQ(st.st_nlink, 0U);
  EXPECT_EQ(st.st_uid, 0U);
  EXPECT_EQ(st.st_mode & 07222U, 0U);
  EXPECT_TRUE(std::filesystem::is_empty(stage_ / "cache"));
}

TEST_F(CopyAsRoot, LaterWritesToTheFileDoNotReachTheCopy) {
  const std::string path = stage_.file("image.sif", test::sif_like(5000));
  auto opened = stage_.open(path);
  ASSERT_TRUE(opened);
  const auto copied = copy(*opened);
  ASSERT_TRUE(copied);
  test::write_file(path, test::sif_like(5000, 'y'));
  std::string text(5000, '\0');
  ASSERT_TRUE(pread_exact(copied->fd.get(), std::as_writable_bytes(std::span(text)), 0, "copy"));
  EXPECT_EQ(text, test::sif_like(5000));
}

TEST_F(CopyAsRoot, WhatIsNoSifIsRefused) {
  expect_no_sif("x");
  expect_no_sif("#!/bin/sh\n");
  expect_no_sif("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
                ": it is a Git LFS pointer");
  expect_no_sif("\x1f\x8b\b" + std::string(200, 'x'), ": it is compressed (gzip)");
  expect_no_sif("manifest.json" + std::string(244, '\0') + "ustar" + std::string(1000, '\0'),
                ": it is a tar archive");
  expect_no_sif(std::string(41, 'x'));
  expect_no_sif(std::string(2 * kMiB, 'x'));
  expect_no_sif(std::string(32, '\0') + "SIF_MAGIC");  // without its NUL
  expect_no_sif(std::string(32, '\0') + "sif_magic" + std::string(100, '\0'));
  expect_no_sif(std::string(31, '\0') + "SIF_MAGIC" + std::string(100, '\0'));
}

TEST_F(CopyAsRoot, AHeaderThatDoesNotHoldIsRefused) {
  const auto expect_refused = [&](std::size_t offset, const std::string& bytes,
                                  const std::string& part) {
    std::string content = test::sif_like(5000);
    content.replace(offset, bytes.size(), bytes);
    auto opened = stage_.open(stage_.file("image.sif", content));
    ASSERT_TRUE(opened);
    expect_error(copy(*opened), Code::refused, part);
  };
  expect_refused(42, "99", "unknown SIF version '99'");
  expect_refused(88, "\x7f\x7f", "descriptors, more than");
  expect_refused(104, "\x01", "descriptor table has 1 bytes");
  expect_refused(80, "\x01", "free descriptors of 0");
  expect_refused(112, "\x7f\x7f", "data region ends beyond the file");
  expect_refused(127, "\xff", "data size is negative");
}

TEST_F(CopyAsRoot, RoomIsAskedForOnceAndOnlyForWhatHasAHeader) {
  std::vector<std::uint64_t> asked;
  reserve_ = [&](std::uint64_t bytes) -> Status {
    asked.push_back(bytes);
    return {};
  };
  expect_no_sif(std::string(2 * kMiB, 'x'));
  expect_no_sif(std::string(127, '\0'));
  std::string wrong = test::sif_like(5000);
  wrong[100] = 'x';
  auto bad = stage_.open(stage_.file("bad.sif", wrong));
  expect_error(copy(*bad), Code::refused, "bad.sif: the descriptor table");
  EXPECT_TRUE(asked.empty());
  auto opened = stage_.open(stage_.file("image.sif", test::sif_like(3 * kMiB)));
  ASSERT_TRUE(copy(*opened));
  EXPECT_EQ(asked, std::vector<std::uint64_t>{3 * kMiB});
}

TEST_F(CopyAsRoot, WithoutRoomNothingIsCopied) {
  // A directory in which no file can be made: the refusal comes before that is tried.
  const UniqueFd proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  auto opened = stage_.open(stage_.file("image.sif", test::sif_like(5000)));
  ASSERT_TRUE(opened);
  const auto none = [](std::uint64_t) -> Status { return fail(Code::temporary, "no room today"); };
  expect_error(copy_image(*opened, proc.get(), {limit_, 10000, none}), Code::temporary, "today");
}

TEST_F(CopyAsRoot, TooLargeIsRefusedBeforeAnyByte) {
  limit_ = 1000;
  auto opened = stage_.open(stage_.file("image.sif", test::sif_like(1001)));
  ASSERT_TRUE(opened);
  expect_error(copy(*opened), Code::refused, "1000 bytes");
  auto fits = stage_.open(stage_.file("image.sif", test::sif_like(1000)));
  EXPECT_TRUE(copy(*fits));
}

TEST_F(CopyAsRoot, AHugeSparseFileIsRefusedAtOnce) {
  const std::string path = stage_.file("huge.sif", test::sif_like(5000));
  std::filesystem::resize_file(path, 100ULL << 30U);
  auto opened = stage_.open(path);
  ASSERT_TRUE(opened);
  const std::int64_t start = monotonic_ms();
  expect_error(copy(*opened), Code::refused, "larger than");
  EXPECT_LT(monotonic_ms() - start, 5000);
}

TEST_F(CopyAsRoot, AFileThatGrowsIsRefused) {
  const std::string path = stage_.file("image.sif", test::sif_like(5000));
  auto opened = stage_.open(path);
  ASSERT_TRUE(opened);
  std::ofstream(path, std::ios::app) << "more";
  expect_error(copy(*opened), Code::no_input, "grew");
}

TEST_F(CopyAsRoot, AFileThatShrinksIsRefused) {
  const std::string path = stage_.file("image.sif", test::sif_like(5000));
  auto opened = stage_.open(path);
  ASSERT_TRUE(opened);
  std::filesystem::resize_file(path, 4999);
  expect_error(copy(*opened), Code::no_input, "shrank");
  auto emptied = stage_.open(path);
  ASSERT_TRUE(emptied);
  std::filesystem::resize_file(path, 0);
  expect_error(copy(*emptied), Code::no_input, "shrank");
}

TEST_F(CopyAsRoot, AStoppedOpenerIsGivenUp) {
  auto opened = stage_.open(stage_.file("image.sif", test::sif_like(5000)));
  ASSERT_TRUE(opened);
  const pid_t opener = test::running_opener();
  ASSERT_EQ(::kill(opener, SIGSTOP), 0);
  const std::int64_t start = monotonic_ms();
  expect_error(copy(*opened, 200), Code::temporary, "stalled");
  EXPECT_GE(monotonic_ms() - start, 190);
  EXPECT_LT(monotonic_ms() - start, 5000);
}

TEST_F(CopyAsRoot, TheDeadlineHoldsWhateverTheStallLimit) {
  auto opened = stage_.open(stage_.file("image.sif", test::sif_like(5000)), "/", 600);
  ASSERT_TRUE(opened);
  ASSERT_EQ(::kill(test::running_opener(), SIGSTOP), 0);
  const std::int64_t start = monotonic_ms();
  expect_error(copy(*opened, 60000), Code::temporary, "took longer than stage_timeout_s");
  EXPECT_LT(monotonic_ms() - start, 5000);
}

TEST_F(CopyAsRoot, AnOpenerKilledHalfWayIsNoSuccess) {
  auto opened = stage_.open(stage_.file("image.sif", test::sif_like(32 * kMiB)));
  ASSERT_TRUE(opened);
  const pid_t opener = test::running_opener();
  ASSERT_TRUE(opened->start_stream());
  ::usleep(100000);  // it has filled the pipe and waits
  ASSERT_EQ(::kill(opener, SIGKILL), 0);
  ::usleep(100000);
  const auto copied = copy(*opened);  // is told to start, again
  expect_error(copied, Code::temporary, "interrupted");
}

TEST_F(CopyAsRoot, AnOpenerKilledWhileItStreamsIsNoSuccess) {
  auto opened = stage_.open(stage_.file("image.sif", test::sif_like(32 * kMiB)));
  ASSERT_TRUE(opened);
  const pid_t opener = test::running_opener();
  ASSERT_EQ(::kill(opener, SIGSTOP), 0);
  std::thread killer([&] {
    ::usleep(300000);
    ::kill(opener, SIGKILL);
  });
  expect_error(copy(*opened), Code::no_input, "failed before its end");
  killer.join();
}

TEST_F(CopyAsRoot, AFullDiskIsTemporaryAndSaysSo) {
  const std::string small = stage_.directory("small", 0700);
  ASSERT_EQ(::mount("test", small.c_str(), "tmpfs", 0, "size=1m,mode=0700"), 0);
  {
    const UniqueFd directory(::open(small.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto opened = stage_.open(stage_.file("image.sif", test::sif_like(2 * kMiB)));
    ASSERT_TRUE(opened);
    const auto copied = copy_image(*opened, directory.get(), {limit_, 10000, nullptr});
    expect_error(copied, Code::temporary, "no space");
    struct statvfs after {};
    ASSERT_EQ(::statvfs(small.c_str(), &after), 0);
    EXPECT_EQ(after.f_bfree, after.f_blocks);  // what was reserved is free again
  }
  ::umount2(small.c_str(), MNT_DETACH);
}

TEST_F(CopyAsRoot, AnUnwritableCacheIsAConfigurationError) {
  auto opened = stage_.open(stage_.file("image.sif", test::sif_like(5000)));
  ASSERT_TRUE(opened);
  const UniqueFd proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto copied = copy_image(*opened, proc.get(), {limit_, 10000, nullptr});
  expect_error(copied, Code::config, "image cache");
}

}  // namespace
}  // namespace sifguard
