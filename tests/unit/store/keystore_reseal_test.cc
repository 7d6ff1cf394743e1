#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include "keystore/base/text.h"
#include "keystore/store/store_keys.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;

class KeystoreReseal : public test::StoreFixture {
 protected:
  static const RsaPrivateKey& key(std::size_t which = 0) {
    static const std::array made = {RsaPrivateKey::generate(2048).value(),
                                    RsaPrivateKey::generate(2048).value()};
    return made.at(which);
  }
  [[nodiscard]] Seal seal() const { return store_->seals().value().front(); }
  [[nodiscard]] std::string elsewhere() const { return dir_ / "store.key"; }
  /// A keystore as it was before there were store keys.
  KeyRecord make_old() {
    const auto half = key().public_key().value();
    KeyRecord record = store_->add_key({"a", nullptr, &half, nullptr})->record;
    edit(key_file(record, "meta.json"), "\"private\": false", "\"private\": true");
    const SecretBytes pem = key().pkcs8_pem().value();
    write_file(key_file(record, "private.pem"), std::string(as_text(pem.bytes())));
    fs::permissions(key_file(record, "private.pem"), fs::perms(0600));
    fs::remove(path() + "/" + seal().where);
    fs::remove(path() + "/seal.json");
    return record;
  }
};

TEST_F(KeystoreReseal, InitMakesAStoreKeyForItsOwnerAlone) {
  const auto seals = store_->seals().value();
  ASSERT_EQ(seals.size(), 1U);
  EXPECT_EQ(seals[0].method, SealMethod::file);
  EXPECT_EQ(seals[0].where, "store-" + seals[0].key_id + ".key");
  struct stat st {};
  ASSERT_EQ(::stat((path() + "/" + seals[0].where).c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0600U);
  EXPECT_EQ(st.st_size, 32);
}

TEST_F(KeystoreReseal, AStoreKeyElsewhereIsMadeOrTakenAsItIs) {
  const SealOptions options{SealMethod::file, elsewhere()};
  const auto made = Keystore::init(dir_ / "one", trust(), options);
  ASSERT_TRUE(made) << made.error().line();
  EXPECT_EQ(made->seal.where, elsewhere());
  const std::string secret = read_file(elsewhere());
  ASSERT_EQ(secret.size(), 32U);
  const auto second = Keystore::init(dir_ / "two", trust(), options);
  ASSERT_TRUE(second);
  EXPECT_EQ(read_file(elsewhere()), secret);
  EXPECT_EQ(second->seal.key_id, made->seal.key_id);
  auto one = Keystore::open(dir_ / "one", trust()).value();
  const KeyRecord record = one.add_key({"a", &key(), nullptr, nullptr})->record;
  // A copy of the keystore is of no use without it.
  fs::rename(elsewhere(), dir_ / "away");
  expect_error(one.load_private_key(record), Code::config, elsewhere());
  write_file(elsewhere(), std::string(32, 'x'));
  fs::permissions(elsewhere(), fs::perms(0600));
  expect_error(one.load_private_key(record), Code::config, "another store key");
  fs::rename(dir_ / "away", elsewhere());
  EXPECT_TRUE(one.load_private_key(record));
}

TEST_F(KeystoreReseal, WhatIsNoStoreKeyIsNotTaken) {
  const SealOptions options{SealMethod::file, elsewhere()};
  for (const std::size_t size : {0U, 31U, 33U}) {
    write_file(elsewhere(), std::string(size, 'x'));
    fs::permissions(elsewhere(), fs::perms(0600));
    expect_error(Keystore::init(dir_ / "one", trust(), options), Code::config, elsewhere());
  }
  write_file(elsewhere(), std::string(32, 'x'));
  for (const unsigned mode : {0640U, 0604U, 0620U}) {
    fs::permissions(elsewhere(), fs::perms(mode));
    expect_error(Keystore::init(dir_ / "one", trust(), options), Code::config, elsewhere());
  }
  EXPECT_EQ(read_file(elsewhere()), std::string(32, 'x'));
  EXPECT_FALSE(fs::exists(dir_ / "one"));
  expect_error(
      Keystore::init(dir_ / "one", trust(), {SealMethod::file, dir_ / "missing/store.key"}),
      Code::config, "missing");
}

TEST_F(KeystoreReseal, AFailedInitLeavesNoStoreKey) {
  write_file(dir_ / "file", "x");
  const SealOptions options{SealMethod::file, elsewhere()};
  EXPECT_FALSE(Keystore::init(dir_ / "file", trust(), options));
  EXPECT_FALSE(fs::exists(elsewhere()));
}

TEST_F(KeystoreReseal, PutsEverythingUnderANewKey) {
  const KeyRecord a = add("a", key());
  const KeyRecord b = add("b", key(1));
  ASSERT_TRUE(store_->step_key(b.id, KeyStep::suspend));
  const Seal before = seal();
  const std::string meta = read_file(key_file(b, "meta.json"));
  const std::string envelope = read_file(key_file(a, "private.key"));
  const auto done = store_->reseal({SealMethod::file, elsewhere()});
  ASSERT_TRUE(done) << done.error().line();
  EXPECT_EQ(done->private_keys, 2U);
  EXPECT_TRUE(done->left_behind.empty());
  EXPECT_EQ(seal().where, elsewhere());
  EXPECT_NE(seal().key_id, before.key_id);
  EXPECT_FALSE(fs::exists(path() + "/" + before.where));
  EXPECT_EQ(read_file(key_file(b, "meta.json")), meta);
  EXPECT_TRUE(store_->load_private_key(a));
  ASSERT_TRUE(store_->step_key(b.id, KeyStep::resume));
  EXPECT_TRUE(store_->load_private_key(b));
  // What was under the old key is worth nothing any more.
  write_file(key_file(a, "private.key"), envelope);
  expect_error(store_->load_private_key(a), Code::config, "does not name");
}

TEST_F(KeystoreReseal, AFileElsewhereIsLeftToTheAdmin) {
  ASSERT_TRUE(store_->reseal({SealMethod::file, elsewhere()}));
  const Seal before = seal();
  const auto done = store_->reseal({});
  ASSERT_TRUE(done);
  ASSERT_EQ(done->left_behind.size(), 1U);
  EXPECT_EQ(done->left_behind[0].where, elsewhere());
  EXPECT_TRUE(fs::exists(elsewhere()));
  expect_error(store_->reseal({SealMethod::file, elsewhere()}), Code::exists, "exists already");
}

TEST_F(KeystoreReseal, WhereEverythingIsAlreadyNothingChanges) {
  const KeyRecord a = add("a", key());
  const SealOptions options{SealMethod::file, elsewhere()};
  ASSERT_TRUE(store_->reseal(options));
  const std::string secret = read_file(elsewhere());
  const std::string envelope = read_file(key_file(a, "private.key"));
  const auto again = store_->reseal(options);
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_TRUE(again->already);
  EXPECT_EQ(again->private_keys, 0U);
  EXPECT_EQ(read_file(elsewhere()), secret);
  EXPECT_EQ(read_file(key_file(a, "private.key")), envelope);
}

TEST_F(KeystoreReseal, ChangesNothingIfAKeyDoesNotOpen) {
  const KeyRecord a = add("a", key());
  add("b", key(1));
  const Seal before = seal();
  const std::string good = read_file(key_file(a, "private.key"));
  write_file(key_file(a, "private.key"), good + "x");
  expect_error(store_->reseal({}), Code::config, key_file(a, "private.key"));
  EXPECT_EQ(seal().key_id, before.key_id);
  EXPECT_EQ(store_->seals()->size(), 1U);
  write_file(key_file(a, "private.key"), good);
  EXPECT_TRUE(store_->load_private_key(a));
}

TEST_F(KeystoreReseal, TakesUnencryptedKeysAlong) {
  const KeyRecord record = make_old();
  reopen();
  expect_error(store_->load_private_key(record), Code::config, "sifctl reseal");
  expect_error(store_->add_key({"b", &key(1), nullptr, nullptr}), Code::config, "sifctl reseal");
  expect_error(store_->step_key(record.id, KeyStep::retire), Code::config, "not encrypted");
  const std::string plain = key_file(record, "private.pem");
  const std::size_t size = read_file(plain).size();
  const UniqueFd held(::open(plain.c_str(), O_RDONLY | O_CLOEXEC));
  const auto done = store_->reseal({});
  ASSERT_TRUE(done) << done.error().line();
  EXPECT_EQ(done->private_keys, 1U);
  EXPECT_FALSE(fs::exists(plain));
  EXPECT_EQ(read_to_end(held.get(), size + 1, "").value(), std::string(size, '\0'));
  EXPECT_TRUE(store_->load_private_key(record));
}

TEST_F(KeystoreReseal, PublicKeysNeedNoStoreKey) {
  fs::remove(path() + "/seal.json");
  const auto half = key().public_key().value();
  const auto added = store_->add_key({"a", nullptr, &half, nullptr});
  ASSERT_TRUE(added) << added.error().line();
  EXPECT_TRUE(store_->step_key(added->record.id, KeyStep::retire));
  EXPECT_TRUE(store_->step_key(added->record.id, KeyStep::destroy));
}

TEST_F(KeystoreReseal, ByTheHostsOwnKey) {
  const auto done = store_->reseal({SealMethod::systemd_creds, "host"});
  if (!done && done.error().code() == Code::unavailable) {
    GTEST_SKIP() << "NOT TESTED: " << done.error().line();
  }
  ASSERT_TRUE(done) << done.error().line();
  const KeyRecord record = add("a", key());
  reopen();
  EXPECT_TRUE(store_->load_private_key(record));
  EXPECT_EQ(seal().method, SealMethod::systemd_creds);
  EXPECT_EQ(entries_of(""), (std::vector<std::string>{".lock", "image-signers", "images.yaml",
                                                      "keys", "seal.json"}));
  // Damaged, or another host's.
  const std::string text = read_file(path() + "/seal.json");
  const std::size_t at = text.find("\"sealed\": \"") + 60;
  std::string bad = text;
  bad[at] = bad[at] == 'A' ? 'B' : 'A';
  write_file(path() + "/seal.json", bad);
  expect_error(store_->load_private_key(record), Code::unavailable,
               "/usr/bin/systemd-creds failed");
  write_file(path() + "/seal.json", text);
  EXPECT_TRUE(store_->load_private_key(record));
}

/// Killed at any point: every key opens, and the next run finishes.
TEST_F(KeystoreReseal, AKilledResealLeavesAWorkingKeystore) {
  const KeyRecord a = add("a", key());
  const KeyRecord b = add("b", key(1));
  for (int i = 0; i < 30; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (;;) (void)store_->reseal({});
    }
    const struct timespec pause = {0, 100'000L + i * 250'000L};
    ::nanosleep(&pause, nullptr);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    reopen();
    for (const KeyRecord& record : {a, b}) {
      const auto loaded = store_->load_private_key(record);
      ASSERT_TRUE(loaded) << loaded.error().line();
    }
  }
  ASSERT_TRUE(store_->reseal({}));
  EXPECT_EQ(store_->seals()->size(), 1U);
  EXPECT_EQ(entries_of(""), (std::vector<std::string>{".lock", "image-signers", "images.yaml",
                                                      "keys", "seal.json", seal().where}));
}

TEST_F(KeystoreReseal, ReadersGoOnMeanwhile) {
  const KeyRecord record = add("a", key());
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 25; ++i) EXPECT_TRUE(store_->reseal({}));
    done = true;
  });
  auto reader = Keystore::open(path(), trust()).value();
  while (!done) {
    const auto loaded = reader.load_private_key(record);
    ASSERT_TRUE(loaded) << loaded.error().line();
  }
  writer.join();
}

}  // namespace
}  // namespace sifguard
