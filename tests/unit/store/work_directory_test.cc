#include "keystore/store/work_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keystore/store/store_files.h"
#include "tests/unit/base/killed_at.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;

class WorkDirectoryTest : public test::StoreFixture {
 protected:
  [[nodiscard]] EntryParent above() const {
    return {UniqueFd(::open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), dir_.path()};
  }
  [[nodiscard]] std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& each : fs::directory_iterator(dir_.path())) {
      const std::string name = each.path().filename();
      if (name.starts_with(kUnfinishedInit)) names.push_back(name);
    }
    return names;
  }
  /// What an init leaves that is killed right before it puts all of it in place.
  [[nodiscard]] std::string killed_init() const {
    EXPECT_TRUE(Keystore::init(dir_ / "new", trust()));
    const std::string directory = dir_ / (std::string(kUnfinishedInit) + "0123");
    fs::rename(dir_ / "new", directory);
    return directory;
  }
};

TEST_F(WorkDirectoryTest, TheNextInitRemovesWhatAKilledOneLeft) {
  (void)killed_init();
  ASSERT_TRUE(Keystore::init(dir_ / "new", trust()));
  EXPECT_TRUE(left().empty());
  (void)fs::remove_all(dir_ / "new");
  (void)killed_init();
  EXPECT_FALSE(Keystore::init(path(), trust())->created) << "where there is a keystore, too";
  EXPECT_TRUE(left().empty());
  EXPECT_TRUE(Keystore::open(path(), trust()));
}

TEST_F(WorkDirectoryTest, SoItDoesOfOneThatWasKilledEarlier) {
  ASSERT_TRUE(test::killed_at(SYS_renameat2, [&] { (void)Keystore::init(dir_ / "new", trust()); }));
  ASSERT_EQ(left().size(), 1U);
  ASSERT_TRUE(Keystore::init(dir_ / "new", trust())->created);
  EXPECT_TRUE(left().empty());
}

TEST_F(WorkDirectoryTest, ItsStoreKeyIsOverwritten) {
  const std::string directory = killed_init();
  std::string key;
  for (const auto& each : fs::directory_iterator(directory)) {
    if (each.path().extension() == ".key") key = each.path();
  }
  ASSERT_FALSE(key.empty());
  const UniqueFd opened(::open(key.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(Keystore::init(path(), trust()));
  std::string content(64, 'x');
  const ssize_t got = ::pread(opened.get(), content.data(), content.size(), 0);
  ASSERT_GE(got, 0);
  content.resize(static_cast<std::size_t>(got));
  EXPECT_EQ(content.find_first_not_of('\0'), std::string::npos);
}

TEST_F(WorkDirectoryTest, WhatIsWorkedInOrHoldsMoreStays) {
  const EntryParent parent = above();
  auto mine = make_work_directory(parent, kUnfinishedInit);
  ASSERT_TRUE(mine);
  const std::string directory = dir_ / mine->name;
  EXPECT_TRUE(is_worked_in(directory));
  ASSERT_TRUE(Keystore::init(path(), trust()));
  EXPECT_TRUE(fs::exists(directory)) << "its maker lives";
  mine->held.reset();
  EXPECT_FALSE(is_worked_in(directory));
  fs::create_directories(directory + "/keys/ab");
  write_file(directory + "/keys/ab/private.key", "x");
  ASSERT_TRUE(Keystore::init(path(), trust()));
  EXPECT_EQ(read_file(directory + "/keys/ab/private.key"), "x");
  fs::remove_all(directory + "/keys");
  fs::create_directories(directory + "/ca");
  ASSERT_TRUE(Keystore::init(path(), trust()));
  EXPECT_TRUE(fs::exists(directory)) << "no init makes a CA";
  fs::remove_all(directory + "/ca");
  ASSERT_TRUE(Keystore::init(path(), trust()));
  EXPECT_FALSE(fs::exists(directory));
}

TEST_F(WorkDirectoryTest, EmptyFilesAreNothing) {
  const UniqueFd fd(::open(path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(is_new_keystore(fd.get()));
  EXPECT_FALSE(holds_nothing(fd.get()));
  const std::string empty = dir_ / "empty";
  fs::create_directories(empty + "/keys/ab");
  write_file(empty + "/keys/ab/private.key", "");
  const UniqueFd other(::open(empty.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(holds_nothing(other.get()));
  ASSERT_EQ(::symlink("x", (empty + "/link").c_str()), 0);
  EXPECT_FALSE(holds_nothing(other.get())) << "not known";
  EXPECT_FALSE(holds_nothing(-1));
}

}  // namespace
}  // namespace sifguard
