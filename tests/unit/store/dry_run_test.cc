// A keystore opened with its writes withheld: everything answers as ever, and nothing changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "keystore/store/authority_store.h"
#include "keystore/store/break_glass.h"
#include "keystore/store/images_file.h"
#include "keystore/store/own_keys.h"
#include "keystore/store/published_records.h"
#include "keystore/store/revoked_digests.h"
#include "keystore/store/single_file.h"
#include "keystore/store/site_key.h"
#include "keystore/store/trust_sources.h"
#include "keystore/store/trust_store.h"
#include "tests/unit/store/older_store.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

using Files = std::map<std::string, std::string>;
const std::string kDigits(64, 'a');
const std::string kDigest = "sha256:" + kDigits;

SignerRecord signer(char digit) {
  SignerRecord record;
  record.id = "spki:" + std::string(64, digit);
  record.names = {record.id};
  return record;
}

class DryRun : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    auto made = RsaPrivateKey::generate(2048);
    ASSERT_TRUE(made) << made.error().line();
    key_.emplace(*std::move(made));
  }
  /// What is there, with what is in it and when it was last changed.
  [[nodiscard]] Files dump() const {
    Files all;
    namespace fs = std::filesystem;
    for (const auto& each : fs::recursive_directory_iterator(path())) {
      const auto changed = fs::last_write_time(each).time_since_epoch().count();
      all[each.path()] =
          std::to_string(changed) + (each.is_regular_file() ? test::read_file(each.path()) : "");
    }
    return all;
  }
  Keystore withheld() {
    auto opened = Keystore::open(path(), trust(), Writes::withheld);
    EXPECT_TRUE(opened) << opened.error().line();
    return *std::move(opened);
  }
  void add_to(Keystore& store) {
    EXPECT_EQ(store.add_key({"cow", &*key_, nullptr, nullptr})->outcome, Keystore::Added::added);
    EXPECT_EQ(store.add_signer(signer('a'), "key"), Keystore::Added::added);
    EXPECT_TRUE(store.replace_images_text("version: 1\n"));
    EXPECT_TRUE(replace_images(store, "a", "b"));
    EXPECT_TRUE(lock_images(store));
    EXPECT_EQ(add_trust_item(store, TrustKind::root, {kDigits, "text"}), Keystore::Added::added);
    EXPECT_TRUE(set_trust_sources(store, {{"http://a/"}, {}, {}, {}}));
    EXPECT_TRUE(set_fetched_records(store, {}));
    EXPECT_EQ(revoke_digest(store, {kDigest, 0, "old"}), Keystore::Added::added);
    EXPECT_TRUE(add_grant(store, {"", "cow", "alice", 1, 100, "why", "root", kDigits}));
    EXPECT_TRUE(add_published(store, {"x", kDigest, 0, "/x", kDigest, "", {}}));
    EXPECT_TRUE(site_key(store));
    EXPECT_TRUE(write_ca_index(store, "{}"));
    EXPECT_TRUE(write_ca_certificate(store, "ab", "pem"));
  }
  std::optional<RsaPrivateKey> key_;
};

TEST_F(DryRun, WhatIsAddedIsNot) {
  const Files before = dump();
  Keystore store = withheld();
  add_to(store);
  EXPECT_EQ(dump(), before);
}

TEST_F(DryRun, WhatIsChangedAndRemovedStays) {
  add_to(*store_);
  SecretBytes half = SecretBytes::copy_of(as_bytes("half")).value();
  ASSERT_TRUE(write_authority(*store_, {"root", "certificate", std::move(half)}));
  const Files before = dump();
  Keystore store = withheld();
  const std::string id = store.find_key("cow")->id;
  EXPECT_EQ(store.step_key(id, KeyStep::suspend)->state, KeyState::suspended);
  EXPECT_EQ(store.step_key(id, KeyStep::retire)->state, KeyState::retired);
  EXPECT_TRUE(store.set_key_rule(id, {{signer('a').id}, {}, {}, true, {}}));
  EXPECT_EQ(store.set_signer_state(signer('a').id, SignerState::retired, 1, "")->state,
            SignerState::retired);
  EXPECT_TRUE(store.remove_signer(signer('a').id));
  EXPECT_EQ(remove_trust_item(store, TrustKind::root, "aaaaaaaa"), kDigits);
  EXPECT_EQ(restore_digest(store, kDigest), true);
  const auto grants = break_glass_grants(store);
  ASSERT_TRUE(grants && grants->size() == 1);
  EXPECT_TRUE(end_grant(store, grants->front().id));
  EXPECT_TRUE(remove_published(store, "x"));
  EXPECT_TRUE(remove_ca_certificate(store, "ab"));
  const auto resealed = store.reseal({});
  ASSERT_TRUE(resealed) << resealed.error().line();
  EXPECT_EQ(resealed->private_keys, 3U);  // cow, the site key and that of the CA
  EXPECT_EQ(dump(), before);
}

TEST_F(DryRun, ADestroyedKeyKeepsItsPrivateHalf) {
  const std::string id = add("cow", *key_).id;
  ASSERT_TRUE(store_->step_key(id, KeyStep::retire));
  const Files before = dump();
  EXPECT_FALSE(withheld().step_key(id, KeyStep::destroy)->has_private);
  EXPECT_EQ(dump(), before);
}

TEST_F(DryRun, WhatIsRefusedIsRefusedAsEver) {
  add_to(*store_);
  Keystore store = withheld();
  expect_error(store.step_key(store.find_key("cow")->id, KeyStep::resume), Code::wrong_state,
               "cow");
  expect_error(end_grant(store, "bg-0000000000000000"), Code::absent, "no grant");
  expect_error(remove_trust_item(store, TrustKind::crl, "aaaaaaaa"), Code::absent, "no crl");
  expect_error(parse_seal_options("file:/none/below/x").and_then([&](const SealOptions& options) {
    return store.reseal(options);
  }),
               Code::config, "/none");
}

TEST_F(DryRun, OlderNamesAndLeftoversStay) {
  add_to(*store_);
  test::make_older(path());
  test::write_file(path() + "/.images.yaml.0123.tmp", "half");
  const Files before = dump();
  Keystore store = withheld();
  EXPECT_EQ(store.add_signer(signer('b'), "key"), Keystore::Added::added);
  EXPECT_EQ(revoke_digest(store, {"sha256:" + std::string(64, 'b'), 0, "old"}),
            Keystore::Added::added);
  EXPECT_TRUE(store.remove_signer(signer('a').id));
  EXPECT_EQ(dump(), before);
}

}  // namespace
}  // namespace sifguard
