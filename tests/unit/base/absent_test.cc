// Whether there is nothing at a path.
#include "keystore/base/absent.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

TEST(Absent, IsWhatIsCertainlyNotThere) {
  const test::TempDir dir;
  EXPECT_TRUE(is_absent(dir / "none"));
  EXPECT_TRUE(is_absent(dir / "none/below"));
}

TEST(Absent, IsNothingElse) {
  const test::TempDir dir;
  test::write_file(dir / "file", "");
  std::filesystem::create_symlink("nowhere", dir / "link");
  EXPECT_FALSE(is_absent(dir / "file"));
  EXPECT_FALSE(is_absent(dir / "link"));
  EXPECT_FALSE(is_absent(dir / "file/below"));
  EXPECT_FALSE(is_absent(dir / std::string(300, 'x')));
}

}  // namespace
}  // namespace sifguard
