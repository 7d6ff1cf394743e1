// A keystore with a key, a signer and a policy, for the tests of keystore/backup. Tests only.
#pragma once

#include <fstream>

#include "keystore/backup/contents.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard::test {

class BackupFixture : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    record_ = add("cow", key());
    SignerRecord signer;
    signer.id = "spki:" + std::string(64, 'a');
    signer.names = {signer.id};
    ASSERT_TRUE(store_->add_signer(signer, "PEM"));
    ASSERT_TRUE(store_->replace_images_text(kPolicy));
  }
  static const RsaPrivateKey& key() {
    static const RsaPrivateKey made = RsaPrivateKey::generate(2048).value();
    return made;
  }
  [[nodiscard]] Backup collect() const {
    auto taken = collect_backup(*store_, 1000);
    EXPECT_TRUE(taken) << taken.error().line();
    return *std::move(taken);
  }
  [[nodiscard]] static std::string names_of(const Backup& backup) {
    std::string names;
    for (const ArchiveFile& file : backup.archive.files) names += file.name + "\n";
    return names;
  }
  /// Changes one byte in the middle of a file of the archive.
  static void damage(Backup& backup, const std::string& name) {
    for (ArchiveFile& file : backup.archive.files) {
      if (file.name != name) continue;
      std::vector<std::byte> bytes(file.content.begin(), file.content.end());
      bytes[bytes.size() / 2] ^= std::byte{1};
      file.content = backup.archive.hold(std::move(bytes));
    }
  }
  static void drop(Backup& backup, const std::string& name) {
    std::erase_if(backup.archive.files, [&](const auto& file) { return file.name == name; });
  }

  static constexpr const char* kPolicy = "version: 1\nimages: []\n# mine\n";
  KeyRecord record_;
};

}  // namespace sifguard::test
