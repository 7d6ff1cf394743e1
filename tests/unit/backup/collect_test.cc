#include "keystore/backup/collect.h"

#include <sys/stat.h>

#include "keystore/base/fd.h"
#include "tests/unit/backup/backup_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::write_file;
using Collect = test::BackupFixture;

TEST_F(Collect, TakesEverythingButLocksLeftoversAndTheStoreKeysFile) {
  fs::create_directory(path() + "/keys/.tmp-1");
  write_file(path() + "/.images.yaml.1.tmp", "x");
  const Backup backup = collect();
  const std::string keys = "keys/" + record_.id;
  const std::string signer = "image-signers/spki-" + std::string(64, 'a');
  EXPECT_EQ(names_of(backup), signer + "/key.pem\n" + signer + "/meta.json\nimages.yaml\n" + keys +
                                  "/meta.json\n" + keys + "/private.key\n" + keys +
                                  "/public.pem\nseal.json\n");
  EXPECT_EQ(backup.archive.created, 1000);
  EXPECT_EQ(backup.archive.find(keys + "/public.pem")->mode, mode_t{0644});
  EXPECT_EQ(backup.archive.find(keys + "/private.key")->mode, mode_t{0600});
  EXPECT_EQ(as_text(backup.archive.find("images.yaml")->content), kPolicy);
  EXPECT_EQ(backup.key.id, store_->seals().value().front().key_id);
  EXPECT_TRUE(encode_archive(backup.archive));
}

TEST_F(Collect, RefusesAnUnencryptedPrivateKey) {
  write_file(key_file(record_, "private.pem"), "PEM");
  expect_error(collect_backup(*store_, 0), Code::config, "sifctl reseal");
}

TEST_F(Collect, RefusesWhatIsNotTrustworthyOrHasNoPlace) {
  fs::permissions(key_file(record_, "public.pem"), fs::perms(0666));
  expect_error(collect_backup(*store_, 0), Code::config, "is writable by group or others");
  fs::permissions(key_file(record_, "public.pem"), fs::perms(0644));
  fs::create_symlink("/etc/passwd", path() + "/passwd");
  expect_error(collect_backup(*store_, 0), Code::config, "is a symbolic link");
  fs::remove(path() + "/passwd");
  ASSERT_EQ(::mkfifo((path() + "/pipe").c_str(), 0600), 0);
  expect_error(collect_backup(*store_, 0), Code::config, "is not a regular file");
  fs::remove(path() + "/pipe");
  write_file(path() + "/a b", "x");
  expect_error(collect_backup(*store_, 0), Code::config, "has no place in the keystore");
}

TEST_F(Collect, WantsTheStoreKeyAndNoUnfinishedReseal) {
  const std::string seal_file = path() + "/seal.json";
  auto seals = store_->seals().value();
  seals.push_back(seals.front());
  write_file(seal_file, format_seals(seals));
  expect_error(collect_backup(*store_, 0), Code::config,
               "a reseal of the keystore was interrupted");
  seals.pop_back();
  write_file(seal_file, format_seals(seals));
  fs::remove(path() + "/" + seals.front().where);
  expect_error(collect_backup(*store_, 0), Code::config, "store key");
}

}  // namespace
}  // namespace sifguard
