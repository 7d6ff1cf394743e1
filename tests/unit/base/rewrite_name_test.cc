// Which names the half-made copy of a file may have.
#include "keystore/base/rewrite_name.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace sifguard
