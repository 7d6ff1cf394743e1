// Modes of files where the file system may keep none.
#include "keystore/base/file_mode.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keystore/base/fd.h"
#include "tests/kernel/refusals.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

class FileMode : public testing::Test {
 protected:
  [[nodiscard]] mode_t mode() const {
    struct stat st {};
    return ::fstat(fd_.get(), &st) == 0 ? st.st_mode & 07777U : 0;
  }
  /// Whether it succeeds where fchmod() answers so.
  [[nodiscard]] bool succeeds_with(const char* refusal) const {
    const pid_t child = ::fork();
    if (child == 0) {
      const std::string refusals[] = {refusal};
      test::refuse_from_now_on(refusals);
      ::_exit(set_mode(fd_.get(), 0644) ? 7 : 1);
    }
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7;
  }
  test::TempDir directory_;
  UniqueFd fd_{::open((directory_ / "file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
};

TEST_F(FileMode, IsSet) {
  ASSERT_TRUE(set_mode(fd_.get(), 0640));
  EXPECT_EQ(mode(), 0640U);
}

TEST_F(FileMode, StaysWhereItCannotBeSet) {
  for (const char* refusal : {"fchmod=EPERM", "fchmod=ENOSYS"}) {
    EXPECT_TRUE(succeeds_with(refusal)) << refusal;
  }
  EXPECT_EQ(mode(), 0600U);
}

TEST_F(FileMode, OfWhatIsBrokenIsAnError) {
  EXPECT_FALSE(succeeds_with("fchmod=EINVAL"));
  EXPECT_FALSE(set_mode(-1, 0600));
  EXPECT_FALSE(more_than(-1, 0600, "it"));
}

TEST_F(FileMode, TellsWhatAFileGivesBeyondTheWish) {
  ASSERT_EQ(::fchmod(fd_.get(), 0644), 0);
  EXPECT_EQ(more_than(fd_.get(), 0600, "it").value(), 0044U);
  EXPECT_EQ(more_than(fd_.get(), 0640, "it").value(), 0004U);
  EXPECT_EQ(more_than(fd_.get(), 0644, "it").value(), 0U);
  EXPECT_EQ(more_than(fd_.get(), 0666, "it").value(), 0U);
}

TEST(OthersMayWrite, WhatIsNotOursOrOpen) {
  struct stat file {};
  file.st_uid = 1000;
  for (const mode_t mode : {0600U, 0644U, 0755U, 0400U}) {
    file.st_mode = S_IFREG | mode;
    EXPECT_FALSE(others_may_write(file, 1000)) << mode;
    EXPECT_TRUE(others_may_write(file, 1001)) << mode;
    EXPECT_TRUE(others_may_write(file, 0)) << mode;
  }
  for (const mode_t mode : {0620U, 0602U, 0666U, 0777U, 0002U}) {
    file.st_mode = S_IFREG | mode;
    EXPECT_TRUE(others_may_write(file, 1000)) << mode;
  }
}

}  // namespace
}  // namespace sifguard
