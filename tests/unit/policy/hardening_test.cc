// Programs that a user's containers could trace, on a tree made for it.
#include "keystore/policy/hardening.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class HardeningTest : public testing::Test {
 protected:
  HardeningTest() {
    for (const char* name : {"kernel/yama", "fs", "bin", "own"}) {
      std::filesystem::create_directories(directory_ / name);
    }
    places_.sysctl = directory_ / "";
    places_.programs = {directory_ / "bin"};
    places_.own = directory_ / "own";
  }
  std::string program(const std::string& name, mode_t mode, const std::string& text = "\177ELF") {
    const std::string path = directory_ / name;
    test::write_file(path, text);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  void set(const char* name, const char* value) { test::write_file(directory_ / name, value); }

  test::TempDir directory_;
  HardeningPlaces places_;
};

TEST_F(HardeningTest, FindsWhatUsersCanRead) {
  const std::string runtime = program("apptainer", 0755);
  const std::string launcher = program("own/sifguard-launch", 0751);  // the group's bit
  const std::string gocryptfs = program("bin/gocryptfs", 0715);
  program("bin/squashfuse_ll", 0711);
  program("bin/fuse2fs", 04755);  // setuid: never dumpable
  program("bin/starter", 0755);   // which has to stay readable
  program("bin/unrelated", 0755);
  std::filesystem::create_symlink(gocryptfs, directory_ / "bin/squashfuse");
  EXPECT_THAT(traceable_programs(runtime, places_), ElementsAre(runtime, gocryptfs, launcher));
  const auto checked = check_hardening(runtime, places_);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code(), Code::config);
  EXPECT_THAT(checked.error().line(), HasSubstr(runtime + " " + gocryptfs));
  EXPECT_THAT(checked.error().line(), HasSubstr("; chmod 0711 these, or sysctl kernel.yama"));
}

TEST_F(HardeningTest, IsContentWithExecuteOnlyPrograms) {
  const std::string runtime = program("apptainer", 0711);
  program("own/sifguard-launch", 0711);
  program("bin/gocryptfs", 0710);
  EXPECT_TRUE(check_hardening(runtime, places_));
  EXPECT_TRUE(check_hardening(directory_ / "absent", places_));
}

TEST_F(HardeningTest, IsNotWhereTheKernelDumpsThemAllTheSame) {
  const std::string runtime = program("apptainer", 0711);
  set("fs/suid_dumpable", "1\n");
  const auto checked = check_hardening(runtime, places_);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().line(), HasSubstr("fs.suid_dumpable is 1"));
  for (const char* value : {"0\n", "2\n"}) {
    set("fs/suid_dumpable", value);
    EXPECT_TRUE(check_hardening(runtime, places_)) << value;
  }
}

TEST_F(HardeningTest, IsContentWithYama) {
  const std::string runtime = program("apptainer", 0755);
  for (const char* value : {"1\n", "2\n", "3\n"}) {
    set("kernel/yama/ptrace_scope", value);
    EXPECT_TRUE(check_hardening(runtime, places_)) << value;
  }
  for (const char* value : {"0\n", "", "x\n", "-1\n"}) {
    set("kernel/yama/ptrace_scope", value);
    EXPECT_FALSE(check_hardening(runtime, places_)) << value;
  }
}

TEST_F(HardeningTest, DoesNotAdviseToBreakScripts) {
  const std::string runtime = program("singularity", 0755, "#!/bin/sh\n");
  const auto checked = check_hardening(runtime, places_);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().remedy(), HasSubstr("kernel.yama.ptrace_scope=1"));
  EXPECT_EQ(checked.error().remedy().find("chmod"), std::string::npos);
}

TEST_F(HardeningTest, NamesAFew) {
  std::vector<std::string> all;
  for (int i = 0; i < 9; ++i) {
    places_.programs.push_back(directory_ / ("bin" + std::to_string(i)));
    std::filesystem::create_directory(places_.programs.back());
    all.push_back(program("bin" + std::to_string(i) + "/gocryptfs", 0755));
  }
  EXPECT_EQ(traceable_programs(directory_ / "absent", places_), all);
  const auto checked = check_hardening(directory_ / "absent", places_);
  EXPECT_THAT(checked.error().what(), testing::EndsWith(" …"));
}

}  // namespace
}  // namespace sifguard
