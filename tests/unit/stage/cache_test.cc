// The cache of staged images: publishing, finding, remembering.
#include "helper/stage/cache.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>

#include <thread>

#include "tests/unit/policy/names.h"
#include "tests/unit/stage/entries.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::CacheAsRoot;
using test::entry_record;
using test::sif_like;

FileIdentity identity_of(std::uint64_t inode) {
  FileIdentity identity;
  identity.filesystem = 0xEF53;
  identity.filesystem_id = 77;
  identity.device = 1;
  identity.inode = inode;
  identity.size = 5000;
  identity.modified_ns = 1700000000000000000;
  identity.changed_ns = 1700000000000000000;
  return identity;
}

TEST_F(CacheAsRoot, AnUntrustworthyDirectoryIsRefused) {
  const auto expect_config = [&](const std::string& part) {
    const auto cache = ImageCache::open(directory_, 1);
    ASSERT_FALSE(cache) << part;
    EXPECT_EQ(cache.error().code(), Code::config);
    EXPECT_NE(cache.error().line().find(part), std::string::npos) << cache.error().line();
  };
  ::chmod(directory_.c_str(), 0755);
  expect_config("chmod 0700");
  ::chmod(directory_.c_str(), 0777);
  expect_config("writable by group or others");
  ::chmod(directory_.c_str(), 0700);
  test::Stage::give(directory_);
  expect_config("owned by uid");
  ASSERT_EQ(::chown(directory_.c_str(), 0, 0), 0);
  test::Stage::give(directory_ + "/entries");
  expect_config("entries");
  fs::remove_all(directory_);
  expect_config("No such file");
  fs::create_directory_symlink(stage_.path(), directory_);
  expect_config("symbolic link");
}

TEST_F(CacheAsRoot, WhatIsPublishedIsFound) {
  const EntryRecord record = entry_record('a', 5000, "key");
  const auto made = cache_->publish(copy_of(sif_like(5000)), record, as_bytes("pristine"), {1000});
  ASSERT_TRUE(made) << made.error().line();
  const auto found = cache_->find(record);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record.digest, record.digest);
  EXPECT_EQ(found->record.sealed_key, record.sealed_key);
  EXPECT_EQ(found->record.facts->image_size, 5000U);
  EXPECT_EQ(found->image_path, made->image_path);
  EXPECT_EQ(test::read_file(found->image_path), sif_like(5000));
  EXPECT_EQ(test::read_file(entry('a', "key") + "/message"), "pristine");
}

TEST_F(CacheAsRoot, ThePublishedImageCannotBeWrittenAndOthersCannotComeNear) {
  const std::string path = publish('a');
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0444U);
  EXPECT_EQ(st.st_uid, 0U);
  for (const char* part : {"", "/entries", "/index", "/tmp"}) {
    ASSERT_EQ(::stat((directory_ + part).c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777U, 0700U) << part;
  }
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
}

TEST_F(CacheAsRoot, NothingIsFoundThatIsNotThere) {
  EXPECT_FALSE(cache_->find(entry_record('a', 5000)));
  publish('a');
  EXPECT_FALSE(cache_->find(entry_record('b', 5000)));
  EXPECT_FALSE(cache_->find({"../entries", "", ""}));
  EXPECT_FALSE(cache_->find({"", "", ""}));
  EXPECT_FALSE(cache_->find({std::string(64, 'g'), "", ""}));
  EXPECT_FALSE(cache_->find({std::string(64, 'A'), std::string(64, '0'), ""}));
}

TEST_F(CacheAsRoot, EntriesOfOtherSignersOrKeysStandBesideEachOther) {
  publish('a', 5000, "key one");
  publish('a', 5000, "key two");
  EXPECT_EQ(cache_->find(entry_record('a', 0, "key one"))->record.key_id, "key one");
  EXPECT_EQ(cache_->find(entry_record('a', 0, "key two"))->record.key_id, "key two");
  EXPECT_FALSE(cache_->find(entry_record('a', 0)));
  EntryRecord other = entry_record('a', 0, "key one");
  other.keyring = std::string(64, '1');
  EXPECT_FALSE(cache_->find(other));
}

TEST_F(CacheAsRoot, WhoPublishesSecondGetsTheFirstEntry) {
  EntryRecord first = entry_record('a', 5000, "key");
  const auto made = cache_->publish(copy_of(sif_like(5000, '1')), first, {}, {1000});
  ASSERT_TRUE(made);
  EntryRecord second = first;
  second.sealed_key = {std::byte{9}};
  const auto again = cache_->publish(copy_of(sif_like(5000, '2')), second, {}, {1000});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->record.sealed_key, first.sealed_key);  // its own would not open that image
  EXPECT_EQ(test::read_file(again->image_path), sif_like(5000, '1'));
  EXPECT_TRUE(fs::is_empty(directory_ + "/tmp"));
}

TEST_F(CacheAsRoot, AContentKeyIsRememberedInTheEntryOfItsReleaseAlone) {
  EntryRecord mounted = entry_record('a', 5000, "key");
  mounted.release = Release::mount;
  publish('a', 5000, "key");
  EXPECT_FALSE(cache_->find(mounted));
  EXPECT_EQ(cache_->remember_content_key(mounted).error().code(), Code::temporary);
  ASSERT_TRUE(cache_->publish(copy_of(sif_like(5000)), mounted, {}, {1000}));
  mounted.sealed_content_key = {std::byte{1}, std::byte{2}};
  ASSERT_TRUE(cache_->remember_content_key(mounted));
  EXPECT_EQ(cache_->find(mounted)->record.sealed_content_key, mounted.sealed_content_key);
  EXPECT_EQ(test::read_file(cache_->find(mounted)->image_path), sif_like(5000));
  EXPECT_TRUE(cache_->find(entry_record('a', 0, "key"))->record.sealed_content_key.empty());
}

TEST_F(CacheAsRoot, AnUnusableEntryIsReplaced) {
  publish('a');
  test::write_file(entry('a') + "/entry.json", "{\"version\":1,\"boo");
  EXPECT_FALSE(cache_->find(entry_record('a', 5000)));
  publish('a');
  EXPECT_TRUE(cache_->find(entry_record('a', 5000)));
}

TEST_F(CacheAsRoot, AnEntryThatIsNotWholeIsNotUsable) {
  const auto expect_unusable = [&](const char* why) {
    EXPECT_FALSE(cache_->find(entry_record('a', 5000))) << why;
    fs::remove_all(entry('a'));
    publish('a');
    ASSERT_TRUE(cache_->find(entry_record('a', 5000)));
  };
  publish('a');
  fs::remove(entry('a') + "/entry.json");
  expect_unusable("no record");
  fs::remove(entry('a') + "/image.sif");
  expect_unusable("no image");
  fs::resize_file(entry('a') + "/image.sif", 4999);
  expect_unusable("wrong size");
  fs::remove(entry('a') + "/image.sif");
  fs::create_symlink("/etc/passwd", entry('a') + "/image.sif");
  expect_unusable("a link");
  fs::remove(entry('a') + "/image.sif");
  fs::create_directory(entry('a') + "/image.sif");
  expect_unusable("a directory");
  std::string text = test::read_file(entry('a') + "/entry.json");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, text.size() / 2, text.size() - 1}) {
    test::write_file(entry('a') + "/entry.json", text.substr(0, size));
    expect_unusable("torn");
  }
  fs::rename(entry('a'), entry('b'));
  EXPECT_FALSE(cache_->find(entry_record('b', 5000))) << "renamed";
}

TEST_F(CacheAsRoot, WhoMakesRoomIsAwaitedForAWhile) {
  publish('a');
  UniqueFd hold(::open(entry('a').c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(hold.get(), LOCK_EX), 0);
  EXPECT_FALSE(cache_->find(entry_record('a', 5000)));
  std::thread let_go([&] {
    ::usleep(200000);
    hold.reset();
  });
  EXPECT_TRUE(cache_->find(entry_record('a', 5000)));
  let_go.join();
}

TEST_F(CacheAsRoot, AnEntryDroppedMeanwhileIsNotFound) {
  publish('a');
  UniqueFd hold(::open(entry('a').c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(hold.get(), LOCK_EX), 0);
  std::thread drop([&] {
    ::usleep(200000);
    fs::rename(entry('a'), directory_ + "/tmp/old");
    fs::remove_all(directory_ + "/tmp/old");
    hold.reset();
  });
  EXPECT_FALSE(cache_->find(entry_record('a', 5000)));
  drop.join();
}

TEST_F(CacheAsRoot, AnEntryOfAnotherBootIsNotUsable) {
  publish('a');
  std::string text = test::read_file(entry('a') + "/entry.json");
  std::string boot = test::read_file("/proc/sys/kernel/random/boot_id").substr(0, 36);
  const std::size_t found = text.find(boot);
  ASSERT_NE(found, std::string::npos);
  text[found] = text[found] == '0' ? '1' : '0';
  test::write_file(entry('a') + "/entry.json", text);
  EXPECT_FALSE(cache_->find(entry_record('a', 5000)));
}

TEST_F(CacheAsRoot, AFileIsRememberedByAllOfItsIdentity) {
  const std::string digest(64, 'a');
  ASSERT_TRUE(cache_->remember(identity_of(1), digest));
  EXPECT_EQ(cache_->digest_of(identity_of(1)), digest);
  EXPECT_FALSE(cache_->digest_of(identity_of(2)));
  for (std::uint64_t FileIdentity::*part :
       {&FileIdentity::filesystem, &FileIdentity::filesystem_id, &FileIdentity::device,
        &FileIdentity::inode, &FileIdentity::size}) {
    FileIdentity other = identity_of(1);
    ++(other.*part);
    EXPECT_FALSE(cache_->digest_of(other));
  }
  for (std::int64_t FileIdentity::*part : {&FileIdentity::modified_ns, &FileIdentity::changed_ns}) {
    FileIdentity other = identity_of(1);
    ++(other.*part);
    EXPECT_FALSE(cache_->digest_of(other));
  }
}

TEST_F(CacheAsRoot, WhatWasFetchedIsRememberedForItsUserAlone) {
  const std::string digest(64, 'a');
  EXPECT_FALSE(cache_->has_fetched(1000, digest));
  ASSERT_TRUE(cache_->remember_fetched(1000, digest));
  EXPECT_TRUE(cache_->has_fetched(1000, digest));
  EXPECT_FALSE(cache_->has_fetched(1001, digest));
  EXPECT_FALSE(cache_->has_fetched(0, digest));
  EXPECT_FALSE(cache_->has_fetched(1000, std::string(64, 'b')));
  ASSERT_TRUE(cache_->tidy());
  EXPECT_FALSE(cache_->has_fetched(1000, digest)) << "there is no such entry";
}

TEST_F(CacheAsRoot, ATornIndexFileIsNotBelieved) {
  ASSERT_TRUE(cache_->remember_preloaded(test::name("/a.sif"), std::string(64, 'a')));
  std::string file;
  for (const auto& one : fs::directory_iterator(directory_ + "/index")) {
    if (one.path().filename() != "files") file = one.path();
  }
  for (const std::string& text : {std::string(), std::string(63, 'a'), std::string(64, 'x'),
                                  std::string(65, 'a'), std::string(64, '\0')}) {
    test::write_file(file, text);
    EXPECT_FALSE(cache_->preloaded(test::name("/a.sif"))) << text;
  }
}

TEST_F(CacheAsRoot, AFileThatIsTouchedAllTheTimeTakesNoRoom) {
  const auto names = [&] {
    return std::distance(fs::recursive_directory_iterator(directory_),
                         fs::recursive_directory_iterator());
  };
  FileIdentity file = identity_of(1);
  std::ptrdiff_t once = 0;
  for (int i = 0; i < 100; ++i) {
    ++file.changed_ns;
    const auto turn = cache_->copy_turn(1000, file, 0);
    ASSERT_TRUE(turn);
    ASSERT_TRUE(cache_->reserve(*turn, 5000));
    ASSERT_TRUE(cache_->remember(file, std::string(64, 'a'), 1000));
    ASSERT_TRUE(turn->finish(std::string(64, 'a')));
    ASSERT_TRUE(cache_->digest_of(file));
    if (i == 0) once = names();
  }
  EXPECT_LE(names(), once);
}

TEST_F(CacheAsRoot, CopiesOfOneFileByOneUserExcludeEachOther) {
  const auto held = cache_->copy_turn(1000, identity_of(1), 0);
  ASSERT_TRUE(held);
  const auto again = cache_->copy_turn(1000, identity_of(1), 50);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), Code::temporary);
  EXPECT_TRUE(cache_->copy_turn(1001, identity_of(1), 0)) << "another user's";
  EXPECT_TRUE(cache_->copy_turn(1000, identity_of(2), 0)) << "another file";
}

TEST_F(CacheAsRoot, AKilledHelperLeavesNoLock) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto held = cache_->copy_turn(1000, identity_of(1), 0);
    const char byte = held ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  EXPECT_FALSE(cache_->copy_turn(1000, identity_of(1), 0));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(cache_->copy_turn(1000, identity_of(1), 0));
}

}  // namespace
}  // namespace sifguard
