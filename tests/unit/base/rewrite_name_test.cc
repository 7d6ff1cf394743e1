// Which names the half-made copy of a file may have.
#include "keystore/base/rewrite_name.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "keystore/base/fd.h"
#include "keystore/base/tree.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

TEST(RewriteName, IsOfItsFileAlone) {
  const auto name = new_rewrite_name("image.sif");
  ASSERT_TRUE(name);
  EXPECT_TRUE(is_rewrite_of(*name, "image.sif")) << *name;
  EXPECT_TRUE(is_rewrite_name(*name));
  for (const char* other : {"image.si", "image.sif2", ".image.sif", "mage.sif", ""}) {
    EXPECT_FALSE(is_rewrite_of(*name, other)) << other;
  }
  const auto next = new_rewrite_name("image.sif");
  ASSERT_TRUE(next);
  EXPECT_NE(*name, *next);
}

TEST(RewriteName, FitsWhereTheFilesOwnNameFits) {
  const std::string longest(255, 'x');
  const auto name = new_rewrite_name(longest);
  ASSERT_TRUE(name);
  EXPECT_LE(name->size(), 255U);
  EXPECT_TRUE(is_rewrite_of(*name, longest));
}

TEST(RewriteName, IsNothingElse) {
  for (const char* name :
       {"", ".", ".tmp", "image.sif", ".image.sif.tmp", "image.sif.0123456789abcdef.tmp",
        ".image.sif.0123456789abcdeF.tmp", ".image.sif.0123456789abcde.tmp",
        ".image.sif.0123456789abcdef.tmp2", ".image.sif.0123456789abcdeg.tmp",
        "..0123456789abcdef.tmp", ".0123456789abcdef.tmp", ".image.sif-0123456789abcdef.tmp"}) {
    EXPECT_FALSE(is_rewrite_name(name)) << name;
    EXPECT_FALSE(is_rewrite_of(name, "image.sif")) << name;
  }
  EXPECT_TRUE(is_rewrite_of(".image.sif.0123456789abcdef.tmp", "image.sif"));
}

class LeftRewrites : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> names() const { return *list_names(directory_.path()); }
  void remove(const std::string& name) const { remove_left_rewrites(fd_.get(), name); }
  test::TempDir directory_;
  UniqueFd fd_{::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
};
using Names = std::vector<std::string>;

constexpr const char* kCopy = ".a.key.0123456789abcdef.tmp";
constexpr const char* kBefore = ".before-a.key.0123456789abcdef.tmp";

TEST_F(LeftRewrites, GoOverwrittenFirst) {
  test::write_file(directory_ / kCopy, "secret");
  const UniqueFd open(::open((directory_ / kCopy).c_str(), O_RDONLY | O_CLOEXEC));
  remove("a.key");
  EXPECT_EQ(names(), Names());
  EXPECT_EQ(read_to_end(open.get(), 100, "it").value(), std::string(6, '\0'));
}

TEST_F(LeftRewrites, OfOtherFilesAndOfLivingWritersStay) {
  test::write_file(directory_ / ".b.key.0123456789abcdef.tmp", "other");
  test::write_file(directory_ / "a.key.0123456789abcdef.tmp", "named by somebody");
  test::write_file(directory_ / kCopy, "secret");
  const UniqueFd working(::open((directory_ / kCopy).c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(working.get(), LOCK_EX), 0);
  remove("a.key");
  EXPECT_EQ(names().size(), 3U);
  EXPECT_EQ(test::read_file(directory_ / kCopy), "secret");
}

/// A stick that the desktop mounted for its user, and root works on.
TEST_F(LeftRewrites, OfTheDirectorysOwnerGoForRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "NEEDS ROOT: a file of somebody else";
  const std::string copy = directory_ / kCopy;
  test::write_file(copy, "secret");
  ASSERT_EQ(::chown(copy.c_str(), 1234, 1234), 0);
  remove("a.key");
  EXPECT_EQ(names(), Names{kCopy});
  ASSERT_EQ(::fchown(fd_.get(), 1234, 1234), 0);
  remove("a.key");
  EXPECT_EQ(names(), Names());
}

TEST_F(LeftRewrites, WhatWasReplacedStaysWhereItIsTheOnlyCopy) {
  test::write_file(directory_ / kBefore, "old");
  remove("a.key");
  EXPECT_EQ(test::read_file(directory_ / kBefore), "old");
  test::write_file(directory_ / "a.key", "new");
  remove("a.key");
  EXPECT_EQ(names(), Names{"a.key"});
  // Killed between the two: both names are of one file, which is not overwritten.
  ASSERT_EQ(::link((directory_ / "a.key").c_str(), (directory_ / kBefore).c_str()), 0);
  remove("a.key");
  EXPECT_EQ(names(), Names{"a.key"});
  EXPECT_EQ(test::read_file(directory_ / "a.key"), "new");
}

}  // namespace
}  // namespace sifguard
