#include "keystore/base/absolute_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;

/// Whether `holds` is true in a process of its own, which stands in `directory`, removed since.
template <typename Holds>
bool holds_in_removed(const std::string& directory, Holds holds) {
  ::mkdir(directory.c_str(), 0700);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool there = ::chdir(directory.c_str()) == 0 && ::rmdir(directory.c_str()) == 0;
    ::_exit(there && holds() ? 0 : 1);
  }
  int status = -1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

TEST(AbsolutePath, BeginsAtTheWorkingDirectory) {
  const auto here = working_directory();
  ASSERT_TRUE(here);
  EXPECT_EQ(here->front(), '/');
  EXPECT_EQ(absolute_path("a/../b").value_or(""), *here + "/a/../b");
  EXPECT_EQ(absolute_path("/a//b/").value_or(""), "/a//b/");
}

TEST(AbsolutePath, IsAnErrorInARemovedDirectory) {
  const test::TempDir dir;
  EXPECT_TRUE(holds_in_removed(dir / "gone", [] {
    const auto here = working_directory();
    const auto path = absolute_path("a");
    return !here && here.error().code() == Code::no_input && !path &&
           path.error().what().find("that 'a' is relative to") != std::string::npos &&
           path.error().remedy().find("absolute path") != std::string::npos;
  }));
}

TEST(AbsolutePath, NeedsNoWorkingDirectoryIfItIsOne) {
  const test::TempDir dir;
  EXPECT_TRUE(
      holds_in_removed(dir / "gone", [] { return absolute_path("/a").value_or("") == "/a"; }));
}

}  // namespace
}  // namespace sifguard
