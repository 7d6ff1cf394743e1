#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <atomic>
#include <csignal>
#include <map>
#include <thread>
#include <tuple>

#include "keystore/base/text.h"
#include "keystore/store/store_files.h"
#include "tests/unit/base/killed_at.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;

class KeystoreKeysWrite : public test::StoreFixture {
 protected:
  /// Every file of the keystore with its content, but for the lock.
  [[nodiscard]] std::map<std::string, std::string> tree() const {
    std::map<std::string, std::string> files;
    for (const auto& file : fs::recursive_directory_iterator(path())) {
      if (file.is_regular_file() && file.path().filename() != ".lock") {
        files[file.path()] = read_file(file.path());
      }
    }
    return files;
  }
  [[nodiscard]] KeyState state(const std::string& name) const {
    return store_->find_key(name).value().state;
  }
  static const RsaPrivateKey& key() {
    static const RsaPrivateKey made = RsaPrivateKey::generate(2048).value();
    return made;
  }
  static const RsaPrivateKey& other_key() {
    static const RsaPrivateKey made = RsaPrivateKey::generate(2048).value();
    return made;
  }
};

TEST_F(KeystoreKeysWrite, TheLifeOfAKey) {
  const KeyRecord added = add("a", key());
  const std::int64_t start = ::time(nullptr);
  EXPECT_FALSE(added.previous_state);
  EXPECT_EQ(added.state_since, added.created);
  const std::vector<std::tuple<KeyStep, KeyState, KeyState>> steps = {
      {KeyStep::suspend, KeyState::active, KeyState::suspended},
      {KeyStep::resume, KeyState::suspended, KeyState::active},
      {KeyStep::retire, KeyState::active, KeyState::retired},
      {KeyStep::suspend, KeyState::retired, KeyState::suspended},
      {KeyStep::resume, KeyState::suspended, KeyState::retired},
      {KeyStep::revoke, KeyState::retired, KeyState::revoked},
      {KeyStep::destroy, KeyState::revoked, KeyState::destroyed}};
  for (const auto& [step, before, after] : steps) {
    const auto done = store_->step_key(added.id, step, "superseded");
    ASSERT_TRUE(done) << done.error().line();
    const KeyRecord stored = store_->find_key("a").value();
    EXPECT_EQ(stored.state, after);
    EXPECT_EQ(stored.previous_state, before);
    EXPECT_GE(stored.state_since, start);
    EXPECT_EQ(stored.created, added.created);
    EXPECT_EQ(store_->load_private_key(added).has_value(), decrypts(after));
  }
  const KeyRecord last = store_->find_key("a").value();
  EXPECT_EQ(last.reason, "superseded");
  EXPECT_FALSE(last.has_private);
  EXPECT_TRUE(store_->load_public_key(last));
}

TEST_F(KeystoreKeysWrite, AWrongStepChangesNothing) {
  const KeyRecord record = add("a", key());
  const auto refused = [&](KeyStep step, const std::string& words) {
    const auto before = tree();
    expect_error(store_->step_key(record.id, step, "superseded"), Code::wrong_state, words);
    EXPECT_EQ(tree(), before);
  };
  refused(KeyStep::resume, "the key 'a' is active, not suspended");
  refused(KeyStep::destroy, "the key 'a' is active and may be in use");
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::retire));
  refused(KeyStep::retire, "is retired already");
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::revoke, "keyCompromise"));
  refused(KeyStep::revoke, "is revoked already");
  refused(KeyStep::resume, "is revoked, not suspended");
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::destroy));
  for (const KeyStep step :
       {KeyStep::retire, KeyStep::suspend, KeyStep::resume, KeyStep::revoke, KeyStep::destroy}) {
    refused(step, "is destroyed");
  }
  expect_error(store_->step_key(record.id, KeyStep::revoke, "anger"), Code::usage, "not a reason");
  expect_error(store_->step_key(std::string(64, '0'), KeyStep::retire), Code::config,
               "cannot open");
  expect_error(store_->step_key("../..", KeyStep::retire), Code::config, "not a key's directory");
}

TEST_F(KeystoreKeysWrite, DestroyingOverwritesThePrivateHalf) {
  const KeyRecord record = add("a", key());
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::retire));
  const std::string file = key_file(record, kPrivate);
  const std::size_t size = read_file(file).size();
  const UniqueFd held(::open(file.c_str(), O_RDONLY | O_CLOEXEC));  // what recovers deleted files
  ASSERT_TRUE(held.valid());
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::destroy));
  EXPECT_FALSE(fs::exists(file));
  EXPECT_TRUE(fs::exists(key_file(record, "public.pem")));
  EXPECT_EQ(read_to_end(held.get(), size + 1, "").value(), std::string(size, '\0'));
  EXPECT_EQ(entries_of("keys"), std::vector<std::string>{record.id});
}

TEST_F(KeystoreKeysWrite, DestroyingEndsBeforeItIsRecorded) {
  const KeyRecord record = add("a", key());
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::retire));
  const std::string file = key_file(record, kPrivate);
  const std::size_t size = read_file(file).size();
  ASSERT_TRUE(
      test::killed_at(SYS_renameat2, [&] { (void)store_->step_key(record.id, KeyStep::destroy); }));
  EXPECT_EQ(state("a"), KeyState::retired);
  EXPECT_EQ(read_file(file), std::string(size, '\0'));
  const auto opened = store_->load_private_key(record);
  expect_error(opened, Code::config, "was interrupted; finish it with sifctl key destroy a");
  const auto damaged = store_->check_private_halves().value();
  ASSERT_EQ(damaged.size(), 1U);
  EXPECT_NE(damaged[0].second.line().find("sifctl key destroy a"), std::string::npos);
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::destroy));
  EXPECT_EQ(state("a"), KeyState::destroyed);
  EXPECT_EQ(entries_of("keys"), std::vector<std::string>{record.id}) << "nothing is left over";
}

TEST_F(KeystoreKeysWrite, WhatACrashLeftOfKeysIsOverwritten) {
  const KeyRecord record = add("a", key());
  const std::string left = path() + "/keys/.tmp-" + record.id;
  const std::string shared = left + "/cert.pem";
  fs::copy(path() + "/keys/" + record.id, left);
  fs::create_hard_link(key_file(record, kPrivate), shared);  // as restoring makes them
  const std::string envelope = read_file(key_file(record, kPrivate));
  const UniqueFd held(::open((left + "/" + kPrivate).c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(held.valid());
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::retire));
  EXPECT_FALSE(fs::exists(left));
  EXPECT_EQ(read_to_end(held.get(), envelope.size() + 1, "").value(),
            std::string(envelope.size(), '\0'));
  EXPECT_TRUE(store_->load_private_key(record)) << "what has another name is no leftover";
}

TEST_F(KeystoreKeysWrite, ADamagedPrivateHalfCanStillBeDestroyed) {
  for (const bool missing : {false, true}) {
    const KeyRecord record = add(missing ? "a" : "b", missing ? key() : other_key());
    ASSERT_TRUE(store_->step_key(record.id, KeyStep::retire));
    const std::string file = key_file(record, kPrivate);
    missing ? (void)fs::remove(file) : write_file(file, "garbage");
    ASSERT_TRUE(store_->step_key(record.id, KeyStep::destroy));
    EXPECT_FALSE(fs::exists(file));
  }
}

TEST_F(KeystoreKeysWrite, ADestroyedKeyIsNotTakenInAgain) {
  const KeyRecord record = add("a", key());
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::retire));
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::destroy));
  const auto before = tree();
  expect_error(store_->add_key({"a", &key(), nullptr, nullptr}), Code::wrong_state,
               "was destroyed");
  EXPECT_EQ(tree(), before);
}

TEST_F(KeystoreKeysWrite, AStateIsKeptWhenAKeyIsCompleted) {
  const auto half = key().public_key().value();
  const KeyRecord added = store_->add_key({"a", nullptr, &half, nullptr})->record;
  ASSERT_TRUE(store_->step_key(added.id, KeyStep::revoke, "keyCompromise"));
  ASSERT_EQ(store_->add_key({"a", &key(), nullptr, nullptr})->outcome, Keystore::Added::added);
  EXPECT_EQ(state("a"), KeyState::revoked);
  expect_error(store_->load_private_key(added), Code::denied, "revoked");
}

TEST_F(KeystoreKeysWrite, ACertificateIsAddedOnce) {
  const KeyRecord record = add("a", key());
  EXPECT_TRUE(record.thumbprint.empty());
  const auto certificate = make_certificate(key(), "a").value();
  const auto added = store_->add_key({"a", &key(), nullptr, certificate.get()});
  ASSERT_TRUE(added) << added.error().line();
  EXPECT_EQ(added->outcome, Keystore::Added::added);
  EXPECT_EQ(added->record.thumbprint, certificate_thumbprint(*certificate).value());
  EXPECT_EQ(store_->find_key("a")->thumbprint, added->record.thumbprint);
  EXPECT_EQ(read_file(key_file(record, "cert.pem")), certificate_pem(*certificate).value());
  EXPECT_TRUE(store_->load_private_key(record));
  EXPECT_EQ(store_->add_key({"a", &key(), nullptr, certificate.get()})->outcome,
            Keystore::Added::unchanged);
  // Another certificate is not taken: bindings may name the first.
  const auto before = tree();
  const auto second = make_certificate(key(), "b").value();
  expect_error(store_->add_key({"a", &key(), nullptr, second.get()}), Code::exists,
               "another certificate, " + added->record.thumbprint);
  EXPECT_EQ(tree(), before);
}

TEST_F(KeystoreKeysWrite, APublicImportWithCertificateKeepsThePrivateHalf) {
  const KeyRecord record = add("a", key());
  const auto half = key().public_key().value();
  const auto certificate = make_certificate(key(), "a").value();
  ASSERT_EQ(store_->add_key({"a", nullptr, &half, certificate.get()})->outcome,
            Keystore::Added::added);
  EXPECT_TRUE(store_->find_key("a")->has_private);
  EXPECT_TRUE(store_->load_private_key(record));
}

TEST_F(KeystoreKeysWrite, ASuccessorTakesOverTheRule) {
  const KeyRecord old = add("a", key());
  KeyRule rule;
  rule.signers = {std::string(40, 'A')};
  rule.users = {"alice"};
  ASSERT_TRUE(store_->set_key_rule(old.id, rule));
  const auto added = store_->add_key({"a-2", &other_key(), nullptr, nullptr, old.id});
  ASSERT_TRUE(added) << added.error().line();
  EXPECT_EQ(added->record.predecessor, old.id);
  EXPECT_EQ(store_->find_key("a-2")->rule.users, rule.users);
  EXPECT_EQ(store_->find_key("a-2")->rule.signers, rule.signers);
  const auto line = store_->key_and_successors("a").value();
  ASSERT_EQ(line.size(), 2U);
  EXPECT_EQ(line[0].name, "a");
  EXPECT_EQ(line[1].name, "a-2");
  EXPECT_EQ(store_->key_and_successors("a-2")->size(), 1U);
  expect_error(store_->key_and_successors("b"), Code::config, "no key");
  // One successor each.
  const auto before = tree();
  const auto third = RsaPrivateKey::generate(2048).value();
  expect_error(store_->add_key({"a-3", &third, nullptr, nullptr, old.id}), Code::wrong_state,
               "replaced already, by 'a-2'");
  EXPECT_EQ(tree(), before);
}

TEST_F(KeystoreKeysWrite, ACircleOfSuccessorsEnds) {
  const KeyRecord a = add("a", key());
  const KeyRecord b = store_->add_key({"b", &other_key(), nullptr, nullptr, a.id})->record;
  edit(key_file(a, "meta.json"), "\"predecessor\": \"\"", "\"predecessor\": \"" + b.id + "\"");
  EXPECT_EQ(store_->key_and_successors("a")->size(), 2U);
}

TEST_F(KeystoreKeysWrite, MetaOfTheFirstVersionIsReadAndWrittenAnew) {
  const auto half = key().public_key().value();
  const KeyRecord record = store_->add_key({"a", nullptr, &half, nullptr})->record;
  const std::string file = key_file(record, "meta.json");
  edit(file, "\"version\": 2", "\"version\": 1");
  std::string text = read_file(file);
  const std::size_t from = text.find("  \"since\"");
  text.erase(from, text.find("  \"bits\"") - from);
  write_file(file, text);
  const KeyRecord old = store_->find_key("a").value();
  EXPECT_EQ(old.state, KeyState::active);
  EXPECT_EQ(old.state_since, old.created);
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::retire));
  EXPECT_NE(read_file(file).find("\"version\": 2"), std::string::npos);
  EXPECT_EQ(store_->find_key("a")->previous_state, KeyState::active);
}

/// Readers take no lock: whatever the writer does, they see a whole key.
TEST_F(KeystoreKeysWrite, ReadersNeverSeeHalfAChange) {
  const KeyRecord record = add("a", key());
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 60; ++i) {
      EXPECT_TRUE(store_->step_key(record.id, i % 2 == 0 ? KeyStep::suspend : KeyStep::resume));
    }
    done = true;
  });
  auto reader = Keystore::open(path(), trust()).value();
  int loaded = 0;
  while (!done) {
    const auto found = reader.find_key("a");
    ASSERT_TRUE(found) << found.error().line();
    const auto opened = reader.load_private_key(*found);
    if (opened) {
      ++loaded;
    } else {
      ASSERT_EQ(opened.error().code(), Code::denied) << opened.error().line();
    }
  }
  writer.join();
  EXPECT_GT(loaded, 0);
}

/// A writer killed at any point leaves the old state or the new one.
TEST_F(KeystoreKeysWrite, AKilledWriterLeavesAWholeKeystore) {
  const KeyRecord record = add("a", key());
  for (int i = 0; i < 40; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int step = 0;; ++step) {
        (void)store_->step_key(record.id, step % 2 == 0 ? KeyStep::suspend : KeyStep::resume);
      }
    }
    const struct timespec pause = {0, 100'000L + i * 150'000L};
    ::nanosleep(&pause, nullptr);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    reopen();
    const auto found = store_->find_key("a");
    ASSERT_TRUE(found) << found.error().line();
    if (found->state == KeyState::suspended) {
      ASSERT_TRUE(store_->step_key(record.id, KeyStep::resume));
    }
    ASSERT_TRUE(store_->load_private_key(record));
  }
}

}  // namespace
}  // namespace sifguard
