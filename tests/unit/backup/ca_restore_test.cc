// A CA brought back: from a keystore's backup, and from what an older sifctl wrote of a CA alone.
#include "keystore/backup/ca_restore.h"

#include <time.h>

#include <algorithm>

#include "keystore/ca/authority.h"
#include "tests/unit/backup/old_ca_file.h"
#include "tests/unit/ca/make_ca.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

SecretBytes secret(std::string_view text) {
  return SecretBytes::copy_of(as_bytes(text)).value();
}

class CaRestore : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    (void)test::make_ca(*store_, now_, true);
    backup_ = back_up(*store_);
  }
  Keystore another(const std::string& name) {
    EXPECT_TRUE(Keystore::init(dir_ / name, trust()));
    return Keystore::open(dir_ / name, trust()).value();
  }
  std::string back_up(const Keystore& store) {
    const Backup taken = collect_backup(store, now_).value();
    EXPECT_TRUE(check_ca_in(taken));
    const auto body = encode_archive(taken.archive).value();
    const auto file = seal_file(secret("long enough"), taken.key.secret, body);
    EXPECT_TRUE(file) << file.error().line();
    return std::string(as_text(*file));
  }
  static CaRestoreOptions with(const std::string& password) {
    CaRestoreOptions options;
    options.ask = [password] { return Result<SecretBytes>(secret(password)); };
    options.confirm = [](const SeenRoot&) { return Status(); };
    return options;
  }
  Result<IssuedCertificate> issue(const Keystore& store, const std::string& name) {
    SG_TRY(const Issued issued, test::issue_signer(store, name, now_));
    return issued.record;
  }
  std::int64_t now_ = ::time(nullptr);
  std::string backup_;
};

TEST_F(CaRestore, ComesBackWhereThereIsNone) {
  const std::string old = test::old_ca_file(*store_, secret("long enough"), now_);
  for (const char* form : {"new", "old"}) {
    const std::string& file = form == std::string("old") ? old : backup_;
    const Keystore store = another(form);
    SeenRoot shown;
    CaRestoreOptions options = with("long enough");
    options.confirm = [&](const SeenRoot& root) {
      shown = root;
      return Status();
    };
    const auto done = restore_ca(store, file, options);
    ASSERT_TRUE(done) << done.error().line();
    EXPECT_FALSE(done->was_there);
    EXPECT_EQ(shown.pem, ca_certificates(*store_)->root);
    EXPECT_EQ(shown.subject, "CN=Root,O=Example");
    EXPECT_TRUE(shown.under_password);
    EXPECT_EQ(shown.made, now_);
    EXPECT_TRUE(issue(store, "carol"));
    EXPECT_EQ(ca_place(store).value(), CaPlace::whole);
  }
}

TEST_F(CaRestore, NothingElseOfTheKeystoreComesAlong) {
  ASSERT_TRUE(store_->replace_images_text("version: 1\nimages: []\n# theirs\n"));
  Keystore store = another("new");
  ASSERT_TRUE(store.replace_images_text("version: 1\nimages: []\n# mine\n"));
  ASSERT_TRUE(restore_ca(store, back_up(*store_), with("long enough")));
  EXPECT_NE(test::read_file(dir_ / "new/images.yaml").find("mine"), std::string::npos);
}

TEST_F(CaRestore, AKeystoreWithoutACaHasNone) {
  const Keystore none = another("none");
  const Backup taken = collect_backup(none, now_).value();
  EXPECT_FALSE(root_in(taken.archive).value());
  const Keystore store = another("new");
  expect_error(restore_ca(store, back_up(none), with("long enough")), Code::refused, "had no CA");
  EXPECT_EQ(ca_place(store).value(), CaPlace::free);
}

/// Each half of it is needed, and a key is its certificate's.
TEST_F(CaRestore, ADamagedOneIsToldInTheBackupAndNotTaken) {
  const auto lacks = [&](const char* name) {
    Backup taken = collect_backup(*store_, now_).value();
    std::erase_if(taken.archive.files, [&](const auto& file) { return file.name == name; });
    return check_ca_in(taken);
  };
  for (const char* name :
       {"ca/index.json", "ca/authorities/root/cert.pem", "ca/authorities/root/private.key",
        "ca/authorities/intermediate/cert.pem", "ca/authorities/intermediate/private.key"}) {
    expect_error(lacks(name), Code::refused, "is damaged");
  }
  Backup taken = collect_backup(*store_, now_).value();
  auto& files = taken.archive.files;
  const auto of = [&](const std::string& name) {
    return std::find_if(files.begin(), files.end(),
                        [&](const ArchiveFile& file) { return file.name == name; });
  };
  std::swap(of("ca/authorities/root/private.key")->content,
            of("ca/authorities/intermediate/private.key")->content);
  EXPECT_FALSE(check_ca_in(taken));
}

TEST_F(CaRestore, NothingIsTakenThatIsNotConfirmed) {
  const Keystore store = another("new");
  CaRestoreOptions options = with("long enough");
  options.confirm = [](const SeenRoot&) { return Status(fail(Code::usage, "no")); };
  expect_error(restore_ca(store, backup_, options), Code::usage, "no");
  options.fingerprint = std::string(64, '0');
  expect_error(restore_ca(store, backup_, options), Code::refused, "of another root");
  EXPECT_EQ(ca_place(store).value(), CaPlace::free);
}

TEST_F(CaRestore, AnyFlippedByteOrTruncationIsRefused) {
  const Keystore store = another("new");
  for (std::size_t at = 0; at < backup_.size(); at += backup_.size() / 4) {
    std::string wrong = backup_;
    wrong[at] = static_cast<char>(wrong[at] ^ 1);
    const auto done = restore_ca(store, wrong, with("long enough"));
    ASSERT_FALSE(done) << at;
    EXPECT_EQ(done.error().code(), Code::refused) << done.error().line();
    EXPECT_FALSE(restore_ca(store, backup_.substr(0, at), with("long enough"))) << at;
  }
  expect_error(restore_ca(store, backup_, with("long enough!")), Code::refused, "wrong");
  EXPECT_EQ(ca_place(store).value(), CaPlace::free);
}

TEST_F(CaRestore, OfAnotherRootOfTheSameNameItIsRefused) {
  const Keystore store = another("new");
  (void)test::make_ca(store, now_, true);
  const std::string root = ca_certificates(store)->root;
  expect_error(restore_ca(store, backup_, with("long enough")), Code::exists, "has another CA");
  EXPECT_EQ(ca_certificates(store)->root, root);
}

/// The signature is the root's own: it says nothing where the root is not known.
TEST_F(CaRestore, ASignedOneIsTakenByItsFingerprintAlone) {
  const std::string file = test::old_signed_ca_file(*store_, now_);
  const Keystore store = another("new");
  CaRestoreOptions options = with("long enough");
  expect_error(restore_ca(store, file, options), Code::usage, "nothing confirms this backup");
  SeenRoot shown;
  options.confirm = [&](const SeenRoot& seen) {
    shown = seen;
    return Status(fail(Code::usage, "stop"));
  };
  EXPECT_FALSE(restore_ca(store, backup_, options));
  options.fingerprint = shown.fingerprint;
  expect_error(restore_ca(store, file, options), Code::usage, "is in a token, not in the backup");
  std::string edited = file;
  edited.replace(edited.find("Issuing") == std::string::npos ? edited.find("issued") : 0, 1, "x");
  EXPECT_FALSE(restore_ca(store, edited, options));
  // Of the CA that is there it needs nothing else.
  EXPECT_TRUE(restore_ca(*store_, file, with("")));
}

TEST_F(CaRestore, AnIndexThatIsLostComesBackAndTheKeysStay) {
  const auto late = issue(*store_, "late");
  ASSERT_TRUE(late);
  const std::string key = test::read_file(path() + "/ca/authorities/root/private.key");
  std::filesystem::remove(path() + "/ca/index.json");
  ASSERT_TRUE(restore_ca(*store_, backup_, with("long enough")));
  EXPECT_EQ(test::read_file(path() + "/ca/authorities/root/private.key"), key);
  EXPECT_TRUE(read_ca_certificate(*store_, late->serial));
  EXPECT_TRUE(issue(*store_, "carol"));
}

TEST_F(CaRestore, WhatIsDamagedIsMended) {
  const auto late = issue(*store_, "late");
  ASSERT_TRUE(late);
  for (const char* file : {"ca/index.json", "ca/authorities/intermediate/cert.pem",
                           "ca/authorities/intermediate/meta.json"}) {
    test::write_file(path() + "/" + file, "no longer\n");
    EXPECT_FALSE(issue(*store_, "never")) << file;
    const auto done = restore_ca(*store_, backup_, with("long enough"));
    ASSERT_TRUE(done) << file << ": " << done.error().line();
    EXPECT_EQ(done->damaged_index.empty(), file != std::string("ca/index.json"));
    EXPECT_TRUE(issue(*store_, "carol")) << file;
  }
  EXPECT_TRUE(read_ca_certificate(*store_, late->serial));
}

TEST_F(CaRestore, TheWorseOfBothRevocationsStays) {
  const auto carol = issue(*store_, "carol");
  ASSERT_TRUE(carol);
  const std::string before = back_up(*store_);
  const Keystore store = another("new");
  ASSERT_TRUE(restore_ca(store, before, with("long enough")));
  ASSERT_TRUE(revoke_certificate(*store_, carol->serial, "keyCompromise", now_ + 10));
  ASSERT_TRUE(revoke_certificate(store, carol->serial, "superseded", now_ + 5));
  const std::string one = back_up(*store_);
  const std::string other = back_up(store);
  ASSERT_TRUE(restore_ca(*store_, other, with("long enough")));
  ASSERT_TRUE(restore_ca(store, one, with("long enough")));
  for (const Keystore* each : std::initializer_list<const Keystore*>{&*store_, &store}) {
    const CaIndex index = ca_index(*each).value();
    EXPECT_EQ(index.find(carol->serial)->reason, "keyCompromise");
    EXPECT_EQ(index.find(carol->serial)->revoked_at, now_ + 5);
  }
}

}  // namespace
}  // namespace sifguard
