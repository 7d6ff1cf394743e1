#include "helper/mount/step_cgroups.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;

/// Files as the kernel shows them: what is written names who is moved.
void make_group(const std::string& path) {
  fs::create_directories(path);
  test::write_file(path + "/cgroup.procs", "");
}

TEST(StepCgroups, OneTreeHasAGroupOfOurOwn) {
  const test::TempDir dir;
  make_group(dir.path());
  make_group(dir / "sifguard");  // which the kernel would fill
  EXPECT_TRUE(leave_step_cgroups(4711, dir.path()));
  EXPECT_EQ(test::read_file(dir / "sifguard/cgroup.procs"), "4711");
  EXPECT_EQ(test::read_file(dir / "cgroup.procs"), "");
}

TEST(StepCgroups, WhereThatTakesNobodyItsRootDoes) {
  const test::TempDir dir;
  make_group(dir.path());
  test::write_file(dir / "sifguard", "no directory");
  EXPECT_TRUE(leave_step_cgroups(4711, dir.path()));
  EXPECT_EQ(test::read_file(dir / "cgroup.procs"), "4711");
}

TEST(StepCgroups, OfManyTreesTheRootsAreTaken) {
  const test::TempDir dir;
  for (const char* tree : {"cpu,cpuacct", "freezer", "memory", "unified"}) make_group(dir / tree);
  fs::create_directory_symlink("cpu,cpuacct", dir / "cpu");
  fs::create_directory(dir / "empty");
  EXPECT_TRUE(leave_step_cgroups(4711, dir.path()));
  for (const char* tree : {"cpu,cpuacct", "freezer", "memory", "unified"}) {
    EXPECT_EQ(test::read_file(dir / (std::string(tree) + "/cgroup.procs")), "4711") << tree;
  }
  EXPECT_FALSE(fs::exists(dir / "empty/cgroup.procs"));
}

TEST(StepCgroups, WhoCannotLeaveIsToldSo) {
  const test::TempDir dir;
  EXPECT_FALSE(leave_step_cgroups(4711, dir.path()));
  EXPECT_FALSE(leave_step_cgroups(4711, dir / "missing"));
  fs::create_directories(dir / "memory/cgroup.procs");  // cannot be written
  make_group(dir / "freezer");
  EXPECT_FALSE(leave_step_cgroups(4711, dir.path()));
  EXPECT_EQ(test::read_file(dir / "freezer/cgroup.procs"), "4711");
}

/// A group below the root of a real tree of version 1, as Slurm's steps have.
TEST(StepCgroups, ARealTreeIsLeft) {
  const std::string tree = "/sys/fs/cgroup/freezer";
  const std::string step = tree + "/step-" + std::to_string(::getpid());
  if (::geteuid() != 0 || ::mkdir(step.c_str(), 0755) != 0) {
    GTEST_SKIP() << "SKIPPED: no control groups here";
  }
  const pid_t child = ::fork();
  while (child == 0) ::pause();
  test::write_file(step + "/cgroup.procs", std::to_string(child));
  const std::string cgroups = "/proc/" + std::to_string(child) + "/cgroup";
  EXPECT_NE(test::read_file(cgroups).find("freezer:/step-"), std::string::npos);
  EXPECT_TRUE(leave_step_cgroups(child, tree));
  EXPECT_NE(test::read_file(cgroups).find("freezer:/sifguard\n"), std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::rmdir(step.c_str());
  ::rmdir((tree + "/sifguard").c_str());
}

}  // namespace
}  // namespace sifguard
