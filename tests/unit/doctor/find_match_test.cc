#include "keystore/doctor/find_match.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using test::TempDir;

class FindMatch : public testing::Test {
 protected:
  FindMatch() {
    std::filesystem::create_directories(dir_ / "apps/a/b");
    test::write_file(dir_ / "apps/a/b/cow.sif", "x");
    test::write_file(dir_ / "apps/.hidden.sif", "x");
    std::filesystem::create_symlink(dir_ / "apps", dir_ / "link");
    std::filesystem::create_symlink("..", dir_ / "apps/a/circle");
  }
  FileMatch find(const std::string& pattern, int budget = 20'000) {
    return find_match(dir_ / pattern, budget);
  }
  TempDir dir_;
};

TEST_F(FindMatch, FollowsComponents) {
  EXPECT_EQ(find("apps/a/b/cow.sif"), FileMatch::found);
  EXPECT_EQ(find("apps/*/b/c?w.sif"), FileMatch::found);
  EXPECT_EQ(find("link/a/b/[a-c]ow.sif"), FileMatch::found);
  EXPECT_EQ(find("apps/a/b/calf.sif"), FileMatch::none);
  EXPECT_EQ(find("apps/*/cow.sif"), FileMatch::none);
  EXPECT_EQ(find("none/*"), FileMatch::none);
}

TEST_F(FindMatch, AnyDepth) {
  EXPECT_EQ(find("apps/**"), FileMatch::found);
  EXPECT_EQ(find("**/cow.sif"), FileMatch::found);
  EXPECT_EQ(find("apps/**/a/b/cow.sif"), FileMatch::found) << "none of them too";
  EXPECT_EQ(find("apps/**/b/**/cow.sif"), FileMatch::found);
  EXPECT_EQ(find("apps/**/calf.sif"), FileMatch::none) << "and no circle";
}

TEST_F(FindMatch, DirectoriesAndHiddenFilesAreNoImages) {
  EXPECT_EQ(find("apps"), FileMatch::none);
  EXPECT_EQ(find("apps/*"), FileMatch::none);
  EXPECT_EQ(find("apps/.hid*"), FileMatch::found);
  EXPECT_EQ(find("apps/a/b/cow.sif/x"), FileMatch::none);
}

TEST_F(FindMatch, SaysWhenItCannotTell) {
  EXPECT_EQ(find_match("oras://registry.example.org/x:1"), FileMatch::unknown);
  EXPECT_EQ(find_match(""), FileMatch::unknown);
  EXPECT_EQ(find("**/calf.sif", 2), FileMatch::unknown);
}

TEST_F(FindMatch, SaysWhichFileItFound) {
  test::write_file(dir_ / "only.sif", "x");
  std::string file;
  EXPECT_EQ(find_match(dir_ / "*.sif", kNamesToSearch, &file), FileMatch::found);
  EXPECT_EQ(file, dir_ / "only.sif");
  file.clear();
  EXPECT_EQ(find_match(dir_ / "*.img", kNamesToSearch, &file), FileMatch::none);
  EXPECT_EQ(file, "");
}

}  // namespace
}  // namespace sifguard
