#include "keystore/backup/contents.h"

#include "tests/unit/backup/backup_fixture.h"

namespace sifguard {
namespace {

using Contents = test::BackupFixture;

TEST_F(Contents, CountsAndOpens) {
  const auto contents = read_contents(collect());
  ASSERT_TRUE(contents) << contents.error().line();
  ASSERT_EQ(contents->keys.size(), 1U);
  EXPECT_EQ(contents->keys[0].name, "cow");
  ASSERT_EQ(contents->signers.size(), 1U);
  EXPECT_EQ(contents->signers[0].id, "spki:" + std::string(64, 'a'));
  EXPECT_EQ(contents->images, kPolicy);
  EXPECT_EQ(contents->seal.method, SealMethod::file);
}

TEST_F(Contents, RefusesWhatIsDamagedOrMissing) {
  const std::string keys = "keys/" + record_.id + "/";
  const std::string signer = "image-signers/spki-" + std::string(64, 'a') + "/";
  for (const std::string& name :
       {keys + "meta.json", keys + "private.key", signer + "meta.json", std::string("seal.json")}) {
    Backup backup = collect();
    damage(backup, name);
    expect_error(read_contents(backup), Code::refused,
                 "the backup is not of a keystore that works");
  }
  for (const std::string& name : {keys + "meta.json", keys + "private.key",
                                  std::string("seal.json"), std::string("images.yaml")}) {
    Backup backup = collect();
    drop(backup, name);
    expect_error(read_contents(backup), Code::refused,
                 "the backup is not of a keystore that works");
  }
}

TEST_F(Contents, RefusesAnotherStoreKey) {
  Backup backup = collect();
  backup.key.secret = SecretBytes::copy_of(as_bytes(std::string(kStoreKeyBytes, 'x'))).value();
  expect_error(read_contents(backup), Code::refused, "private.key");
  backup.key.id = store_key_id(backup.key.secret).value();
  expect_error(read_contents(backup), Code::refused, "names another store key");
}

}  // namespace
}  // namespace sifguard
