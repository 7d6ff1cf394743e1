// The table of digests: of fixed size, believed for one boot, and fair to all.
#include "helper/stage/digest_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

constexpr std::uint32_t kAlice = 1001, kBob = 1002;

class DigestTableTest : public ::testing::Test {
 protected:
  [[nodiscard]] DigestTable open(const std::string& boot = "this boot") const {
    const UniqueFd fd(::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto table = DigestTable::open(fd.get(), "files", boot, "the table");
    EXPECT_TRUE(table);
    return *std::move(table);
  }
  [[nodiscard]] std::string path() const { return directory_ / "files"; }
  static DigestTable::Key key(const std::string& place, const std::string& state = "as it is") {
    return {place, state};
  }
  test::TempDir directory_;
  const std::string digest_ = std::string(64, 'a'), other_ = std::string(64, 'b');
};

TEST_F(DigestTableTest, GivesBackWhatWasPut) {
  const DigestTable table = open();
  EXPECT_FALSE(table.find(key("x")));
  ASSERT_TRUE(table.put(key("x"), digest_, kAlice, 5));
  const auto found = open().find(key("x"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->digest, digest_);
  EXPECT_EQ(found->stamp, 5);
  EXPECT_FALSE(table.find(key("y")));
  EXPECT_FALSE(table.find(key("x", "as it was")));
}

TEST_F(DigestTableTest, ANewStateTakesTheOldOnesRecord) {
  const DigestTable table = open();
  ASSERT_TRUE(table.put(key("x", "1"), digest_, kAlice, 1));
  ASSERT_TRUE(table.put(key("x", "2"), other_, kAlice, 2));
  EXPECT_FALSE(table.find(key("x", "1")));
  EXPECT_EQ(table.find(key("x", "2"))->digest, other_);
  ASSERT_TRUE(table.put(key("x", "2"), "", kAlice, 3));
  EXPECT_FALSE(table.find(key("x", "2")));
}

TEST_F(DigestTableTest, WhatIsNoDigestIsNotPut) {
  for (const std::string& text :
       {std::string("a"), std::string(63, 'a'), std::string(66, 'a'), std::string(64, 'x')}) {
    EXPECT_FALSE(open().put(key("x"), text, kAlice, 1)) << text;
  }
  EXPECT_FALSE(open().find(key("x")));
}

TEST_F(DigestTableTest, WhatIsTornOrOfAnotherBootIsNotBelieved) {
  ASSERT_TRUE(open().put(key("x"), digest_, kAlice, 5));
  EXPECT_FALSE(open("another boot").find(key("x")));
  const std::string whole = test::read_file(path());
  const std::size_t at = whole.find_first_not_of('\0');
  ASSERT_NE(at, std::string::npos);
  for (std::size_t byte = at / 128 * 128; byte < at / 128 * 128 + 128; ++byte) {
    std::string torn = whole;
    torn[byte] = static_cast<char>(torn[byte] ^ 1);
    test::write_file(path(), torn);
    EXPECT_FALSE(open().find(key("x"))) << byte;
  }
  test::write_file(path(), whole);
  EXPECT_TRUE(open().find(key("x")));
}

TEST_F(DigestTableTest, AFileThatIsTooShortIsMadeWhole) {
  ASSERT_TRUE(open().put(key("x"), digest_, kAlice, 5));
  std::filesystem::resize_file(path(), 100);
  EXPECT_FALSE(open().find(key("x")));
  ASSERT_TRUE(open().put(key("x"), digest_, kAlice, 5));
  EXPECT_TRUE(open().find(key("x")));
}

TEST_F(DigestTableTest, WhatIsNoFileIsRefused) {
  const UniqueFd fd(::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::filesystem::create_symlink("/etc/passwd", path());
  EXPECT_FALSE(DigestTable::open(fd.get(), "files", "boot", "the table"));
  std::filesystem::remove(path());
  std::filesystem::create_directory(path());
  EXPECT_FALSE(DigestTable::open(fd.get(), "files", "boot", "the table"));
  std::filesystem::remove(path());
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_FALSE(DigestTable::open(fd.get(), "files", "boot", "the table"));
}

TEST_F(DigestTableTest, StaysAsLargeAsItIsAndManyFilesOfOneUserLeaveTheOthersThere) {
  const DigestTable table = open();
  const auto size = std::filesystem::file_size(path());
  const auto known = [&](const std::string& whose, int files) {
    int found = 0;
    for (int i = 0; i < files; ++i) found += table.find(key(whose + std::to_string(i))) ? 1 : 0;
    return found;
  };
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(table.put(key("bob" + std::to_string(i)), other_, kBob, i));
  }
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(table.put(key("alice" + std::to_string(i)), digest_, kAlice, 1000 + i));
  }
  EXPECT_EQ(std::filesystem::file_size(path()), size);
  EXPECT_EQ(known("bob", 200), 200);
  EXPECT_GT(known("alice", 20'000), 7000);
  EXPECT_TRUE(table.find(key("alice19999")));
  // Nor do hers keep him out.
  for (int i = 200; i < 400; ++i) {
    ASSERT_TRUE(table.put(key("bob" + std::to_string(i)), other_, kBob, i));
  }
  EXPECT_EQ(known("bob", 400), 400);
}

TEST_F(DigestTableTest, KeepsWhatIsWanted) {
  const DigestTable table = open();
  ASSERT_TRUE(table.put(key("x"), digest_, kAlice, 1));
  ASSERT_TRUE(table.put(key("y"), other_, kAlice, 1));
  ASSERT_TRUE(table.keep([&](const std::string& digest) { return digest == digest_; }));
  EXPECT_TRUE(table.find(key("x")));
  EXPECT_FALSE(table.find(key("y")));
}

}  // namespace
}  // namespace sifguard
