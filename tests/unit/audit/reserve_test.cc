// Who is refused first where the audit log's disk is short of space.
#include "keystore/audit/reserve.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>

#include "keystore/audit/audit.h"
#include "keystore/base/fd.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kBob = 1002;

AuditRecord launch(std::int64_t uid, const std::string& event = "intent") {
  AuditRecord record;
  record.event = event;
  record.uid = uid;
  record.decision = event == "refused" ? "refuse" : "allow";
  record.image = "/home/x/,\"uid\":1002,";
  record.reason = std::string(900, 'r');
  return record;
}

/// A log on a disk of its own that has little space.
class ShortOfSpace : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "mounts need root";
    ASSERT_EQ(::mount("test", dir_.path().c_str(), "tmpfs", 0, "size=8m,mode=0700"), 0);
    mounted_ = true;
    // Bob's records, and then something else that takes all but half of the reserve.
    append(kBob, 900);
    test::write_file(dir_ / "other", std::string(free_space() - (1U << 19U), 'x'));
  }
  void TearDown() override {
    if (mounted_) ::umount2(dir_.path().c_str(), MNT_DETACH);
  }
  [[nodiscard]] std::uint64_t free_space() const {
    const UniqueFd fd(::open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return audit_space(fd.get()).value().free;
  }
  Status append(std::int64_t uid, int times, const std::string& event = "intent") {
    auto log = AuditLog::open(dir_ / "audit.jsonl", Trust{0}, {true, 100, true});
    Status done = log ? Status{} : tl::unexpected(log.error());
    for (int i = 0; done && i < times; ++i) done = log->append(launch(uid, event));
    return done;
  }
  [[nodiscard]] std::size_t size() const {
    return std::filesystem::file_size(dir_ / "audit.jsonl");
  }
  test::TempDir dir_;
  bool mounted_ = false;
};

TEST_F(ShortOfSpace, WhoWroteMuchIsRefusedAndOthersAreNot) {
  const Status refused = append(kBob, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::temporary);
  EXPECT_THAT(refused.error().line(), HasSubstr("kept for users who launched less"));
  EXPECT_TRUE(append(1003, 10));
  EXPECT_TRUE(append(0, 10)) << "root's are no user's";
  EXPECT_TRUE(append(-1, 10)) << "sifctl's neither";
}

TEST_F(ShortOfSpace, WhatWasLetBeginIsWritten) {
  EXPECT_TRUE(append(kBob, 1, "started"));
}

TEST_F(ShortOfSpace, OfHisRefusalsOneAMinuteIsWritten) {
  const std::size_t before = size();
  EXPECT_TRUE(append(kBob, 50, "refused"));
  EXPECT_LT(size() - before, 4000U);
}

/// Or each rotation by size would give him another share of the disk.
TEST_F(ShortOfSpace, ARotationForgetsNobody) {
  std::filesystem::rename(dir_ / "audit.jsonl", dir_ / "audit.jsonl-1");
  EXPECT_TRUE(append(1003, 1));
  EXPECT_FALSE(append(kBob, 1));
  std::filesystem::remove(dir_ / "audit.jsonl");
  EXPECT_FALSE(append(kBob, 1));
  std::filesystem::resize_file(dir_ / "audit.jsonl", 0);
  EXPECT_FALSE(append(kBob, 1));
}

/// However he goes on, and whatever becomes of the log.
TEST_F(ShortOfSpace, NobodyFillsTheDiskWithRefusals) {
  const std::int64_t now = ::time(nullptr);
  const std::uint64_t before = free_space();
  for (int minute = 0; minute < 3000; ++minute) {
    // His minutes are over as soon as they begin.
    test::write_file(dir_ / ".audit.jsonl.refusals", "");
    ASSERT_TRUE(append(kBob, 1, "refused"));
  }
  EXPECT_LT(before - free_space(), 1U << 19U);
  EXPECT_LT(::time(nullptr) - now, 600);
  EXPECT_TRUE(append(1003, 10));
}

TEST_F(ShortOfSpace, OnAFullDiskCountsStay) {
  test::write_file(dir_ / "rest", "");
  const UniqueFd rest(::open((dir_ / "rest").c_str(), O_WRONLY | O_CLOEXEC));
  const std::string page(4096, 'x');
  while (::write(rest.get(), page.data(), page.size()) > 0) {
  }
  int written = 0;
  while (written < 20 && append(1003, 1)) ++written;
  EXPECT_LT(written, 20);
  const std::string counts = test::read_file(dir_ / ".audit.jsonl.written");
  EXPECT_THAT(counts, HasSubstr("1002 "));
  EXPECT_THAT(counts, HasSubstr("1003 "));
}

TEST_F(ShortOfSpace, WithSpaceNobodyIsRefused) {
  std::filesystem::remove(dir_ / "other");
  EXPECT_TRUE(append(kBob, 10));
}

}  // namespace
}  // namespace sifguard
