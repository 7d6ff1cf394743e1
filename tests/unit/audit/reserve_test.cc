// Who is refused first where the audit log's disk is short of space.
#include "keystore/audit/reserve.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "keystore/audit/audit.h"
#include "keystore/base/fd.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kBob = 1002;
constexpr std::int64_t kNow = 1769862896123;

AuditRecord launch(std::int64_t uid, const std::string& event = "intent") {
  AuditRecord record;
  record.event = event;
  record.uid = uid;
  record.decision = event == "refused" ? "refuse" : "allow";
  record.image = "/home/x/,\"uid\":1002,";
  record.reason = std::string(900, 'r');
  return record;
}

class HasWrittenMuch : public ::testing::Test {
 protected:
  void add(std::int64_t uid, std::size_t bytes, std::int64_t time = kNow) {
    const std::string line = format_audit_line(launch(uid), time) + "\n";
    for (std::size_t done = 0; done < bytes; done += line.size()) text_ += line;
  }
  [[nodiscard]] bool much(std::int64_t uid) const {
    test::write_file(dir_ / "log", text_);
    const UniqueFd log(::open((dir_ / "log").c_str(), O_RDONLY | O_CLOEXEC));
    const auto much = has_written_much(log.get(), uid, "2026-01-31T00:00:00.000Z", "the log");
    EXPECT_TRUE(much);
    return much && *much;
  }
  test::TempDir dir_;
  std::string text_;
};

TEST_F(HasWrittenMuch, IsMoreThanAMebibyte) {
  EXPECT_FALSE(much(kBob));
  add(kBob, 1U << 20U);
  add(1003, 1000);
  EXPECT_TRUE(much(kBob));
  EXPECT_FALSE(much(1003));
  EXPECT_FALSE(much(100));
  EXPECT_FALSE(much(10));
}

TEST_F(HasWrittenMuch, WhatIsOlderThanADayDoesNotCount) {
  add(kBob, 2U << 20U, kNow - 2 * 86'400'000LL);
  EXPECT_FALSE(much(kBob));
}

TEST_F(HasWrittenMuch, WhatOthersWroteSinceDoesNotCount) {
  add(kBob, 2U << 20U);
  add(1003, 8U << 20U);
  EXPECT_FALSE(much(kBob));
  EXPECT_TRUE(much(1003));
}

TEST_F(HasWrittenMuch, AnImagesNameIsNoUser) {
  add(1003, 2U << 20U);
  EXPECT_FALSE(much(kBob));
}

TEST_F(HasWrittenMuch, WhatIsNoRecordIsNobodys) {
  text_ = std::string(3U << 20U, 'x') + "\n{\"time\":\"\n\n,\"uid\":1002\n{\"time\":\"9";
  EXPECT_FALSE(much(kBob));
}

/// A log on a disk of its own that has little space.
class ShortOfSpace : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "mounts need root";
    ASSERT_EQ(::mount("test", dir_.path().c_str(), "tmpfs", 0, "size=8m,mode=0700"), 0);
    mounted_ = true;
    // Bob's records, and then something else that takes all but half of the reserve.
    append(kBob, 1200);
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

TEST_F(ShortOfSpace, WithSpaceNobodyIsRefused) {
  std::filesystem::remove(dir_ / "other");
  EXPECT_TRUE(append(kBob, 10));
}

}  // namespace
}  // namespace sifguard
