#include "keystore/store/older_names.h"

#include <sys/syscall.h>

#include "keystore/store/break_glass.h"
#include "keystore/store/own_keys.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/store_files.h"
#include "keystore/store/trust_sources.h"
#include "tests/unit/base/killed_at.h"
#include "tests/unit/store/older_store.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;

const std::string kDigest = "sha256:" + std::string(64, 'a');

class OlderNames : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    key_ = add("cow", RsaPrivateKey::generate(2048).value());
    signer_.id = "spki:" + std::string(64, 'b');
    signer_.names = {signer_.id};
    ASSERT_TRUE(store_->add_signer(signer_, "PEM"));
    ASSERT_TRUE(revoke_digest(*store_, {kDigest, 0, "bad"}));
    TrustSources sources;
    sources.crl = {"http://127.0.0.1/a.crl"};
    ASSERT_TRUE(set_trust_sources(*store_, sources));
    test::make_older(path());
    reopen();
  }
  /// All that the keystore says, whatever its files are called.
  void expect_whole() {
    reopen();
    ASSERT_TRUE(store_->load_private_key(key_)) << store_->load_private_key(key_).error().line();
    EXPECT_EQ(store_->keys()->size(), 1U);
    EXPECT_EQ(store_->signers()->size(), 1U);
    EXPECT_EQ(revoked_digests(*store_)->size(), 1U);
    EXPECT_EQ(trust_sources(*store_)->crl.size(), 1U);
    EXPECT_TRUE(store_->seals());
  }
  [[nodiscard]] std::size_t named(const std::string& ending) const {
    std::size_t count = 0;
    for (const auto& each : fs::recursive_directory_iterator(path())) {
      const std::string name = each.path().filename();
      if (name.ends_with(ending) && name != "images.yaml") ++count;
    }
    return count;
  }
  void change() { (void)store_->lock(); }

  KeyRecord key_;
  SignerRecord signer_;
};

TEST_F(OlderNames, AreReadAsTheyAre) {
  EXPECT_TRUE(fs::exists(path() + "/signers"));
  EXPECT_EQ(named(".json"), 0U);
  expect_whole();
  EXPECT_EQ(named(".json"), 0U);
}

TEST_F(OlderNames, GiveWayAtTheNextChange) {
  ASSERT_TRUE(store_->lock());
  EXPECT_EQ(named(".yaml"), 0U);
  EXPECT_EQ(entries_of(""), (std::vector<std::string>{".lock", "image-signers", "images.yaml",
                                                      "keys", "revoked.json", "seal.json",
                                                      store_->seals()->front().where, "trust"}));
  expect_whole();
}

TEST_F(OlderNames, AreEnoughForOneWhoHasTheKeystoreOpen) {
  const Keystore reader = Keystore::open(path(), trust()).value();
  ASSERT_TRUE(store_->lock());
  EXPECT_EQ(reader.signers()->size(), 1U);
  EXPECT_EQ(reader.keys()->size(), 1U);
  EXPECT_EQ(revoked_digests(reader)->size(), 1U);
}

TEST_F(OlderNames, ACrashLosesNothingAndTheNextChangeGoesOn) {
  for (const int call : {SYS_openat, SYS_renameat2, SYS_fsync, SYS_syncfs, SYS_unlinkat}) {
    (void)test::killed_at(static_cast<unsigned>(call), [&] { change(); });
    expect_whole();
    EXPECT_NE(fs::exists(path() + "/signers"), fs::exists(path() + "/image-signers"));
  }
  ASSERT_TRUE(store_->lock());
  EXPECT_EQ(named(".yaml"), 0U);
  EXPECT_FALSE(fs::exists(path() + "/" + kMoving));
  expect_whole();
}

TEST_F(OlderNames, AMoveThatStoppedHalfwayIsFinished) {
  fs::rename(path() + "/signers", path() + "/image-signers");
  fs::rename(path() + "/seal.yaml", path() + "/seal.json");
  test::write_file(path() + "/" + kMoving, "");
  expect_whole();
  ASSERT_TRUE(store_->lock());
  EXPECT_EQ(named(".yaml"), 0U);
  EXPECT_FALSE(fs::exists(path() + "/" + kMoving));
  expect_whole();
}

TEST_F(OlderNames, OfTwoFilesTheNewerCounts) {
  fs::copy_file(path() + "/revoked.yaml", path() + "/revoked.json");
  test::write_file(path() + "/revoked.yaml", "damaged");
  EXPECT_EQ(revoked_digests(*store_)->size(), 1U);
  ASSERT_TRUE(store_->lock());
  EXPECT_EQ(named(".yaml"), 0U);
  EXPECT_EQ(revoked_digests(*store_)->size(), 1U);
}

TEST_F(OlderNames, ADamagedFileIsNoneOfNothing) {
  test::write_file(path() + "/revoked.yaml", "damaged");
  expect_error(revoked_digests(*store_), Code::config, "revoked");
  fs::remove(path() + "/revoked.yaml");
  fs::create_symlink("/nowhere", path() + "/revoked.yaml");
  expect_error(revoked_digests(*store_), Code::config, "revoked.yaml");
}

TEST_F(OlderNames, TwoDirectoriesOfSignersAreRefused) {
  fs::create_directory(path() + "/image-signers");
  const auto held = store_->lock();
  expect_error(held, Code::config, "has 'signers' and 'image-signers'");
}

TEST(OlderName, IsThatOfOurFilesAlone) {
  EXPECT_EQ(older_name("meta.json"), "meta.yaml");
  EXPECT_EQ(older_name("/a/trust/sources.json"), "/a/trust/sources.yaml");
  EXPECT_EQ(older_name("image-signers"), "signers");
  for (const char* other : {"", "keys", "images.yaml", "meta.yaml", "other.json", "audit.jsonl"}) {
    EXPECT_EQ(older_name(other), "") << other;
  }
}

TEST(NewerPath, IsThatOfEachPart) {
  EXPECT_EQ(newer_path("signers/A/meta.yaml"), "image-signers/A/meta.json");
  EXPECT_EQ(newer_path("signers/A/key.asc"), "image-signers/A/key.asc");
  EXPECT_EQ(newer_path("ca/index.yaml"), "ca/index.json");
  for (const char* same : {"images.yaml", "keys/A/meta.json", "removed/signers/x",
                           "bundle-signers/a", "image-signers/A/meta.json", "config.yaml", ""}) {
    EXPECT_EQ(newer_path(same), same);
  }
}

}  // namespace
}  // namespace sifguard
