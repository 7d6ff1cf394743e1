// Which directories are taken for Slurm's own: those that no user can have made.
#include "helper/launch/step_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace sifguard {
namespace {

constexpr uid_t kUser = 65534;

class StepDirectory : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: directories of two owners are compared";
    std::string name = "/tmp/step_directory.XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    top_ = name;
    make(top_ + "/pmix.1.0", kUser);
  }
  void TearDown() override {
    if (!top_.empty()) std::filesystem::remove_all(top_);
  }
  static void make(const std::string& path, uid_t owner) {
    ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
    ASSERT_EQ(::chown(path.c_str(), owner, 0), 0);
  }
  [[nodiscard]] bool taken(const std::string& path, std::string_view last = "pmix.1.0") const {
    return step_directory(path, last, kUser).has_value();
  }

  std::string top_;
};

TEST_F(StepDirectory, OfSlurmsIsTakenWithoutItsSlash) {
  EXPECT_EQ(step_directory(top_ + "/pmix.1.0/", "pmix.1.0", kUser), top_ + "/pmix.1.0");
  EXPECT_EQ(step_directory(top_ + "/pmix.1.0", "pmix.1.0", kUser), top_ + "/pmix.1.0");
}

TEST_F(StepDirectory, OfAnotherNameIsNot) {
  EXPECT_FALSE(taken(top_ + "/pmix.1.0", "pmix.1.1"));
  EXPECT_FALSE(taken(top_ + "/pmix.1.0", ""));
  EXPECT_FALSE(taken(top_ + "/pmix.1.0", "0"));
  EXPECT_FALSE(taken(top_, "pmix.1.0"));
  EXPECT_FALSE(taken(top_ + "/pmix.2.0", "pmix.2.0"));  // there is none
}

TEST_F(StepDirectory, WhereOthersCanWriteIsNot) {
  ASSERT_EQ(::chmod(top_.c_str(), 0770), 0);
  EXPECT_FALSE(taken(top_ + "/pmix.1.0"));
  ASSERT_EQ(::chmod(top_.c_str(), 01777), 0);
  EXPECT_FALSE(taken(top_ + "/pmix.1.0"));
  ASSERT_EQ(::chmod(top_.c_str(), 0755), 0);
  EXPECT_TRUE(taken(top_ + "/pmix.1.0"));
  ASSERT_EQ(::chown(top_.c_str(), kUser, 0), 0);
  EXPECT_FALSE(taken(top_ + "/pmix.1.0"));
}

TEST_F(StepDirectory, InASharedOneOthersCannotTakeItAway) {
  const auto taken_in = [&](const std::string& base) {
    return step_directory_in(base, "pmix.1.0", kUser).has_value();
  };
  EXPECT_EQ(step_directory_in(top_ + "/", "pmix.1.0", kUser), top_ + "/pmix.1.0");
  ASSERT_EQ(::chmod(top_.c_str(), 01777), 0);
  EXPECT_TRUE(taken_in(top_));
  ASSERT_EQ(::chmod(top_.c_str(), 0777), 0);
  EXPECT_FALSE(taken_in(top_));
  ASSERT_EQ(::chmod(top_.c_str(), 0775), 0);
  EXPECT_FALSE(taken_in(top_));
  ASSERT_EQ(::chmod(top_.c_str(), 0755), 0);
  ASSERT_EQ(::chown(top_.c_str(), kUser, 0), 0);
  EXPECT_TRUE(taken_in(top_));
  ASSERT_EQ(::chown(top_.c_str(), kUser - 1, 0), 0);
  EXPECT_FALSE(taken_in(top_));
  ASSERT_EQ(::chmod(top_.c_str(), 01777), 0);
  EXPECT_FALSE(taken_in(top_));  // its owner could
}

TEST_F(StepDirectory, InASharedOneTheSameFormIsAskedFor) {
  EXPECT_FALSE(step_directory_in(top_, "pmix.1.1", kUser));
  EXPECT_FALSE(step_directory_in(top_, "pmix.1.0", kUser - 1));
  EXPECT_FALSE(step_directory_in(top_, "", kUser));
  EXPECT_FALSE(step_directory_in(top_ + "/pmix.1.0", "..", kUser));
  EXPECT_FALSE(step_directory_in(top_ + "//", "pmix.1.0", kUser));
  EXPECT_FALSE(step_directory_in("", "tmp", 0));
  EXPECT_FALSE(step_directory_in("/", "tmp", 0));
  EXPECT_FALSE(step_directory_in("tmp", "pmix.1.0", kUser));
  std::filesystem::create_directory_symlink(top_, top_ + "-link");
  EXPECT_FALSE(step_directory_in(top_ + "-link", "pmix.1.0", kUser));
  std::filesystem::remove(top_ + "-link");
}

TEST_F(StepDirectory, OfAnotherOwnerIsNot) {
  EXPECT_FALSE(step_directory(top_ + "/pmix.1.0", "pmix.1.0", kUser - 1));
  ASSERT_EQ(::chown((top_ + "/pmix.1.0").c_str(), 0, 0), 0);
  EXPECT_FALSE(taken(top_ + "/pmix.1.0"));
}

TEST_F(StepDirectory, AFileOrASymbolicLinkIsNot) {
  std::filesystem::create_directory_symlink(top_ + "/pmix.1.0", top_ + "/link");
  ASSERT_EQ(::lchown((top_ + "/link").c_str(), kUser, 0), 0);
  EXPECT_FALSE(taken(top_ + "/link", "link"));
}

TEST_F(StepDirectory, APathIsTakenAsItIs) {
  make(top_ + "/a,b", kUser);
  make(top_ + "/a:b", kUser);
  EXPECT_TRUE(taken(top_ + "/a,b", "a,b"));
  EXPECT_TRUE(taken(top_ + "/a:b", "a:b"));
  EXPECT_FALSE(taken(top_ + "/./pmix.1.0"));
  EXPECT_FALSE(taken(top_ + "/pmix.1.0/../pmix.1.0"));
  EXPECT_FALSE(taken(top_ + "//pmix.1.0"));
  EXPECT_FALSE(taken("pmix.1.0"));
  EXPECT_FALSE(taken("/pmix.1.0"));
  EXPECT_FALSE(taken(""));
  EXPECT_FALSE(taken("/"));
}

}  // namespace
}  // namespace sifguard
