// The log file: trusted, durable, whole lines, and refusing when it cannot be written.
#include "keystore/audit/audit.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "keystore/audit/chain_check.h"
#include "keystore/audit/head.h"
#include "keystore/audit/log_lines.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using nlohmann::json;
using test::read_file;
using test::TempDir;
using test::write_file;
using ::testing::HasSubstr;

Trust me() {
  return Trust{::geteuid()};
}

AuditRecord record(const std::string& image) {
  AuditRecord r;
  r.event = "intent";
  r.image = image;
  r.decision = "allow";
  return r;
}

/// The images of the log's lines; "?" for a line that is not JSON.
std::vector<std::string> images(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const json parsed = json::parse(line, nullptr, false);
    found.push_back(parsed.is_object() ? parsed["image"].get<std::string>() : "?");
  }
  return found;
}

class AuditTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return dir_ / "audit.jsonl"; }
  void append(const std::string& image) const {
    auto log = AuditLog::open(path(), me());
    ASSERT_TRUE(log) << log.error().line();
    ASSERT_TRUE(log->append(record(image)));
  }
  /// What the check of the log and its rotated files finds, with the head.
  [[nodiscard]] ChainReport verify() const {
    std::vector<std::string> skipped;
    ChainCheck check(*read_head(path()));
    const auto files = log_files(path(), skipped);
    EXPECT_TRUE(files) << files.error().line();
    for (const std::string& file : *files) {
      check.begin_file(file);
      EXPECT_TRUE(read_log_lines(
          file, [&](std::string_view line, bool whole) { return check.add_line(line, whole); }));
    }
    return *check.finish();
  }
  TempDir dir_;
};

TEST_F(AuditTest, MakesThePrivateFileAndAppends) {
  {
    auto log = AuditLog::open(path(), me());
    ASSERT_TRUE(log) << log.error().line();
    ASSERT_TRUE(log->append(record("one")));
    ASSERT_TRUE(log->append(record("two")));
  }
  auto again = AuditLog::open(path(), me());
  ASSERT_TRUE(again);
  ASSERT_TRUE(again->append(record("three\n")));
  EXPECT_THAT(images(read_file(path())), ::testing::ElementsAre("one", "two", "three\n"));
  struct stat st {};
  ASSERT_EQ(::stat(path().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0600U);
}

TEST_F(AuditTest, StampsTheTimeNow) {
  auto log = AuditLog::open(path(), me());
  ASSERT_TRUE(log);
  const std::string before = format_audit_line({}, ::time(nullptr) * 1000).substr(0, 24);
  ASSERT_TRUE(log->append(record("x")));
  EXPECT_GE(read_file(path()).substr(0, 24), before);
}

TEST_F(AuditTest, EndsATornLineFirst) {
  write_file(path(), "{\"event\":\"intent\",\"image\":\"whole\"}\n{\"event\":\"int");
  auto log = AuditLog::open(path(), me());
  ASSERT_TRUE(log) << log.error().line();
  ASSERT_TRUE(log->append(record("next")));
  ASSERT_TRUE(log->append(record("after")));
  EXPECT_THAT(images(read_file(path())), ::testing::ElementsAre("whole", "?", "next", "after"));
}

TEST_F(AuditTest, RefusesAFileThatOthersCanWrite) {
  for (const mode_t mode : {0620U, 0602U, 0666U}) {
    write_file(path(), "");
    ASSERT_EQ(::chmod(path().c_str(), mode), 0);
    const auto log = AuditLog::open(path(), me());
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().code(), Code::config);
    EXPECT_THAT(log.error().what(), HasSubstr("writable by group or others"));
  }
  ASSERT_EQ(::chmod(path().c_str(), 0640), 0);
  EXPECT_TRUE(AuditLog::open(path(), me()));
}

TEST_F(AuditTest, RefusesWhatIsNotARegularFile) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_THAT(AuditLog::open(path(), me()).error().what(), HasSubstr("not a regular file"));
  ASSERT_EQ(::unlink(path().c_str()), 0);
  ASSERT_EQ(::mkdir(path().c_str(), 0700), 0);
  EXPECT_FALSE(AuditLog::open(path(), me()));
  ASSERT_EQ(::rmdir(path().c_str()), 0);
  write_file(dir_ / "real", "");
  ASSERT_EQ(::symlink("real", path().c_str()), 0);
  EXPECT_THAT(AuditLog::open(path(), me()).error().what(), HasSubstr("symbolic link"));
  EXPECT_FALSE(AuditLog::open("/dev/full", me()));
}

TEST_F(AuditTest, RefusesADirectoryThatIsAbsentOrNotTrusted) {
  EXPECT_FALSE(AuditLog::open(dir_ / "none/audit.jsonl", me()));
  ASSERT_EQ(::mkdir((dir_ / "open").c_str(), 0700), 0);
  ASSERT_EQ(::chmod((dir_ / "open").c_str(), 0777), 0);
  const auto log = AuditLog::open(dir_ / "open/audit.jsonl", me());
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code(), Code::config);
  EXPECT_NE(::access((dir_ / "open/audit.jsonl").c_str(), F_OK), 0);
  ASSERT_EQ(::symlink("open", (dir_ / "link").c_str()), 0);
  EXPECT_FALSE(AuditLog::open(dir_ / "link/audit.jsonl", me()));
}

TEST_F(AuditTest, RefusesAPathThatNamesNoFile) {
  for (const char* name : {"", "audit.jsonl", "/", "/tmp/"}) {
    const auto log = AuditLog::open(name, me());
    ASSERT_FALSE(log) << name;
    EXPECT_EQ(log.error().code(), Code::config);
  }
}

TEST_F(AuditTest, RefusesAFileOfAnotherOwnerAsRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "NOT TESTED: changing owners needs root";
  write_file(path(), "");
  ASSERT_EQ(::chown(path().c_str(), 12345, 0), 0);
  const auto log = AuditLog::open(path(), me());
  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().what(), HasSubstr("owned by uid 12345"));
}

TEST_F(AuditTest, RecordsOfManyWritersStayWhole) {
  constexpr int kWriters = 8;
  constexpr int kRecords = 20;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([this, w] {
      auto log = AuditLog::open(path(), me());
      ASSERT_TRUE(log);
      for (int i = 0; i < kRecords; ++i) {
        AuditRecord longest = record(std::string(500, static_cast<char>('a' + w)));
        longest.node = std::string(3000, 'n');
        ASSERT_TRUE(log->append(longest));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const auto found = images(read_file(path()));
  EXPECT_EQ(found.size(), static_cast<std::size_t>(kWriters * kRecords));
  for (const std::string& image : found) EXPECT_EQ(image, std::string(500, image[0]));
  const ChainReport report = verify();
  EXPECT_TRUE(report.wrong.empty());
  EXPECT_EQ(report.records, static_cast<std::uint64_t>(kWriters * kRecords));
}

TEST_F(AuditTest, TheChainGoesOnAcrossRotationTruncationAndLoss) {
  append("1");
  append("2");
  ASSERT_EQ(::rename(path().c_str(), (path() + ".1").c_str()), 0);
  EXPECT_TRUE(verify().wrong.empty());  // rotated, nothing written since
  append("3");
  EXPECT_TRUE(verify().wrong.empty());
  EXPECT_EQ(verify().records, 3U);
  auto log = AuditLog::open(path(), me());  // held open over a rotation, as a helper does
  ASSERT_TRUE(log);
  ASSERT_EQ(::rename(path().c_str(), (path() + "-20260131").c_str()), 0);
  ASSERT_TRUE(log->append(record("4")));
  EXPECT_EQ(images(read_file(path())), std::vector<std::string>{"4"});
  EXPECT_TRUE(verify().wrong.empty());
  EXPECT_EQ(verify().records, 4U);
  ASSERT_EQ(::truncate(path().c_str(), 0), 0);
  append("5");
  ASSERT_EQ(verify().wrong.size(), 1U);
  EXPECT_THAT(verify().wrong[0].what, HasSubstr("record 4 is missing"));
  ASSERT_EQ(::unlink((path() + "-20260131").c_str()), 0);
  EXPECT_THAT(verify().wrong[0].what, HasSubstr("records 3 to 4 are missing"));
}

TEST_F(AuditTest, LinesCutOffTheEndAreMissedAtOnceAndForEver) {
  append("1");
  const std::string one = read_file(path());
  append("2");
  write_file(path(), one);
  ASSERT_EQ(verify().wrong.size(), 1U);
  EXPECT_THAT(verify().wrong[0].what, HasSubstr("record 2 is missing at the end"));
  append("3");
  EXPECT_THAT(verify().wrong[0].what, HasSubstr("record 2 is missing between line 1"));
}

TEST_F(AuditTest, ACrashBetweenLineAndHeadLosesNothing) {
  append("1");
  const std::string head = read_file(dir_ / ".audit.jsonl.head");
  append("2");
  write_file(dir_ / ".audit.jsonl.head", head);
  EXPECT_TRUE(verify().wrong.empty());
  append("3");
  EXPECT_TRUE(verify().wrong.empty());
  EXPECT_EQ(verify().last.seq, 3U);
  write_file(dir_ / ".audit.jsonl.head", head.substr(0, 50));  // torn
  append("4");
  EXPECT_TRUE(verify().wrong.empty());
  ASSERT_EQ(::unlink((dir_ / ".audit.jsonl.head").c_str()), 0);
  append("5");
  EXPECT_TRUE(verify().wrong.empty());
  EXPECT_EQ(verify().last.seq, 5U);
}

TEST_F(AuditTest, ATornLineIsNamedByTheNext) {
  append("1");
  write_file(path(), read_file(path()) + R"({"event":"int)");
  EXPECT_TRUE(verify().wrong.empty());
  append("2");
  const ChainReport report = verify();
  EXPECT_TRUE(report.wrong.empty());
  EXPECT_EQ(report.notes.size(), 1U);
  EXPECT_EQ(report.records, 2U);
}

TEST_F(AuditTest, RefusalsOfOneUserAreLimited) {
  AuditRecord refused = record("x");
  refused.decision = "refuse";
  refused.uid = 1000;
  for (int i = 0; i < 7; ++i) {
    auto log = AuditLog::open(path(), me(), {true, 3});
    ASSERT_TRUE(log);
    ASSERT_TRUE(log->append(refused));
  }
  EXPECT_EQ(images(read_file(path())).size(), 3U);
  auto log = AuditLog::open(path(), me(), {true, 3});
  ASSERT_TRUE(log->append(record("allowed")));  // others are not held back
  EXPECT_EQ(images(read_file(path())).size(), 4U);
  // Its minute ends: the next record, whosever, brings the count.
  write_file(dir_ / ".audit.jsonl.refusals", "1000 1700000000 3 4\n");
  ASSERT_TRUE(log->append(record("later")));
  const std::string text = read_file(path());
  EXPECT_THAT(text, HasSubstr(R"("event":"suppressed","uid":1000,"decision":"refuse","count":4,)"
                              R"("since":"2023-11-14T22:13:20Z")"));
  EXPECT_TRUE(verify().wrong.empty());
  EXPECT_EQ(verify().records, 6U);
}

TEST_F(AuditTest, WhereItIsNotRequiredNothingFails) {
  ASSERT_EQ(::mkdir(path().c_str(), 0700), 0);
  auto log = AuditLog::open(path(), me(), {false, 10});
  ASSERT_TRUE(log);
  EXPECT_TRUE(log->append(record("x")));
  auto nowhere = AuditLog::open("/nonexistent/audit.jsonl", me(), {false, 10});
  ASSERT_TRUE(nowhere);
  EXPECT_TRUE(nowhere->append(record("x")));
  ASSERT_EQ(::rmdir(path().c_str()), 0);
  EXPECT_TRUE(log->append(record("y")));  // once it can be written, it is
  EXPECT_EQ(images(read_file(path())), std::vector<std::string>{"y"});
}

TEST_F(AuditTest, WaitsForTheLock) {
  auto log = AuditLog::open(path(), me());
  ASSERT_TRUE(log);
  const UniqueFd other(
      ::open((dir_ / ".audit.jsonl.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  std::thread unlocker([&] {
    ::usleep(100'000);
    EXPECT_EQ(read_file(path()), "");
    ::flock(other.get(), LOCK_UN);
  });
  EXPECT_TRUE(log->append(record("x")));
  unlocker.join();
  EXPECT_EQ(images(read_file(path())).size(), 1U);
}

/// In a mount namespace of its own: fills a small tmpfs and appends. 0 = all as it must be.
int append_to_a_full_disk(const std::string& mount_point) {
  if (::unshare(CLONE_NEWNS) != 0) return 90;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 91;
  if (::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=32k,mode=0700") != 0) return 92;
  const std::string path = mount_point + "/audit.jsonl";
  auto log = AuditLog::open(path, me());
  if (!log || !log->append(record("first"))) return 1;
  const std::string before = read_file(path);
  AuditRecord longest = record("x");
  longest.node = std::string(3000, 'n');
  for (int i = 0; i < 16; ++i) {
    const Status status = log->append(longest);
    if (status) continue;
    if (status.error().code() != Code::temporary) return 3;
    const auto found = images(read_file(path));
    if (read_file(path).rfind(before, 0) != 0) return 4;
    if (static_cast<int>(found.size()) != i + 1 || found.back() == "?") return 5;  // no half record
    return 0;
  }
  return 2;  // it never got full
}

TEST_F(AuditTest, AFullDiskIsAnErrorAndLeavesNoHalfRecordAsRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "NOT TESTED: mounting a small tmpfs needs root";
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(append_to_a_full_disk(dir_.path().string()));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) >= 90) GTEST_SKIP() << "NOT TESTED: mounts are not permitted here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace sifguard
