#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;

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
  EXPECT_EQ(all[0].id, key().fingerprint);
  EXPECT_EQ(all[0].label, key().user_id);
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
  for (const auto& signer : all) order += signer.id[0];
  EXPECT_EQ(order, "ABC");
}

TEST_F(KeystoreSigners, WhoeverIsNotNamedIsNotInTheWay) {
  const std::string spki = "spki:" + std::string(64, 'a');
  SignerRecord raw;
  raw.id = spki;
  raw.names = {spki};
  ASSERT_TRUE(store_->add_signer(raw, "PEM"));
  for (const char digit : {'A', 'B'}) ASSERT_TRUE(store_->add_signer(key(digit), "x"));
  write_file(signer_file(key('B').fingerprint, "meta.json"), "damaged");
  EXPECT_FALSE(store_->signers());
  const auto named = store_->signers_for({key('A').fingerprint});
  ASSERT_TRUE(named) << named.error().line();
  ASSERT_EQ(named->size(), 1U);
  EXPECT_EQ((*named)[0].id, key('A').fingerprint);
  EXPECT_EQ(store_->signers_for({key('A').fingerprint, spki}).value().size(), 2U);
  EXPECT_EQ(store_->signers_for({"x509:email:carol@example.org"}).value().size(), 1U);
  EXPECT_FALSE(store_->signers_for({key('B').fingerprint})) << "who is named must be readable";
}

TEST_F(KeystoreSigners, WhatIsRemovedMeanwhileIsNoError) {
  ASSERT_TRUE(store_->add_signer(key('A'), "x"));
  std::atomic<bool> ended = false;
  std::thread other([&] {
    while (!ended) {
      EXPECT_TRUE(store_->add_signer(key('B'), "x"));
      EXPECT_TRUE(store_->remove_signer(key('B').fingerprint));
    }
  });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (std::chrono::steady_clock::now() < end) {
    const auto all = store_->signers();
    EXPECT_TRUE(all) << all.error().line();
    if (!all) break;
    EXPECT_EQ(all->front().id, key('A').fingerprint);
  }
  ended = true;
  other.join();
}

TEST_F(KeystoreSigners, RefreshesAndSaysWhenNothingChanged) {
  ASSERT_TRUE(store_->add_signer(key(), "old"));
  const std::int64_t added = store_->signers().value()[0].added;
  EXPECT_EQ(store_->add_signer(key(), "old").value(), Keystore::Added::unchanged);
  OpenPgpKey renewed = key();
  renewed.expires = 3000;
  EXPECT_EQ(store_->add_signer(renewed, "new", "old").value(), Keystore::Added::added);
  EXPECT_EQ(store_->signer_key(key().fingerprint).value(), "new");
  EXPECT_EQ(store_->signers().value()[0].expires, 3000);
  EXPECT_EQ(store_->signers().value()[0].added, added);
  EXPECT_EQ(
      std::distance(fs::directory_iterator(path() + "/image-signers"), fs::directory_iterator{}),
      1);
}

TEST_F(KeystoreSigners, IsReplacedByWhatWasMergedWithItOnly) {
  ASSERT_TRUE(store_->add_signer(key(), "two"));
  expect_error(store_->add_signer(key(), "one"), Code::temporary, "changed meanwhile");
  expect_error(store_->add_signer(key(), "three", "one"), Code::temporary, "changed meanwhile");
  EXPECT_EQ(store_->signer_key(key().fingerprint).value(), "two");
  EXPECT_TRUE(store_->add_signer(key(), "three", "two"));
  EXPECT_EQ(store_->signer_key(key().fingerprint).value(), "three");
}

TEST_F(KeystoreSigners, IsRevokedByItsOwnerForGood) {
  const std::string& id = key().fingerprint;
  ASSERT_TRUE(store_->add_signer(key(), "x"));
  ASSERT_TRUE(store_->set_signer_state(id, SignerState::retired, 1000, ""));
  SignerRecord revoked = store_->find_signer(id).value();
  revoked.state = SignerState::revoked;
  revoked.state_at = 2000;
  revoked.reason = "unspecified";
  // The key's text may be known already: the state counts.
  EXPECT_EQ(store_->add_signer(revoked, "x").value(), Keystore::Added::added);
  EXPECT_EQ(store_->find_signer(id)->state, SignerState::revoked);
  EXPECT_EQ(store_->find_signer(id)->reason, "unspecified");
  EXPECT_EQ(store_->add_signer(revoked, "x").value(), Keystore::Added::unchanged);
  EXPECT_EQ(store_->add_signer(key(), "y", "x").value(), Keystore::Added::added);
  EXPECT_EQ(store_->find_signer(id)->state, SignerState::revoked);
  EXPECT_EQ(store_->find_signer(id)->state_at, 2000);
}

TEST_F(KeystoreSigners, AGraverReasonOrAnEarlierTimeIsTaken) {
  const std::string& id = key().fingerprint;
  ASSERT_TRUE(store_->add_signer(key(), "x"));
  const auto revoke = [&](const std::string& reason, std::int64_t at) {
    return store_->set_signer_state(id, SignerState::revoked, at, reason);
  };
  ASSERT_TRUE(revoke("superseded", 2000));
  expect_error(revoke("superseded", 2000), Code::wrong_state, "revoked for good");
  expect_error(revoke("affiliationChanged", 3000), Code::wrong_state, "revoked for good");
  EXPECT_TRUE(store_->find_signer(id)->counts(1500));
  ASSERT_TRUE(revoke("superseded", 1000));
  EXPECT_FALSE(store_->find_signer(id)->counts(1500));
  EXPECT_TRUE(store_->find_signer(id)->counts(999));
  ASSERT_TRUE(revoke("keyCompromise", 3000));
  EXPECT_FALSE(store_->find_signer(id)->counts(999));
  expect_error(revoke("superseded", 500), Code::wrong_state, "revoked for good");
  expect_error(revoke("unspecified", 500), Code::wrong_state, "revoked for good");
  EXPECT_EQ(store_->find_signer(id)->reason, "keyCompromise");
}

TEST_F(KeystoreSigners, IsNeverNewAndRevoked) {
  SignerRecord record{std::string(40, 'C'), "", "", 1, 0, 0, {std::string(40, 'C')}};
  record.state = SignerState::revoked;
  record.reason = "unspecified";
  ASSERT_TRUE(store_->add_signer(record, "x"));
  EXPECT_EQ(store_->find_signer(record.id)->state, SignerState::active);
}

TEST_F(KeystoreSigners, KeepsAnyUserIdAsText) {
  OpenPgpKey odd = key();
  odd.user_id = "bad\xff\"quote\"\nline";
  ASSERT_TRUE(store_->add_signer(odd, "x"));
  EXPECT_EQ(store_->signers().value()[0].label, "bad\xEF\xBF\xBD\"quote\"\nline");
}

TEST_F(KeystoreSigners, RefusesWhatIsNoSigner) {
  OpenPgpKey bad = key();
  bad.secret = true;
  expect_error(store_->add_signer(bad, "x"), Code::refused, "secret");
  bad = key();
  for (const std::string& fingerprint :
       {std::string("AAAA"), std::string(40, 'a'), std::string(40, 'G'), std::string("../../x")}) {
    bad.fingerprint = fingerprint;
    expect_error(store_->add_signer(bad, "x"), Code::usage, "full fingerprint");
  }
  expect_error(store_->add_signer(key(), ""), Code::refused, "empty");
  expect_error(store_->add_signer(key(), std::string(1024 * 1024 + 1, 'x')), Code::refused,
               "large");
  EXPECT_TRUE(store_->signers().value().empty());
}

TEST_F(KeystoreSigners, IsFoundByFullFingerprintOnly) {
  ASSERT_TRUE(store_->add_signer(key(), "x"));
  EXPECT_TRUE(store_->find_signer(std::string(40, 'a')));
  EXPECT_TRUE(store_->find_signer("AAAA AAAA AAAA AAAA AAAA  AAAA AAAA AAAA AAAA AAAA"));
  expect_error(store_->find_signer(std::string(16, 'A')), Code::usage, "full");
  expect_error(store_->find_signer(std::string(40, 'B')), Code::absent, "no signer");
  expect_error(store_->signer_key(std::string(40, 'B')), Code::absent, "no signer");
}

TEST_F(KeystoreSigners, IsRemovedWithEverything) {
  ASSERT_TRUE(store_->add_signer(key(), "x"));
  ASSERT_TRUE(store_->remove_signer(std::string(40, 'a')));
  EXPECT_TRUE(fs::is_empty(path() + "/image-signers"));
  expect_error(store_->remove_signer(key().fingerprint), Code::absent, "no signer");
}

TEST_F(KeystoreSigners, IsNotRemovedOnceItIsRevoked) {
  ASSERT_TRUE(store_->add_signer(key(), "x"));
  ASSERT_TRUE(
      store_->set_signer_state(key().fingerprint, SignerState::revoked, 1, "keyCompromise"));
  expect_error(store_->remove_signer(key().fingerprint), Code::wrong_state, "revoked for good");
  ASSERT_TRUE(store_->add_signer(key(), "y", "x"));
  EXPECT_EQ(store_->find_signer(key().fingerprint).value().state, SignerState::revoked);
}

TEST_F(KeystoreSigners, FilesMustBeTrusted) {
  ASSERT_TRUE(store_->add_signer(key(), "x"));
  const std::string file = signer_file(key().fingerprint, "key.asc");
  ASSERT_EQ(::chmod(file.c_str(), 0664), 0);
  expect_error(store_->signer_key(key().fingerprint), Code::config, "chmod go-w " + file);
  const std::string meta = signer_file(key().fingerprint, "meta.json");
  ASSERT_EQ(::chmod(meta.c_str(), 0606), 0);
  expect_error(store_->signers(), Code::config, "chmod go-w " + meta);
}

TEST_F(KeystoreSigners, KeepsKeysAndCertificatesBesideOpenPgp) {
  const std::string digits(64, '0');
  SignerRecord raw{"spki:" + digits, "site", "rsa3072", 0, 0, 0, {"spki:" + digits}};
  SignerRecord certificate{
      "cert:" + digits, "CN=a", "ec256", 5, 6, 0, {"x509:subject:CN=a", "x509:san:email:a@b"}};
  ASSERT_TRUE(store_->add_signer(key(), "armor"));
  EXPECT_EQ(store_->add_signer(raw, "pem").value(), Keystore::Added::added);
  EXPECT_EQ(store_->add_signer(certificate, "cert").value(), Keystore::Added::added);
  reopen();
  EXPECT_EQ(store_->signers().value().size(), 3U);
  EXPECT_EQ(store_->signer_key(raw.id).value(), "pem");
  EXPECT_EQ(store_->find_signer("SPKI:" + digits).value().type(), SignerType::public_key);
  const auto found = store_->find_signer(certificate.id).value();
  EXPECT_EQ(found.type(), SignerType::certificate);
  EXPECT_TRUE(found.is_named("x509:san:email:a@b"));
  EXPECT_FALSE(found.is_named(certificate.id));
  ASSERT_TRUE(store_->remove_signer(raw.id));
  expect_error(store_->find_signer(raw.id), Code::absent, "no signer");
  EXPECT_TRUE(fs::exists(path() + "/image-signers/cert-" + digits + "/cert.pem"));
}

TEST_F(KeystoreSigners, RefusesRecordsThatItCouldNotRead) {
  const std::string digits(64, '0');
  const SignerRecord nameless{"cert:" + digits, "CN=a", "ec256", 0, 0, 0, {}};
  const SignerRecord wrong{"spki:" + digits, "", "", 0, 0, 0, {std::string(40, 'A')}};
  EXPECT_FALSE(store_->add_signer(nameless, "x"));
  EXPECT_FALSE(store_->add_signer(wrong, "x"));
  EXPECT_FALSE(store_->add_signer(SignerRecord{"cert:../x", "", "", 0, 0, 0, {}}, "x"));
  EXPECT_TRUE(store_->signers().value().empty());
}

TEST_F(KeystoreSigners, AreRetiredRestoredAndRevoked) {
  ASSERT_TRUE(store_->add_signer(key(), "armor"));
  const std::string& id = key().fingerprint;
  ASSERT_TRUE(store_->set_signer_state(id, SignerState::retired, 1000, ""));
  reopen();
  EXPECT_EQ(store_->find_signer(id)->state, SignerState::retired);
  EXPECT_EQ(store_->find_signer(id)->state_at, 1000);
  EXPECT_TRUE(store_->find_signer(id)->counts(999));
  EXPECT_FALSE(store_->find_signer(id)->counts(1000));
  EXPECT_EQ(store_->signer_key(id).value(), "armor");
  ASSERT_TRUE(store_->set_signer_state(id, SignerState::active, 2000, ""));
  EXPECT_TRUE(store_->find_signer(id)->counts(3000));
  ASSERT_TRUE(store_->set_signer_state(id, SignerState::revoked, 2000, "superseded"));
  EXPECT_EQ(store_->find_signer(id)->reason, "superseded");
  // The same key again, renewed, stays revoked.
  EXPECT_EQ(store_->add_signer(key(), "newer", "armor").value(), Keystore::Added::added);
  EXPECT_EQ(store_->find_signer(id)->state, SignerState::revoked);
  EXPECT_EQ(store_->find_signer(id)->state_at, 2000);
}

TEST_F(KeystoreSigners, AWrongStepChangesNothing) {
  ASSERT_TRUE(store_->add_signer(key(), "armor"));
  const std::string& id = key().fingerprint;
  const std::string before = read_file(signer_file(id, "meta.json"));
  const auto refused = [&](SignerState state, std::int64_t at, const std::string& reason,
                           const std::string& words, Code code = Code::usage) {
    expect_error(store_->set_signer_state(id, state, at, reason), code, words);
  };
  refused(SignerState::active, 1, "", "is active already", Code::wrong_state);
  refused(SignerState::revoked, 1, "", "not a reason");
  refused(SignerState::revoked, 1, "stolen", "not a reason");
  refused(SignerState::retired, 0, "", "not in the past");
  refused(SignerState::retired, INT64_MAX, "", "not in the past");
  EXPECT_EQ(read_file(signer_file(id, "meta.json")), before);
  ASSERT_TRUE(store_->set_signer_state(id, SignerState::revoked, 1, "keyCompromise"));
  for (const SignerState state :
       {SignerState::active, SignerState::retired, SignerState::revoked}) {
    refused(state, 1, "superseded", "is revoked for good", Code::wrong_state);
  }
  expect_error(store_->set_signer_state(std::string(40, '0'), SignerState::retired, 1, ""),
               Code::absent, "no signer");
}

TEST_F(KeystoreSigners, WhatWasRetiredUnderAClockThatWasAheadIsRetiredSooner) {
  ASSERT_TRUE(store_->add_signer(key(), "armor"));
  const std::string id = key().fingerprint;
  ASSERT_TRUE(store_->set_signer_state(id, SignerState::retired, 1000, ""));
  for (const std::int64_t later : {1000, 1001}) {
    expect_error(store_->set_signer_state(id, SignerState::retired, later, ""), Code::wrong_state,
                 "is retired already");
  }
  ASSERT_TRUE(store_->set_signer_state(id, SignerState::retired, 999, ""));
  EXPECT_EQ(store_->find_signer(id)->state_at, 999);
}

TEST_F(KeystoreSigners, MetaOfTheSecondVersionIsOfAnActiveSigner) {
  ASSERT_TRUE(store_->add_signer(key(), "armor"));
  const std::string file = signer_file(key().fingerprint, "meta.json");
  edit(file, "\"version\": 3", "\"version\": 2");
  expect_error(store_->signers(), Code::config, "unknown field");
  std::string text = read_file(file);
  const std::size_t from = text.find(",\n  \"state\"");
  text.erase(from, text.rfind("\n}") - from);
  write_file(file, text);
  EXPECT_EQ(store_->find_signer(key().fingerprint)->state, SignerState::active);
  ASSERT_TRUE(store_->set_signer_state(key().fingerprint, SignerState::retired, 1, ""));
  EXPECT_NE(read_file(file).find("\"version\": 3"), std::string::npos);
  edit(file, "\"retired\"", "\"asleep\"");
  expect_error(store_->signers(), Code::config, "unknown state");
}

TEST_F(KeystoreSigners, StraysAreNamed) {
  fs::create_directory(path() + "/image-signers/alice");
  expect_error(store_->signers(), Code::config, "alice is not a signer's directory");
}

}  // namespace
}  // namespace sifguard
