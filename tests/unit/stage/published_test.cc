// Which files are taken for published ones.
#include "helper/stage/published.h"

#include <gtest/gtest.h>

#include "keystore/base/child.h"
#include "keystore/base/text.h"
#include "tests/unit/stage/staging.h"

namespace sifguard {
namespace {

using test::sif_like;

class Published : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    directory_ = stage_.directory("published");
    path_ = directory_ + "/a.sif";
    test::write_file(path_, sif_like(5000));
    ::chmod(path_.c_str(), 0444);
  }
  [[nodiscard]] Result<std::optional<UniqueFd>> open(const std::string& path) const {
    SG_TRY(const OpenedImage image, stage_.open(path));
    return open_published(image, directory_);
  }
  void expect_untrusted(const std::string& part) const {
    const auto opened = open(path_);
    ASSERT_FALSE(opened) << part;
    EXPECT_EQ(opened.error().code(), Code::config);
    EXPECT_NE(opened.error().line().find(part), std::string::npos) << opened.error().line();
  }
  test::Stage stage_;
  std::string directory_, path_;
};

TEST_F(Published, IsARootsFileInTheDirectory) {
  const auto opened = open(path_);
  ASSERT_TRUE(opened) << opened.error().line();
  ASSERT_TRUE(*opened);
  const auto digest = digest_of_file((*opened)->get(), 5000, monotonic_ms() + 10000);
  ASSERT_TRUE(digest);
  EXPECT_EQ(to_hex(*digest), to_hex(*sha256(as_bytes(sif_like(5000)))));
}

TEST_F(Published, AFileElsewhereIsNot) {
  const std::string other = stage_.directory("published-2") + "/a.sif";  // the same beginning
  test::write_file(other, sif_like(5000));
  ::chmod(other.c_str(), 0444);
  const auto opened = open(other);
  ASSERT_TRUE(opened) << opened.error().line();
  EXPECT_FALSE(*opened);
}

TEST_F(Published, NothingIsWithoutADirectory) {
  const auto image = stage_.open(path_);
  ASSERT_TRUE(image);
  const auto opened = open_published(*image, "");
  ASSERT_TRUE(opened);
  EXPECT_FALSE(*opened);
}

TEST_F(Published, AFileThatOthersMayWriteToIsRefused) {
  ::chmod(path_.c_str(), 0666);
  expect_untrusted("writable");
}

TEST_F(Published, AUsersFileIsRefused) {
  test::Stage::give(path_);
  expect_untrusted("owned by");
}

TEST_F(Published, ADirectoryThatOthersMayWriteToIsRefused) {
  ::chmod(directory_.c_str(), 0777);
  expect_untrusted("writable");
}

TEST_F(Published, AFileThatWasReplacedMeanwhileIsRefused) {
  const auto image = stage_.open(path_);
  ASSERT_TRUE(image);
  std::filesystem::rename(path_, directory_ + "/old");
  test::write_file(path_, sif_like(5000));
  ::chmod(path_.c_str(), 0444);
  const auto opened = open_published(*image, directory_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Code::temporary);
}

TEST_F(Published, HashingEndsInTimeAndAtTheEndOfTheFile) {
  const auto opened = open(path_);
  ASSERT_TRUE(opened && *opened);
  const auto late = digest_of_file((*opened)->get(), 5000, monotonic_ms() - 1);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), Code::temporary);
  EXPECT_FALSE(digest_of_file((*opened)->get(), 5001, monotonic_ms() + 10000));
}

}  // namespace
}  // namespace sifguard
