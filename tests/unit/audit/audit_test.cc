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
#include <thread>

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

TEST_F(AuditTest, RefusesAFileOfAnotherOwner_AsRoot) {
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
        ASSERT_TRUE(log->append(record(std::string(3000, static_cast<char>('a' + w)))));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const auto found = images(read_file(path()));
  EXPECT_EQ(found.size(), static_cast<std::size_t>(kWriters * kRecords));
  for (const std::string& image : found) EXPECT_EQ(image, std::string(3000, image[0]));
}

TEST_F(AuditTest, WaitsForTheLock) {
  auto log = AuditLog::open(path(), me());
  ASSERT_TRUE(log);
  const UniqueFd other(::open(path().c_str(), O_RDONLY | O_CLOEXEC));
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
  if (::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=16k,mode=0700") != 0) return 92;
  const std::string path = mount_point + "/audit.jsonl";
  auto log = AuditLog::open(path, me());
  if (!log || !log->append(record("first"))) return 1;
  const std::string before = read_file(path);
  const std::string long_name(3000, 'x');
  for (int i = 0; i < 16; ++i) {
    const Status status = log->append(record(long_name));
    if (status) continue;
    if (status.error().code() != Code::temporary) return 3;
    const auto found = images(read_file(path));
    if (read_file(path).rfind(before, 0) != 0) return 4;
    if (static_cast<int>(found.size()) != i + 1 || found.back() == "?") return 5;  // no half record
    return 0;
  }
  return 2;  // it never got full
}

TEST_F(AuditTest, AFullDiskIsAnErrorAndLeavesNoHalfRecord_AsRoot) {
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
