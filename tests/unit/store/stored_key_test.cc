// A private half as it rests in the keystore: what it derives, and that it is gone with the key.
#include "keystore/store/stored_key.h"

#include "keystore/base/fd.h"
#include "keystore/crypto/hkdf.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

class StoredKey : public test::StoreFixture {
 protected:
  static const RsaPrivateKey& made() {
    static const RsaPrivateKey key = RsaPrivateKey::generate(2048).value();
    return key;
  }
  [[nodiscard]] std::string derived(const KeyRecord& record, std::string_view use = "use") const {
    const auto stored = store_->stored_private_key(record);
    if (!stored) return stored.error().line();
    const auto key = stored->derive(use);
    return key && *key ? std::string(as_text((*key)->bytes())) : "none";
  }
  const KeyRecord& record() {
    if (record_.id.empty()) record_ = add("a", made());
    return record_;
  }
  KeyRecord record_;
};

TEST_F(StoredKey, IsTheKeyThatWasPutIn) {
  const auto stored = store_->stored_private_key(record());
  ASSERT_TRUE(stored) << stored.error().line();
  EXPECT_EQ(stored->id(), record().id);
  EXPECT_EQ(stored->open()->public_key()->id().value(), record().id);
}

TEST_F(StoredKey, DerivesAKeyForEachUse) {
  const std::string key = derived(record());
  EXPECT_EQ(key.size(), kHkdfBytes);
  EXPECT_EQ(derived(record()), key);
  EXPECT_NE(derived(record(), "another use"), key);
}

TEST_F(StoredKey, DerivesTheSameAfterAResealAndAChangeOfItsRule) {
  const std::string key = derived(record());
  ASSERT_TRUE(store_->reseal({}));
  KeyRule rule;
  rule.everyone = true;
  ASSERT_TRUE(store_->set_key_rule(record().id, rule));
  EXPECT_EQ(derived(record()), key);
}

TEST_F(StoredKey, DerivesNothingInAStateThatDoesNotDecrypt) {
  ASSERT_TRUE(store_->step_key(record().id, KeyStep::suspend));
  expect_error(store_->stored_private_key(record()), Code::denied, "suspended");
  ASSERT_TRUE(store_->step_key(record().id, KeyStep::resume));
  EXPECT_EQ(derived(record()).size(), kHkdfBytes);
}

TEST_F(StoredKey, DerivesNothingOfWhatIsNotThere) {
  const auto half = made().public_key().value();
  const auto public_only = store_->add_key({"p", nullptr, &half, nullptr});
  ASSERT_TRUE(public_only);
  expect_error(store_->stored_private_key(public_only->record), Code::config, "public half");
  EXPECT_FALSE(StoredPrivateKey({}, "keys").derive("use"));
  EXPECT_FALSE(StoredPrivateKey({}, "keys").open());
}

TEST_F(StoredKey, OfATokenIsNoSecretToDeriveFrom) {
  KeyEntry entry;
  entry.record.token = "pkcs11:token=site;object=images";
  entry.private_half = *SecretBytes::copy_of(as_bytes(entry.record.token));
  const auto key = StoredPrivateKey(std::move(entry), "keys").derive("use");
  ASSERT_TRUE(key);
  EXPECT_FALSE(*key);
}

TEST_F(StoredKey, ThatIsAnotherKeysIsFoundWhenItIsOpened) {
  KeyEntry entry;
  entry.record.id = std::string(64, '1');
  entry.private_half = *made().pkcs8_pem();
  expect_error(StoredPrivateKey(std::move(entry), "keys").open(), Code::config, "another key");
}

}  // namespace
}  // namespace sifguard
