#include "keystore/store/own_keys.h"

#include "keystore/store/site_key.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;

class OwnKeys : public test::StoreFixture {
 protected:
  static SecretBytes secret(std::string_view text = "a private half") {
    return SecretBytes::copy_of(as_bytes(text)).value();
  }
  Status add(const std::string& name, const SecretBytes& pem) {
    const auto held = store_->lock();
    EXPECT_TRUE(held);
    return add_own_key(*store_, *held, name, pem);
  }
  [[nodiscard]] std::string file(const std::string& key, const std::string& name) const {
    return path() + "/own/" + key + "/" + name;
  }
};

TEST_F(OwnKeys, KeepsAKeyAndShowsNothingOfItOnDisk) {
  ASSERT_TRUE(add("site", secret()));
  reopen();
  const auto loaded = load_own_key(*store_, "site");
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ(as_text((*loaded)->bytes()), "a private half");
  EXPECT_EQ(read_file(file("site", "private.key")).find("private half"), std::string::npos);
}

TEST_F(OwnKeys, WhatIsNotThereIsNoError) {
  EXPECT_EQ(load_own_key(*store_, "site").value(), std::nullopt);
  ASSERT_TRUE(add("other", secret()));
  EXPECT_EQ(load_own_key(*store_, "site").value(), std::nullopt);
}

TEST_F(OwnKeys, RefusesASecondOfTheSameNameAndOddNames) {
  ASSERT_TRUE(add("site", secret()));
  expect_error(add("site", secret("another")), Code::exists, "already");
  expect_error(add("../site", secret()), Code::usage, "not a usable name");
  EXPECT_EQ(as_text((*load_own_key(*store_, "site"))->bytes()), "a private half");
}

TEST_F(OwnKeys, RefusesAnotherKeysFileAndEditedOnes) {
  ASSERT_TRUE(add("site", secret()));
  ASSERT_TRUE(add("ca", secret("of the CA")));
  fs::copy(file("ca", "private.key"), file("site", "private.key"),
           fs::copy_options::overwrite_existing);
  expect_error(load_own_key(*store_, "site"), Code::config, "private.key");
  edit(file("ca", "meta.json"), "\"ca\"", "\"cb\"");
  expect_error(load_own_key(*store_, "ca"), Code::config, "its name");
}

TEST_F(OwnKeys, RefusesAFileThatOthersMayRead) {
  ASSERT_TRUE(add("site", secret()));
  fs::permissions(file("site", "private.key"), fs::perms(0644));
  expect_error(load_own_key(*store_, "site"), Code::config, "private.key");
}

TEST_F(OwnKeys, ResealingTakesThemAlong) {
  ASSERT_TRUE(add("site", secret()));
  const std::string before = read_file(file("site", "private.key"));
  const auto done = store_->reseal({});
  ASSERT_TRUE(done) << done.error().line();
  EXPECT_EQ(done->private_keys, 1U);
  EXPECT_NE(read_file(file("site", "private.key")), before);
  EXPECT_EQ(as_text((*load_own_key(*store_, "site"))->bytes()), "a private half");
}

TEST_F(OwnKeys, ResealingChangesNothingWhenOneDoesNotOpen) {
  ASSERT_TRUE(add("site", secret()));
  const std::string seals = read_file(path() + "/seal.json");
  write_file(file("site", "private.key"), "SGPRIV1\nnothing");
  EXPECT_FALSE(store_->reseal({}));
  EXPECT_EQ(read_file(path() + "/seal.json"), seals);
}

TEST_F(OwnKeys, TheSitesKeyIsMadeOnceAndStays) {
  EXPECT_EQ(find_site_key(*store_).value(), std::nullopt);
  const auto made = site_key(*store_);
  ASSERT_TRUE(made) << made.error().line();
  EXPECT_EQ(made->public_half().algorithm(), "p-256");
  reopen();
  EXPECT_EQ(site_key(*store_)->public_half().spki(), made->public_half().spki());
  EXPECT_EQ((*find_site_key(*store_))->public_half().spki(), made->public_half().spki());
}

}  // namespace
}  // namespace sifguard
