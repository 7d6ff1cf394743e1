// Replacing what a keystore says of images: all of it, at once, and nothing that is its own.
#include "keystore/store/content.h"

#include <sys/stat.h>

#include "keystore/store/own_keys.h"
#include "keystore/store/revoked_digests.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

class ContentTest : public test::StoreFixture {
 protected:
  static const RsaPrivateKey& key() {
    static const auto made = RsaPrivateKey::generate(2048);
    return *made;
  }
  [[nodiscard]] StoreContent taken() {
    StoreContent content;
    content.images = "version: 1\ndefault: reject\nimages: []\n# new\n";
    auto entry = take_key(*store_, store_->find_key("cow")->id);
    EXPECT_TRUE(entry);
    content.keys.push_back(*std::move(entry));
    content.trust.emplace_back(TrustKind::root, TrustItem{std::string(64, 'a'), "text"});
    return content;
  }
  Status replace(const StoreContent& content, const OwnFiles& own = {}) {
    const auto held = store_->lock();
    EXPECT_TRUE(held);
    return replace_content(*store_, content, own);
  }
};

TEST_F(ContentTest, IsReplacedAndTheKeystoresOwnStays) {
  add("cow", key());
  add("dog", *RsaPrivateKey::generate(2048));
  const auto secret = SecretBytes::copy_of(as_bytes("own"));
  {
    const auto held = store_->lock();
    ASSERT_TRUE(add_own_key(*store_, *held, "mine", *secret));
  }
  test::write_file(path() + "/audit.jsonl", "line\n");
  struct stat before {};
  ASSERT_EQ(::stat((path() + "/audit.jsonl").c_str(), &before), 0);
  ASSERT_TRUE(revoke_digest(*store_, {"sha256:" + std::string(64, '0'), 0, "old"}));
  const auto old = Keystore::open(path(), trust());
  ASSERT_TRUE(old);
  old->stop_reading();  // else it is waited for
  ASSERT_TRUE(replace(taken(), {{"bundle.json", "state"}}));

  EXPECT_FALSE(store_->is_current());
  EXPECT_FALSE(old->is_current());
  EXPECT_EQ(store_->lock().error().code(), Code::temporary);
  reopen();
  EXPECT_TRUE(store_->is_current());
  ASSERT_EQ(store_->keys()->size(), 1U);
  EXPECT_TRUE(store_->load_private_key(store_->keys()->front()));
  EXPECT_EQ(*store_->images_text(), "version: 1\ndefault: reject\nimages: []\n# new\n");
  EXPECT_TRUE(revoked_digests(*store_)->empty());
  EXPECT_EQ(trust_items(*store_, TrustKind::root)->size(), 1U);
  EXPECT_EQ(as_text((*load_own_key(*store_, "mine"))->bytes()), "own");
  EXPECT_EQ(test::read_file(path() + "/bundle.json"), "state");
  struct stat after {};
  ASSERT_EQ(::stat((path() + "/audit.jsonl").c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);  // who appends goes on in the same file
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_.path()), {}), 1);
}

TEST_F(ContentTest, WhatTheKeystoreFetchesForItselfStays) {
  add("cow", key());
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::crl, {std::string(64, 'c'), "list"}));
  ASSERT_TRUE(replace(taken()));
  reopen();
  EXPECT_TRUE(trust_items(*store_, TrustKind::crl)->empty());  // not fetched: the admin's
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::crl, {std::string(64, 'c'), "list"}));
  test::write_file(path() + "/trust/sources.json", "sources");
  ASSERT_TRUE(replace(taken()));
  reopen();
  EXPECT_EQ(test::read_file(path() + "/trust/sources.json"), "sources");
  EXPECT_EQ(trust_items(*store_, TrustKind::crl)->size(), 1U);
  EXPECT_EQ(trust_items(*store_, TrustKind::root)->size(), 1U);
}

TEST_F(ContentTest, AKeyThatMayNotDecryptIsTakenWithoutItsPrivateHalf) {
  const KeyRecord record = add("cow", key());
  ASSERT_TRUE(take_key(*store_, record.id)->record.has_private);
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::suspend));
  const auto entry = take_key(*store_, record.id);
  ASSERT_TRUE(entry);
  EXPECT_FALSE(entry->record.has_private);
  EXPECT_TRUE(entry->private_half.empty());
  EXPECT_EQ(entry->record.state, KeyState::suspended);
}

TEST_F(ContentTest, WhatCannotBeCarriedOverLeavesTheOldOne) {
  add("cow", key());
  const StoreContent content = taken();
  ASSERT_EQ(::symlink("/etc/passwd", (path() + "/link").c_str()), 0);
  const Status done = replace(content);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Code::config);
  EXPECT_TRUE(store_->is_current());
  EXPECT_TRUE(trust_items(*store_, TrustKind::root)->empty());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_.path()), {}), 1);
}

TEST_F(ContentTest, WhatAKilledRunLeftIsRemoved) {
  add("cow", key());
  std::filesystem::create_directories((dir_ / ".sifguard-import-00") + "/keys/x");
  test::write_file((dir_ / ".sifguard-import-00") + "/keys/x/private.key", "secret");
  ASSERT_TRUE(replace(taken()));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_.path()), {}), 1);
}

}  // namespace
}  // namespace sifguard
