// What sif-sign left beside images, and what it is still working on.
#include "keystore/doctor/half_signed.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <filesystem>

#include "keystore/base/fd.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HalfSigned, IsToldUnlessItIsWorkedOn) {
  const test::TempDir dir;
  const std::string left = dir / ".a.sif.0123456789abcdef.tmp";
  const std::string worked_on = dir / ".b.sif.fedcba9876543210.tmp";
  for (const std::string& path : {dir / "a.sif", left, worked_on, dir / ".a.sif.tmp"}) {
    test::write_file(path, "x");
  }
  std::filesystem::create_directory(dir / ".c.sif.0123456789abcdef.tmp");
  std::filesystem::create_symlink("a.sif", dir / ".d.sif.0123456789abcdef.tmp");
  const UniqueFd worker(::open(worked_on.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(worker.get(), LOCK_EX), 0);
  EXPECT_THAT(half_signed_beside(dir / "a.sif"), ElementsAre(left));
}

TEST(HalfSigned, IsNothingWhereNothingCanBeListed) {
  const test::TempDir dir;
  EXPECT_THAT(half_signed_beside(dir / "missing/a.sif"), IsEmpty());
}

}  // namespace
}  // namespace sifguard
