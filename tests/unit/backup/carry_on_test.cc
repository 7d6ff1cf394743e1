#include "keystore/backup/carry_on.h"

#include <time.h>

#include <set>

#include "keystore/backup/restore.h"
#include "keystore/base/text.h"
#include "keystore/bundle/serial.h"
#include "keystore/ca/authority.h"
#include "keystore/ca/responder.h"
#include "keystore/ocsp/answers.h"
#include "keystore/ocsp/responder_keys.h"
#include "keystore/store/removed_signers.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/trust_sources.h"
#include "keystore/store/trust_store.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/describe_certificate.h"
#include "keystore/x509/ocsp_request.h"
#include "tests/unit/backup/backup_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::write_file;

class CarryOn : public test::BackupFixture {
 protected:
  [[nodiscard]] RestorePlan plan(const std::string& name) const {
    return {dir_ / name, trust(), {}};
  }
  static Result<Restored> restore(const Backup& backup, const RestorePlan& plan) {
    return restore_backup(backup, plan);
  }
};

TEST_F(CarryOn, RevokedImagesStayRevoked) {
  const Backup backup = collect();
  const std::string digest = "sha256:" + std::string(64, '1');
  ASSERT_TRUE(revoke_digest(*store_, {digest, 0, "bad"}));
  const auto since = revoked_digests(*store_)->front().since;
  ASSERT_TRUE(restore(backup, plan("store")));
  reopen();
  const auto after = revoked_digests(*store_).value();
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after.front().digest, digest);
  EXPECT_EQ(after.front().since, since);
}

TEST_F(CarryOn, SignersStayRevokedAndForTheGraverReason) {
  const std::string id = "spki:" + std::string(64, 'a');
  const std::string late = "spki:" + std::string(64, 'b');
  const std::int64_t now = ::time(nullptr);
  const auto revoke = [&](const std::string& which, const char* reason, std::int64_t at) {
    ASSERT_TRUE(store_->set_signer_state(which, SignerState::revoked, at, reason));
  };
  const auto told = [&](const Backup& backup) {
    const Undone undone = undone_by_restore(&*store_, backup, read_contents(backup).value(), {});
    EXPECT_TRUE(undone.lines.empty());
    return undone.kept;
  };
  const Backup active = collect();
  revoke(id, "superseded", now - 50);
  const Backup soft = collect();
  EXPECT_EQ(told(active), (std::vector<std::string>{"the signer " + id +
                                                    ", now revoked, is active in the backup"}));
  revoke(id, "superseded", now - 90);
  EXPECT_EQ(told(soft),
            (std::vector<std::string>{"the signer " + id + ", now revoked (superseded) since " +
                                      format_utc(now - 90) + ", is revoked (superseded) since " +
                                      format_utc(now - 50) + " in the backup"}));
  revoke(id, "keyCompromise", now);
  SignerRecord other;
  other.id = late;
  other.names = {late};
  ASSERT_TRUE(store_->add_signer(other, "PEM"));
  revoke(late, "keyCompromise", now);
  EXPECT_EQ(told(soft).back(), "the signer " + late + ", now revoked, is not in the backup");
  for (const Backup* backup : {&soft, &active}) {
    const auto done = restore(*backup, plan("store"));
    ASSERT_TRUE(done) << done.error().line();
    reopen();
    EXPECT_EQ(store_->find_signer(id)->reason, "keyCompromise");
    EXPECT_EQ(store_->find_signer(late)->reason, "keyCompromise");
    fs::remove_all(path() + ".before-restore");
  }
  // A retirement is taken back, and an earlier one moved: told, and done.
  SignerRecord third;
  third.id = "spki:" + std::string(64, 'c');
  third.names = {third.id};
  ASSERT_TRUE(store_->add_signer(third, "PEM"));
  ASSERT_TRUE(store_->set_signer_state(third.id, SignerState::retired, now - 10, ""));
  const Backup later = collect();
  ASSERT_TRUE(store_->set_signer_state(third.id, SignerState::active, now, ""));
  const auto lines = [&] {
    return undone_by_restore(&*store_, later, read_contents(later).value(), {}).lines;
  };
  EXPECT_EQ(lines(), (std::vector<std::string>{"the signer " + third.id +
                                               ", now active, is retired in the backup"}));
  ASSERT_TRUE(store_->set_signer_state(third.id, SignerState::retired, now - 70, ""));
  EXPECT_EQ(lines(), (std::vector<std::string>{"the signer " + third.id + ", now retired since " +
                                               format_utc(now - 70) + ", is retired since " +
                                               format_utc(now - 10) + " in the backup"}));
}

/// Who was removed since the backup, or came since, is remembered as he was.
TEST_F(CarryOn, RemovedSignersAreRemembered) {
  const std::int64_t now = ::time(nullptr);
  const std::string old_one = "spki:" + std::string(64, 'a'), late = "spki:" + std::string(64, 'b'),
                    gone = "spki:" + std::string(64, 'c');
  const auto add_retired = [&](const std::string& id) {
    SignerRecord record;
    record.id = id;
    record.names = {id};
    ASSERT_TRUE(store_->add_signer(record, "PEM"));
    ASSERT_TRUE(store_->set_signer_state(id, SignerState::retired, now - 9, ""));
  };
  const Backup backup = collect();
  add_retired(late);
  add_retired(gone);
  ASSERT_TRUE(store_->remove_signer(gone));
  ASSERT_TRUE(store_->set_signer_state(old_one, SignerState::retired, now - 9, ""));
  ASSERT_TRUE(store_->remove_signer(old_one));
  const auto contents = read_contents(backup).value();
  EXPECT_EQ(undone_by_restore(&*store_, backup, contents, {}).lines,
            (std::vector<std::string>{
                "the signer " + late + ", added since, is not in the backup",
                "the signer " + old_one + ", retired and removed since, is active in the backup"}));
  ASSERT_TRUE(restore(backup, plan("store")));
  reopen();
  EXPECT_EQ(store_->find_signer(old_one)->state, SignerState::active);  // as was told
  for (const std::string& id : {late, gone}) {
    EXPECT_FALSE(store_->find_signer(id));
    SignerRecord again;
    again.id = id;
    again.names = {id};
    ASSERT_TRUE(store_->add_signer(again, "PEM"));
    EXPECT_EQ(store_->find_signer(id)->state, SignerState::retired) << id;
    EXPECT_EQ(store_->find_signer(id)->state_at, now - 9) << id;
  }
}

/// And a backup brings what it remembers.
TEST_F(CarryOn, BackupsHaveWhoWasRemoved) {
  const std::string id = "spki:" + std::string(64, 'a');
  ASSERT_TRUE(store_->set_signer_state(id, SignerState::retired, 1000, ""));
  ASSERT_TRUE(store_->remove_signer(id));
  const Backup backup = collect();
  ASSERT_TRUE(restore(backup, plan("other")));
  const Keystore other = Keystore::open(dir_ / "other", trust()).value();
  const auto found = find_removed_signer(other, id).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record.state_at, 1000);
  Backup damaged = collect();
  damage(damaged, "removed/spki-" + std::string(64, 'a') + "/meta.json");
  EXPECT_FALSE(restore(damaged, plan("third")));
  EXPECT_FALSE(fs::exists(dir_ / "third"));
}

/// What is to be mended must not stand in the way.
TEST_F(CarryOn, NothingDamagedOfCaAndTrustKeepsItOut) {
  CaOptions options;
  options.algorithm = KeyAlgorithm::p256;
  options.subject = "/O=Example/CN=Root";
  options.intermediate = "/O=Example/CN=Issuing";
  ASSERT_TRUE(init_ca(*store_, options, ::time(nullptr)));
  const Backup backup = collect();
  const auto whole = ca_certificates(*store_).value();
  const std::string name(64, 'c');
  for (const char* damaged :
       {"ca/authorities/intermediate/cert.pem", "ca/authorities/root/cert.pem", "ca/index.json",
        "trust/crls", "trust/responses", "trust/fetched.json", "revoked.json", "bundle.json"}) {
    for (const char* text : {"", "no longer\n"}) {
      std::string file = path() + "/" + damaged;
      if (std::string_view(damaged).ends_with("s")) {
        fs::create_directories(file);
        fs::permissions(path() + "/trust", fs::perms(0700));
        fs::permissions(file, fs::perms(0700));
        file += "/" + name;
        write_file(path() + "/trust/fetched.json",
                   "{\"version\":1,\"items\":[{\"kind\":\"response\",\"name\":\"" + name +
                       "\",\"subject\":\"x\",\"from\":1,\"until\":2,\"at\":1}]}\n");
      }
      fs::create_directories(fs::path(file).parent_path());
      fs::permissions(fs::path(file).parent_path(), fs::perms(0700));
      write_file(file, text);
      fs::permissions(file, fs::perms(0600));
      const auto done = restore(backup, plan("store"));
      ASSERT_TRUE(done) << damaged << ": " << done.error().line();
      reopen();
      EXPECT_TRUE(ca_index(*store_)) << damaged;
      EXPECT_EQ(ca_certificates(*store_)->intermediate, whole.intermediate) << damaged;
      EXPECT_EQ(ca_certificates(*store_)->root, whole.root) << damaged;
      fs::remove_all(path() + ".before-restore");
      fs::remove_all(path() + "/trust");
    }
  }
}

/// An answer "revoked" is not taken back by an older one that says good, whichever side has it.
TEST_F(CarryOn, AnAnswerThatRevokesStays) {
  const std::int64_t now = ::time(nullptr);
  CaOptions options;
  options.algorithm = KeyAlgorithm::p256;
  options.subject = "/O=Example/CN=Root";
  const std::string root = init_ca(*store_, options, now - 9000)->root;
  const Pkey key = generate_key(KeyAlgorithm::p256).value();
  IssueOptions signer;
  signer.profile = Profile::signer;
  signer.name = "carol";
  signer.key = key.get();
  const std::string carol = issue_certificate(*store_, signer, now - 9000)->pem;
  const SignerCertificate described = describe_signer_certificate(carol).value();
  SignerRecord record;
  record.id = "cert:" + described.digest;
  record.names = {"x509:subject:CN=carol,O=Example"};
  ASSERT_TRUE(store_->add_signer(record, carol));
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::root, {std::string(64, 'a'), root}));
  const auto answer = [&](std::int64_t at) {
    EXPECT_TRUE(renew_responders(*store_, at));
    OcspAnswers answers(load_responders(*store_, at).value(), 3600);
    answers.use(ca_index(*store_).value());
    const Certificate certificate = parse_one_certificate(carol).value();
    const Certificate issuer = parse_one_certificate(root).value();
    return answers
        .answer(ask_about(certificate.get(), issuer.get(), OcspIdHash::sha256)->request, at)
        .der;
  };
  const auto hold = [&](const std::string& text) {
    ASSERT_TRUE(add_trust_item(*store_, TrustKind::response, {described.digest, text}));
    ASSERT_TRUE(set_fetched_records(*store_, {{"response", described.digest, "carol", 1, 2, 3}}));
  };
  const std::string good = answer(now - 300);
  ASSERT_TRUE(revoke_certificate(*store_, described.serial, "keyCompromise", now - 200)->changed);
  const std::string revoked = answer(now - 100);
  for (const bool in_backup : {true, false}) {
    hold(in_backup ? revoked : good);
    const Backup backup = collect();
    hold(in_backup ? good : revoked);
    const auto done = restore(backup, plan("store"));
    ASSERT_TRUE(done) << done.error().line();
    reopen();
    EXPECT_EQ(trust_items(*store_, TrustKind::response)->front().text, revoked) << in_backup;
    EXPECT_EQ(fetched_records(*store_)->size(), 1U);
    fs::remove_all(path() + ".before-restore");
  }
}

TEST_F(CarryOn, HowFarBundlesHaveComeStays) {
  const std::string site(64, '1'), store(16, 'c'), other(64, '2'), other_store(16, 'd');
  const auto write = [&](std::int64_t serial) {
    BundleState state = read_bundle_state(*store_).value();
    state.from = store;
    state.imported = serial;
    state.content = std::string(64, 'e');
    record_taken(state, {site, store, serial});
    ASSERT_TRUE(write_bundle_state(*store_, state));
  };
  write(5);
  const Backup backup = collect();
  write(9);
  BundleState state = read_bundle_state(*store_).value();
  record_taken(state, {other, other_store, 3});
  state.exported = 70;
  state.exported_at = 60;
  ASSERT_TRUE(write_bundle_state(*store_, state));
  ASSERT_TRUE(restore(backup, plan("store")));
  reopen();
  state = read_bundle_state(*store_).value();
  EXPECT_EQ(last_taken(state, site, store), 9);
  EXPECT_EQ(last_taken(state, other, other_store), 3);
  EXPECT_EQ(state.imported, 9);
  EXPECT_EQ(state.content, "");  // what is there is the fifth
  EXPECT_EQ(state.exported, 70);
  EXPECT_EQ(state.exported_at, 60);
}

/// Who can write a file, but no CA's key, has no list that keeps the CA's own out.
TEST_F(CarryOn, AListThatNoCaSignedStaysNowhere) {
  const std::int64_t now = ::time(nullptr);
  CaOptions options;
  options.algorithm = KeyAlgorithm::p256;
  options.subject = "/O=Example/CN=Root";
  const std::string root = init_ca(*store_, options, now - 9000)->root;
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::root, {std::string(64, 'a'), root}));
  const auto list = [&](std::int64_t at) { return make_crls(*store_, "root", 9, at)->front().pem; };
  const auto hold = [&](const std::string& text) {
    ASSERT_TRUE(add_trust_item(*store_, TrustKind::crl, {std::string(64, 'b'), text}));
  };
  const std::string first = list(now - 300), second = list(now - 200);
  const test::TempDir other_place;
  ASSERT_TRUE(Keystore::init(other_place / "other", trust()));
  const auto other = Keystore::open(other_place / "other", trust());
  ASSERT_TRUE(init_ca(*other, options, now - 9000));  // of the same name
  ASSERT_TRUE(make_crls(*other, "root", 9, now - 200));
  ASSERT_TRUE(make_crls(*other, "root", 9, now - 150));
  const std::string forged = make_crls(*other, "root", 9, now - 100)->front().pem;
  const auto after = [&](const std::string& in_backup, const std::string& here) {
    hold(in_backup);
    const Backup backup = collect();
    hold(here);
    const Undone undone = undone_by_restore(&*store_, backup, read_contents(backup).value(), {});
    EXPECT_EQ(undone.kept.size(), here == second ? 1U : 0U);
    const auto done = restore(backup, plan("store"));
    EXPECT_TRUE(done) << done.error().line();
    reopen();
    fs::remove_all(path() + ".before-restore");
    std::set<std::string> texts;
    const auto items = trust_items(*store_, TrustKind::crl).value();
    for (const TrustItem& item : items) {
      texts.insert(item.text);
      EXPECT_TRUE(remove_trust_item(*store_, TrustKind::crl, item.name));
    }
    return texts;
  };
  using Texts = std::set<std::string>;
  EXPECT_EQ(after(first, forged), Texts{first});
  EXPECT_EQ(after(first, second), Texts{second});
  EXPECT_EQ(after(second, first), Texts{second});
  EXPECT_EQ(after(forged, second), (Texts{forged, second}));  // it is in no one's way
}

/// What the CA issued and revoked, its numbers, and the certificate that is in charge.
TEST_F(CarryOn, TheSameCaIsNotTakenBackInTime) {
  const std::int64_t now = ::time(nullptr);
  CaOptions options;
  options.algorithm = KeyAlgorithm::p256;
  options.subject = "/O=Example/CN=Root";
  options.intermediate = "/O=Example/CN=Issuing";
  ASSERT_TRUE(init_ca(*store_, options, now));
  const auto issue = [&](const char* name) {
    const Pkey made = generate_key(KeyAlgorithm::p256).value();
    IssueOptions one;
    one.profile = Profile::signer;
    one.name = name;
    one.key = made.get();
    return issue_certificate(*store_, one, now).value().record.serial;
  };
  const std::string early = issue("early");
  const Backup backup = collect();
  const std::string late = issue("late");
  ASSERT_TRUE(revoke_certificate(*store_, early, "keyCompromise", now));
  const auto list = make_crls(*store_, "intermediate", 7, now + 50)->front();
  const std::string renewed = renew_intermediate(*store_, 3000, now)->pem;
  const BackupContents contents = read_contents(backup).value();
  const Undone undone = undone_by_restore(&*store_, backup, contents, {});
  EXPECT_TRUE(undone.lines.empty());
  EXPECT_EQ(undone.kept, (std::vector<std::string>{"what the CA did since is not in the backup: 2 "
                                                   "certificates, 1 revocations"}));
  const auto done = restore(backup, plan("store"));
  ASSERT_TRUE(done) << done.error().line();
  reopen();
  const CaIndex index = ca_index(*store_).value();
  EXPECT_EQ(index.find(early)->reason, "keyCompromise");
  ASSERT_NE(index.find(late), nullptr);
  EXPECT_TRUE(read_ca_certificate(*store_, late));
  EXPECT_EQ(index.crls.at("intermediate").number, list.number);
  EXPECT_EQ(ca_certificates(*store_)->intermediate, renewed);
  EXPECT_FALSE(issue("after").empty());
  // Another root: told, and nothing mixed.
  fs::remove_all(path() + ".before-restore");
  fs::remove_all(path() + "/ca");
  ASSERT_TRUE(init_ca(*store_, options, now));
  const Undone other = undone_by_restore(&*store_, backup, contents, {});
  ASSERT_EQ(other.lines.size(), 1U);
  EXPECT_EQ(other.lines.front(),
            "the CA 'CN=Root,O=Example' is another in the backup: 'CN=Root,O=Example'");
  ASSERT_TRUE(restore(backup, plan("store")));
  reopen();
  EXPECT_EQ(ca_index(*store_)->issued.size(), 2U);
}

}  // namespace
}  // namespace sifguard
