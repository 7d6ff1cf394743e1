#include "keystore/store/keystore.h"

#include <sys/stat.h>

#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;

class KeystoreTest : public test::StoreFixture {
 protected:
  [[nodiscard]] std::string other() const { return dir_ / "other"; }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(dir_.path()), fs::directory_iterator{}));
  }
};

TEST_F(KeystoreTest, IsMadePrivate) {
  for (const char* name : {"", "/keys", "/image-signers"}) {
    struct stat st {};
    ASSERT_EQ(::stat((path() + name).c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 07777U, 0700U) << name;
  }
  EXPECT_EQ(entries(), 1U);  // no temporary directory is left
  EXPECT_TRUE(store_->keys().value().empty());
  EXPECT_TRUE(store_->signers().value().empty());
}

TEST_F(KeystoreTest, InitLeavesAKeystoreAlone) {
  ASSERT_TRUE(store_->replace_images_text("mine"));
  const auto again = Keystore::init(path(), trust());
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(store_->images_text().value(), "mine");
}

TEST_F(KeystoreTest, InitFillsAnEmptyDirectory) {
  ASSERT_EQ(::mkdir(other().c_str(), 0700), 0);
  EXPECT_TRUE(Keystore::init(other(), trust()).value().created);
  EXPECT_TRUE(Keystore::open(other(), trust()));
}

TEST_F(KeystoreTest, InitTouchesNothingElse) {
  ASSERT_EQ(::mkdir(other().c_str(), 0700), 0);
  write_file(other() + "/precious", "x");
  expect_error(Keystore::init(other(), trust()), Code::config, "is not a keystore");
  EXPECT_EQ(read_file(other() + "/precious"), "x");
  write_file(dir_ / "file", "x");
  expect_error(Keystore::init(dir_ / "file", trust()), Code::config, "file");
  ASSERT_EQ(::symlink("other", (dir_ / "link").c_str()), 0);
  expect_error(Keystore::init(dir_ / "link", trust()), Code::config, "symbolic link");
  EXPECT_EQ(entries(), 4U);
}

TEST_F(KeystoreTest, InitWantsATrustedParent) {
  expect_error(Keystore::init(dir_ / "missing/store", trust()), Code::config, "missing");
  ASSERT_EQ(::mkdir((dir_ / "open").c_str(), 0700), 0);
  ASSERT_EQ(::chmod((dir_ / "open").c_str(), 0777), 0);
  expect_error(Keystore::init(dir_ / "open/store", trust()), Code::config, "chmod go-w");
  expect_error(Keystore::init("relative", trust()), Code::usage, "absolute");
  expect_error(Keystore::init("/", trust()), Code::usage, "absolute");
  expect_error(Keystore::init("", trust()), Code::usage, "absolute");
}

TEST_F(KeystoreTest, OpenRefusesWhatIsNoKeystore) {
  expect_error(Keystore::open(other(), trust()), Code::config, "other");
  ASSERT_EQ(::mkdir(other().c_str(), 0700), 0);
  expect_error(Keystore::open(other(), trust()), Code::config, "sifctl init");
  ASSERT_EQ(::mkdir((other() + "/keys").c_str(), 0700), 0);
  expect_error(Keystore::open(other(), trust()), Code::config, "no 'image-signers'");
}

TEST_F(KeystoreTest, OpenRefusesWritableParts) {
  for (const char* name : {"", "/keys", "/image-signers"}) {
    ASSERT_EQ(::chmod((path() + name).c_str(), 0770), 0);
    expect_error(Keystore::open(path(), trust()), Code::config, "chmod go-w " + path() + name);
    ASSERT_EQ(::chmod((path() + name).c_str(), 0700), 0);
  }
  EXPECT_TRUE(Keystore::open(path(), trust()));
}

TEST_F(KeystoreTest, OpenRefusesLinks) {
  ASSERT_EQ(::symlink("store", (dir_ / "link").c_str()), 0);
  expect_error(Keystore::open(dir_ / "link", trust()), Code::config, "symbolic link");
  fs::rename(path() + "/keys", path() + "/real");
  ASSERT_EQ(::symlink("real", (path() + "/keys").c_str()), 0);
  expect_error(Keystore::open(path(), trust()), Code::config, "keys is a symbolic link");
}

TEST_F(KeystoreTest, OpenRefusesAForeignOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a directory away";
  ASSERT_EQ(::chown(path().c_str(), 12345, 12345), 0);
  expect_error(Keystore::open(path(), trust()), Code::config, "chown root:root " + path());
}

TEST_F(KeystoreTest, ImagesAreReplacedAsAWhole) {
  ASSERT_TRUE(store_->replace_images_text("one"));
  ASSERT_TRUE(store_->replace_images_text("two"));
  EXPECT_EQ(store_->images_text().value(), "two");
  struct stat st {};
  ASSERT_EQ(::stat((path() + "/images.yaml").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0600U);
}

TEST_F(KeystoreTest, ImagesMustBeTrusted) {
  const std::string file = path() + "/images.yaml";
  ASSERT_EQ(::chmod(file.c_str(), 0620), 0);
  expect_error(store_->images_text(), Code::config, "chmod go-w " + file);
  fs::remove(file);
  expect_error(store_->images_text(), Code::config, "images.yaml");
  ASSERT_EQ(::symlink("/etc/passwd", file.c_str()), 0);
  expect_error(store_->images_text(), Code::config, "symbolic link");
  fs::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  expect_error(store_->images_text(), Code::config, "not a regular file");
}

TEST_F(KeystoreTest, ImagesHaveALimit) {
  const std::string huge(16UL * 1024 * 1024 + 1, 'x');
  expect_error(store_->replace_images_text(huge), Code::wrong_state, "too large");
  write_file(path() + "/images.yaml", huge);
  expect_error(store_->images_text(), Code::config, "larger");
}

}  // namespace
}  // namespace sifguard
