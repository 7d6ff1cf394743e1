#include <sys/stat.h>

#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::read_file;

class KeystoreSigners : public test::StoreFixture {
 protected:
  static OpenPgpKey key(char digit = 'A') {
    OpenPgpKey key;
    key.fingerprint = std::string(40, digit);
    key.user_id = "Alice <alice@example.org>";
    key.algorithm = "ed25519";
    key.created = 1000;
    key.expires = 2000;
    return key;
  }
};

TEST_F(KeystoreSigners, KeepsASigner) {
  EXPECT_EQ(store_->add_signer(key(), "ARMOR").value(), Keystore::Added::added);
  reopen();
  const auto all = store_->signers().value();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].fingerprint, key().fingerprint);
  EXPECT_EQ(all[0].user_id, key().user_id);
  EXPECT_EQ(all[0].algorithm, "ed25519");
  EXPECT_EQ(all[0].created, 1000);
  EXPECT_EQ(all[0].expires, 2000);
  EXPECT_GT(all[0].added, 0);
  EXPECT_EQ(store_->signer_key(key().fingerprint).value(), "ARMOR");
}

TEST_F(KeystoreSigners, ListsInOrder) {
  for (const char digit : {'C', 'A', 'B'}) ASSERT_TRUE(store_->add_signer(key(digit), "x"));
  std::string order;
  const auto all = store_->signers().value();
  for (const auto& signer : all) order += signer.fingerprint[0];
  EXPECT_EQ(order, "ABC");
}

TEST_F(KeystoreSigners, RefreshesAndSaysWhenNothingChanged) {
  ASSERT_TRUE(store_->add_signer(key(), "old"));
  const std::int64_t added = store_->signers().value()[0].added;
  EXPECT_EQ(store_->add_signer(key(), "old").value(), Keystore::Added::unchanged);
  OpenPgpKey renewed = key();
  renewed.expires = 3000;
  EXPECT_EQ(store_->add_signer(renewed, "new").value(), Keystore::Added::added);
  EXPECT_EQ(store_->signer_key(key().fingerprint).value(), "new");
  EXPECT_EQ(store_->signers().value()[0].expires, 3000);
  EXPECT_EQ(store_->signers().value()[0].added, added);
  EXPECT_EQ(std::distance(fs::directory_iterator(path() + "/signers"), fs::directory_iterator{}),
            1);
}

TEST_F(KeystoreSigners, KeepsAnyUserIdAsText) {
  OpenPgpKey odd = key();
  odd.user_id = "bad\xff\"quote\"\nline";
  ASSERT_TRUE(store_->add_signer(odd, "x"));
  EXPECT_EQ(store_->signers().value()[0].user_id, "bad\xEF\xBF\xBD\"quote\"\nline");
}

TEST_F(KeystoreSigners, RefusesWhatIsNoSigner) {
  OpenPgpKey bad = key();
  bad.secret = true;
  expect_error(store_->add_signer(bad, "x"), Code::usage, "secret");
  bad = key();
  for (const std::string& fingerprint :
       {std::string("AAAA"), std::string(40, 'a'), std::string(40, 'G'), std::string("../../x")}) {
    bad.fingerprint = fingerprint;
    expect_error(store_->add_signer(bad, "x"), Code::usage, "full fingerprint");
  }
  expect_error(store_->add_signer(key(), ""), Code::usage, "empty");
  expect_error(store_->add_signer(key(), std::string(1024 * 1024 + 1, 'x')), Code::usage, "large");
  EXPECT_TRUE(store_->signers().value().empty());
}

TEST_F(KeystoreSigners, IsFoundByFullFingerprintOnly) {
  ASSERT_TRUE(store_->add_signer(key(), "x"));
  EXPECT_TRUE(store_->find_signer(std::string(40, 'a')));
  EXPECT_TRUE(store_->find_signer("AAAA AAAA AAAA AAAA AAAA  AAAA AAAA AAAA AAAA AAAA"));
  expect_error(store_->find_signer(std::string(16, 'A')), Code::usage, "full");
  expect_error(store_->find_signer(std::string(40, 'B')), Code::config, "no signer");
  expect_error(store_->signer_key(std::string(40, 'B')), Code::config, "no signer");
}

TEST_F(KeystoreSigners, IsRemovedWithEverything) {
  ASSERT_TRUE(store_->add_signer(key(), "x"));
  ASSERT_TRUE(store_->remove_signer(std::string(40, 'a')));
  EXPECT_TRUE(fs::is_empty(path() + "/signers"));
  expect_error(store_->remove_signer(key().fingerprint), Code::config, "no signer");
}

TEST_F(KeystoreSigners, FilesMustBeTrusted) {
  ASSERT_TRUE(store_->add_signer(key(), "x"));
  const std::string file = signer_file(key().fingerprint, "key.asc");
  ASSERT_EQ(::chmod(file.c_str(), 0664), 0);
  expect_error(store_->signer_key(key().fingerprint), Code::config, "chmod go-w " + file);
  const std::string meta = signer_file(key().fingerprint, "meta.yaml");
  ASSERT_EQ(::chmod(meta.c_str(), 0606), 0);
  expect_error(store_->signers(), Code::config, "chmod go-w " + meta);
}

TEST_F(KeystoreSigners, StraysAreNamed) {
  fs::create_directory(path() + "/signers/alice");
  expect_error(store_->signers(), Code::config, "alice is not a signer's directory");
}

}  // namespace
}  // namespace sifguard
