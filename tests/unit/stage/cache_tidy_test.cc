// Tidying: what is a leftover, and what somebody still needs.
#include <gtest/gtest.h>

#include "tests/unit/stage/entries.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::CacheAsRoot;
using TidyAsRoot = CacheAsRoot;

TEST_F(TidyAsRoot, TidyRemovesLeftoversAndKeepsTheRest) {
  publish('a');
  publish('b');
  test::write_file(entry('b') + "/entry.json", "torn");
  fs::create_directories(directory_ + "/tmp/new-something/deeper");
  test::write_file(directory_ + "/tmp/old-something", "");
  fs::create_directory(directory_ + "/entries/stray");
  ASSERT_TRUE(cache_->tidy());
  EXPECT_TRUE(has('a'));
  EXPECT_FALSE(has('b'));
  EXPECT_FALSE(fs::exists(directory_ + "/entries/stray"));
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
}

TEST_F(TidyAsRoot, TidyDoesNotMakeEntriesYoung) {
  publish('a');
  age('a', 500);
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(::stat(entry('a').c_str(), &before), 0);
  ASSERT_TRUE(cache_->tidy());
  ASSERT_EQ(::stat(entry('a').c_str(), &after), 0);
  EXPECT_EQ(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
}

TEST_F(TidyAsRoot, TidyKeepsHeldLocksAndRemovesOthers) {
  FileIdentity held_file, free_file;
  free_file.inode = 1;
  const auto held = cache_->copy_turn(1, held_file, 0);
  ASSERT_TRUE(cache_->copy_turn(1, free_file, 0));
  ASSERT_TRUE(cache_->tidy());
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ + "/tmp"), fs::directory_iterator()),
            1);
  EXPECT_FALSE(cache_->copy_turn(1, held_file, 0));
}

TEST_F(TidyAsRoot, TidyForgetsFilesWhoseEntryIsGone) {
  publish('a');
  FileIdentity kept, lost;
  kept.inode = 1;
  lost.inode = 2;
  ASSERT_TRUE(cache_->remember(kept, std::string(64, 'a')));
  ASSERT_TRUE(cache_->remember(lost, std::string(64, 'b')));
  test::write_file(directory_ + "/index/.half.tmp", "x");
  test::write_file(directory_ + "/index/" + std::string(64, '0'), "no digest");
  ASSERT_TRUE(cache_->tidy());
  EXPECT_TRUE(cache_->digest_of(kept));
  EXPECT_FALSE(cache_->digest_of(lost));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ + "/index"), fs::directory_iterator()),
            1);
}

}  // namespace
}  // namespace sifguard
