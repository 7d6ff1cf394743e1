#include "keystore/ca/authority.h"

#include <time.h>

#include <fstream>
#include <set>

#include "keystore/x509/accepted_list.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/crl_check.h"
#include "keystore/x509/trust_file.h"
#include "tests/unit/ca/make_ca.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

class Authority : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    root_ = test::make_ca(*store_, now_).root;
  }
  Result<Issued> issue(const std::string& name, int days = 0) {
    return test::issue_signer(*store_, name, now_, days);
  }
  std::int64_t now_ = ::time(nullptr);
  std::string root_;
};

TEST_F(Authority, SerialsAreRandomAndUnique) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string serial = random_serial().value();
    ASSERT_EQ(serial.size(), 32U);
    ASSERT_NE(serial.substr(0, 2), "00");
    ASSERT_TRUE(seen.insert(serial).second);
  }
}

TEST_F(Authority, ACertificateNeverOutlastsItsIssuer) {
  const auto long_one = issue("long", 36500);
  ASSERT_TRUE(long_one) << long_one.error().line();
  EXPECT_EQ(long_one->record.until, now_ + 3650LL * 86400);
  now_ += 3651LL * 86400;
  expect_error(issue("late"), Code::wrong_state, "has ended");
}

TEST_F(Authority, WhatAHalfFinishedIssueLeftIsUnknownAndHarmless) {
  // The certificate's file is written before the index; a crash between leaves only the file.
  ASSERT_TRUE(write_ca_certificate(*store_, "aabbccdd", "-----x"));
  const auto issued = issue("carol");
  ASSERT_TRUE(issued);
  EXPECT_EQ(ca_index(*store_)->issued.size(), 1U);
}

TEST_F(Authority, WithoutAnIndexItIsDamagedAndNotUnfinished) {
  std::filesystem::remove(path() + "/ca/index.json");
  const std::string key = test::read_file(path() + "/ca/authorities/root/private.key");
  expect_error(issue("carol"), Code::config, "is damaged");
  CaOptions options;
  options.subject = "/CN=Again";
  options.algorithm = KeyAlgorithm::ed25519;
  expect_error(init_ca(*store_, options, now_), Code::config, "is damaged");
  expect_error(begin_ca(*store_), Code::config, "is damaged");
  EXPECT_EQ(test::read_file(path() + "/ca/authorities/root/private.key"), key);
}

TEST_F(Authority, WhatAnUnfinishedInitLeftIsSetAside) {
  const std::string key = test::read_file(path() + "/ca/authorities/root/private.key");
  std::filesystem::remove(path() + "/ca/index.json");
  test::write_file(path() + "/ca/unfinished", "x");
  expect_error(issue("carol"), Code::config, "did not finish");
  CaOptions options;
  options.subject = "/CN=Again";
  options.algorithm = KeyAlgorithm::ed25519;
  ASSERT_TRUE(init_ca(*store_, options, now_));
  EXPECT_TRUE(issue("carol"));
  EXPECT_FALSE(std::filesystem::exists(path() + "/ca/unfinished"));
  int kept = 0;
  for (const auto& each : std::filesystem::directory_iterator(dir_.path())) {
    if (!each.path().filename().string().starts_with("store.unfinished-ca-")) continue;
    EXPECT_EQ(test::read_file(each.path().string() + "/authorities/root/private.key"), key);
    ++kept;
  }
  EXPECT_EQ(kept, 1);
}

/// In every order: an intermediate whose key was given up gets no certificate and gives none.
TEST_F(Authority, AnIntermediateThatWasGivenUpStaysSo) {
  for (const bool renewed_first : {true, false}) {
    const std::string directory = dir_ / (renewed_first ? "one" : "two");
    ASSERT_TRUE(Keystore::init(directory, trust()));
    const Keystore store = Keystore::open(directory, trust()).value();
    CaOptions options;
    options.algorithm = KeyAlgorithm::p256;
    options.subject = "/O=Example/CN=Root";
    options.intermediate = "/O=Example/CN=Issuing";
    const auto made = init_ca(store, options, now_);
    ASSERT_TRUE(made) << made.error().line();
    const auto full = [](const std::string& /*pem*/) -> Status {
      return fail(Code::temporary, "no space");
    };
    const std::string in_charge = ca_certificates(store)->intermediate;
    RecordOptions options_full;
    options_full.stage = full;
    expect_error(renew_intermediate(store, 100, now_, options_full), Code::temporary, "no space");
    EXPECT_EQ(ca_certificates(store)->intermediate, in_charge);
    EXPECT_EQ(ca_index(store)->issued.size(), 1U);
    const auto renewed = renew_intermediate(store, 100, now_);
    ASSERT_TRUE(renewed) << renewed.error().line();
    for (const bool gives_up : {!renewed_first, renewed_first}) {
      EXPECT_TRUE(revoke_certificate(store, made->intermediate,
                                     gives_up ? "cessationOfOperation" : "superseded", now_));
    }
    const CaIndex index = ca_index(store).value();
    for (const IssuedCertificate& one : index.issued) {
      EXPECT_EQ(one.reason, "cessationOfOperation") << one.serial;
    }
    expect_error(renew_intermediate(store, 100, now_), Code::wrong_state, "was revoked");
    const Pkey key = generate_key(KeyAlgorithm::p256).value();
    IssueOptions wanted;
    wanted.profile = Profile::signer;
    wanted.name = "carol";
    wanted.key = key.get();
    expect_error(issue_certificate(store, wanted, now_), Code::wrong_state, "was revoked");
    // Also when all that is left of it has long ended.
    const std::int64_t later = now_ + 3000LL * 86400;
    ASSERT_TRUE(make_crls(store, "", 7, later));
    ASSERT_TRUE(purge_expired(store, later, false));
    expect_error(renew_intermediate(store, 100, later), Code::wrong_state, "was revoked");
  }
}

/// What the root's key signed elsewhere, taken up by its revocation.
class AuthorityAboveOthers : public Authority {
 protected:
  static std::string other_ca(const Keystore& store, std::int64_t now) {
    const Pkey key = generate_key(KeyAlgorithm::p256).value();
    CertificateOptions own;
    own.serial = random_serial().value();
    own.subject = "/O=Elsewhere/CN=Other CA";
    own.from = now;
    own.until = now + 86400;
    own.key = key.get();
    own.path_length = 0;
    const Issuer root = load_issuer(store, kRootAuthority).value();
    return certificate_pem(*make_certificate(Profile::intermediate, own, root).value()).value();
  }
  Keystore with_intermediate() {
    const std::string directory = dir_ / "with";
    EXPECT_TRUE(Keystore::init(directory, trust()));
    Keystore store = Keystore::open(directory, trust()).value();
    test::make_ca(store, now_, true);
    return store;
  }
};

TEST_F(AuthorityAboveOthers, IsNotDamagedWithoutTheirKeys) {
  const auto revoked = revoke_certificate(*store_, other_ca(*store_, now_), "superseded", now_);
  ASSERT_TRUE(revoked && revoked->adopted);
  EXPECT_EQ(revoked->record.profile, Profile::intermediate);
  EXPECT_TRUE(check_whole(*store_));
  EXPECT_TRUE(issue("carol"));
  RecordOptions options;
  options.renews = revoked->record.serial;
  expect_error(renew_intermediate(*store_, 100, now_, options), Code::absent, "no intermediate");
}

TEST_F(AuthorityAboveOthers, RenewsItsOwnIntermediateAlone) {
  const Keystore store = with_intermediate();
  const std::string before = ca_certificates(store)->intermediate;
  RecordOptions options;
  options.renews = other_ca(store, now_);
  options.supersede = true;
  expect_error(renew_intermediate(store, 100, now_, options), Code::refused, "not of the CA's own");
  EXPECT_EQ(ca_certificates(store)->intermediate, before);
  EXPECT_EQ(ca_index(store)->issued.size(), 1U);
  options.renews = before;
  EXPECT_TRUE(renew_intermediate(store, 100, now_, options));
}

/// As after a restore of a backup that is too old: the key is there, and the record is not.
TEST_F(AuthorityAboveOthers, RenewsAnIntermediateThatTheIndexLost) {
  const Keystore store = with_intermediate();
  CaIndex index = ca_index(store).value();
  index.issued.clear();
  {
    const FileLock held = store.lock().value();
    ASSERT_TRUE(save_ca_index(store, index));
  }
  RecordOptions options;
  options.renews = ca_certificates(store)->intermediate;
  const auto renewed = renew_intermediate(store, 100, now_, options);
  ASSERT_TRUE(renewed) << renewed.error().line();
  EXPECT_EQ(ca_index(store)->issued.size(), 2U);
  EXPECT_TRUE(ca_index(store)->has_intermediate());
}

/// The record of its intermediate has ended and was dropped; nothing else was ever issued.
TEST_F(AuthorityAboveOthers, IsDamagedWithoutItsOwnForGood) {
  const Keystore store = with_intermediate();
  const std::int64_t later = now_ + 3000LL * 86400;
  ASSERT_TRUE(purge_expired(store, later, false));
  EXPECT_TRUE(check_whole(store));
  std::filesystem::remove_all(store.directory() + "/ca/authorities/intermediate");
  expect_error(check_whole(store), Code::config, "its intermediate is missing");
  expect_error(test::issue_signer(store, "carol", later), Code::config, "its intermediate");
}

TEST_F(Authority, ListNumbersGrowEvenWhenTheClockDoesNot) {
  ASSERT_TRUE(issue("carol"));
  const std::int64_t first = make_crls(*store_, "", 7, now_)->front().number;
  EXPECT_GE(first, now_);
  EXPECT_GT(make_crls(*store_, "", 7, now_)->front().number, first);
  const auto back = make_crls(*store_, "root", 7, now_ - kClockSkew);
  EXPECT_GT(back->front().number, first + 1);
  EXPECT_GE(back->front().until, now_ + 7 * 86400);
  const auto far_back = make_crls(*store_, "root", 7, now_ - 100000);
  EXPECT_GT(far_back->front().number, back->front().number);
  EXPECT_EQ(far_back->front().until, now_ - 100000 + 7 * 86400) << "no list is dated in the future";
}

TEST_F(Authority, ARevokedCertificateIsInTheListUntilOneAfterItsEnd) {
  const auto issued = issue("carol", 1);
  ASSERT_TRUE(issued);
  EXPECT_TRUE(revoke_certificate(*store_, issued->record.serial, "keyCompromise", now_)->changed);
  EXPECT_FALSE(revoke_certificate(*store_, issued->pem, "superseded", now_ + 5)->changed);
  const auto lists = make_crls(*store_, "", 7, now_);
  const CrlSet set = CrlSet::parse({lists->front().pem, lists->front().der});
  const Certificate root = parse_one_certificate(root_).value();
  const Certificate carol = parse_one_certificate(issued->pem).value();
  EXPECT_EQ(set.find(carol.get(), root.get(), now_ + 1).state, RevocationFinding::State::revoked);
  const std::int64_t later = now_ + 10 * 86400;
  EXPECT_EQ(purge_expired(*store_, later, false)->size(), 0U) << "no list since its end";
  ASSERT_TRUE(make_crls(*store_, "", 7, later));
  EXPECT_EQ(purge_expired(*store_, later, true)->size(), 1U);
  EXPECT_EQ(purge_expired(*store_, later, false)->size(), 1U);
  EXPECT_EQ(purge_expired(*store_, later, false)->size(), 0U);
  EXPECT_TRUE(ca_index(*store_)->knows(issued->record.serial));
  EXPECT_EQ(make_crls(*store_, "", 7, later)->front().revoked, 0U);
}

TEST_F(Authority, WhatAClockAheadPurgedIsListedWhenTheClockIsRight) {
  const auto issued = issue("carol", 1);
  ASSERT_TRUE(issued);
  ASSERT_TRUE(revoke_certificate(*store_, issued->record.serial, "superseded", now_));
  const std::int64_t ahead = now_ + 10 * 86400;
  ASSERT_TRUE(make_crls(*store_, "", 7, ahead));
  ASSERT_EQ(purge_expired(*store_, ahead, false)->size(), 1U);
  EXPECT_EQ(make_crls(*store_, "", 7, ahead)->front().revoked, 0U);
  const auto lists = make_crls(*store_, "", 7, now_);
  EXPECT_EQ(lists->front().revoked, 1U);
  const CrlSet set = CrlSet::parse({lists->front().pem, lists->front().der});
  const Certificate root = parse_one_certificate(root_).value();
  const Certificate carol = parse_one_certificate(issued->pem).value();
  EXPECT_EQ(set.find(carol.get(), root.get(), now_ + 1).state, RevocationFinding::State::revoked);
  // Taken up again, it is what it was.
  EXPECT_FALSE(revoke_certificate(*store_, issued->pem, "superseded", now_ + 5)->changed);
  EXPECT_TRUE(revoke_certificate(*store_, issued->pem, "keyCompromise", now_ + 5)->changed);
  const CaIndex index = ca_index(*store_).value();
  ASSERT_NE(index.find(issued->record.serial), nullptr);
  EXPECT_EQ(index.find(issued->record.serial)->revoked_at, now_);
}

TEST_F(Authority, ARenewalSupersedesInTheSameMoment) {
  const Pkey key = generate_key(KeyAlgorithm::p256).value();
  IssueOptions options;
  options.profile = Profile::signer;
  options.name = "carol";
  options.key = key.get();
  const std::string old = issue_certificate(*store_, options, now_)->record.serial;
  options.record.renews = old;
  options.record.supersede = true;
  // What cannot be written for its holder is not recorded, and nothing is revoked for it.
  std::string staged;
  options.record.stage = [&](const std::string& pem) -> Status {
    staged = pem;
    EXPECT_EQ(ca_index(*store_)->issued.size(), 1U);
    return fail(Code::temporary, "no space");
  };
  expect_error(issue_certificate(*store_, options, now_), Code::temporary, "no space");
  EXPECT_NE(staged.find("BEGIN CERTIFICATE"), std::string::npos);
  EXPECT_EQ(ca_index(*store_)->issued.size(), 1U);
  EXPECT_EQ(ca_index(*store_)->find(old)->revoked_at, 0);
  options.record.stage = {};
  const auto renewed = issue_certificate(*store_, options, now_);
  ASSERT_TRUE(renewed) << renewed.error().line();
  EXPECT_TRUE(renewed->superseded);
  EXPECT_EQ(ca_index(*store_)->find(old)->reason, "superseded");
  EXPECT_EQ(ca_index(*store_)->find(renewed->record.serial)->revoked_at, 0);
  EXPECT_FALSE(issue_certificate(*store_, options, now_)->superseded);  // it is already
  options.record.renews = "nothing";
  const std::size_t before = ca_index(*store_)->issued.size();
  EXPECT_FALSE(issue_certificate(*store_, options, now_));
  EXPECT_EQ(ca_index(*store_)->issued.size(), before);
}

/// As after a restore of a backup that is too old.
TEST_F(Authority, WhatTheIndexLostIsTakenUpByItsRenewal) {
  const CaIndex without = ca_index(*store_).value();
  const Pkey key = generate_key(KeyAlgorithm::p256).value();
  IssueOptions options;
  options.profile = Profile::signer;
  options.name = "carol";
  options.key = key.get();
  const Issued old = issue_certificate(*store_, options, now_).value();
  {
    const FileLock held = store_->lock().value();
    ASSERT_TRUE(save_ca_index(*store_, without));
  }
  options.record.renews = old.pem;
  const auto renewed = issue_certificate(*store_, options, now_);
  ASSERT_TRUE(renewed) << renewed.error().line();
  const CaIndex index = ca_index(*store_).value();
  ASSERT_NE(index.find(old.record.serial), nullptr);
  EXPECT_EQ(index.find(old.record.serial)->revoked_at, 0);
  EXPECT_NE(index.find(renewed->record.serial), nullptr);
}

TEST_F(Authority, AListBeginsEarlierForThoseWhoseClockIsSlow) {
  const auto list = [&](std::int64_t now) {
    return read_revocation_list(make_crls(*store_, "", 7, now)->front().pem).value();
  };
  const TrustFile first = list(now_);
  EXPECT_EQ(first.from, now_ - kClockSkew);
  EXPECT_EQ(first.until, now_ + 7 * 86400);
  const TrustFile second = list(now_);
  EXPECT_EQ(second.from, first.from);
  EXPECT_NE(why_not_newer(first, second, now_), "");
  EXPECT_NE(why_not_newer(second, list(now_ - kClockSkew), now_), "");  // the clock was set back
}

TEST_F(Authority, WhatIsRevokedAfterItsEndIsListedOnceToo) {
  const auto issued = issue("carol", 1);
  ASSERT_TRUE(issued);
  const std::int64_t ended = now_ + 10 * 86400;
  ASSERT_TRUE(make_crls(*store_, "", 7, ended));  // after its end, before it is revoked
  ASSERT_TRUE(revoke_certificate(*store_, issued->record.serial, "keyCompromise", ended + 60));
  EXPECT_EQ(purge_expired(*store_, ended + 120, false)->size(), 0U);
  EXPECT_EQ(make_crls(*store_, "", 7, ended + 120)->front().revoked, 1U);
  EXPECT_EQ(purge_expired(*store_, ended + 180, false)->size(), 1U);
  EXPECT_TRUE(ca_index(*store_)->is_compromised(issued->record.spki));
}

TEST_F(Authority, AResponderAnswersForOneAuthorityAlone) {
  const Pkey key = generate_key(KeyAlgorithm::p256).value();
  const auto issued = issue_responder(*store_, "root", key.get(), now_);
  ASSERT_TRUE(issued) << issued.error().line();
  EXPECT_EQ(issued->record.profile, Profile::ocsp);
  const Certificate responder = parse_one_certificate(issued->pem).value();
  EXPECT_GE(X509_get_ext_by_NID(responder.get(), NID_id_pkix_OCSP_noCheck, -1), 0);
  expect_error(issue_responder(*store_, "intermediate", key.get(), now_), Code::config,
               "intermediate");
}

TEST_F(Authority, KeysFollowTheStoreKey) {
  ASSERT_TRUE(store_->reseal({SealMethod::file, {}}));
  reopen();
  EXPECT_TRUE(issue("carol"));
  // A key from beside another certificate does not open.
  const std::string file = path() + "/ca/authorities/root/cert.pem";
  std::ofstream(file, std::ios::app) << "\n";
  expect_error(issue("dave"), Code::config, "does not belong");
  expect_error(store_->reseal({SealMethod::file, {}}), Code::config, "does not belong");
}

}  // namespace
}  // namespace sifguard
