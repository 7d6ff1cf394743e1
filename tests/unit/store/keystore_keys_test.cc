#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <tuple>

#include "keystore/base/text.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;

class KeystoreKeys : public test::StoreFixture {
 protected:
  static const RsaPrivateKey& made(int which) {
    static const std::array keys = {RsaPrivateKey::generate(2048).value(),
                                    RsaPrivateKey::generate(2048).value()};
    return keys.at(static_cast<std::size_t>(which));
  }
  const RsaPrivateKey& key_ = made(0);
  const RsaPrivateKey& other_ = made(1);
};

TEST_F(KeystoreKeys, KeepsAKeyAndItsCertificate) {
  const auto certificate = make_certificate(key_, "lolcow").value();
  const auto added = store_->add_key({"lolcow", &key_, nullptr, certificate.get()});
  ASSERT_TRUE(added) << added.error().line();
  EXPECT_EQ(added->outcome, Keystore::Added::added);
  reopen();
  const auto all = store_->keys().value();
  ASSERT_EQ(all.size(), 1U);
  const KeyRecord& record = all.front();
  EXPECT_EQ(record.id, key_.public_key().value().id().value());
  EXPECT_EQ(record.name, "lolcow");
  EXPECT_EQ(record.thumbprint, certificate_thumbprint(*certificate).value());
  EXPECT_EQ(record.state, KeyState::active);
  EXPECT_EQ(record.bits, 2048);
  EXPECT_TRUE(record.has_private);
  EXPECT_TRUE(record.rule.signers.empty());
  EXPECT_FALSE(record.rule.everyone);
  EXPECT_EQ(read_file(key_file(record, "cert.pem")), certificate_pem(*certificate).value());
  const auto loaded = store_->load_private_key(record);
  ASSERT_TRUE(loaded) << loaded.error().line();
  EXPECT_EQ(loaded->public_key().value().id().value(), record.id);
  EXPECT_EQ(store_->load_public_key(record).value().id().value(), record.id);
}

TEST_F(KeystoreKeys, FilesArePrivate) {
  const KeyRecord record = add("a", key_);
  struct stat st {};
  ASSERT_EQ(::stat(key_file(record, "private.key").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0600U);
  ASSERT_EQ(::stat(key_file(record, ".").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0700U);
}

TEST_F(KeystoreKeys, TheSameAgainChangesNothing) {
  const KeyRecord record = add("a", key_);
  const auto before = fs::last_write_time(key_file(record, "meta.json"));
  const auto again = store_->add_key({"a", &key_, nullptr, nullptr});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->outcome, Keystore::Added::unchanged);
  EXPECT_EQ(again->record.id, record.id);
  EXPECT_EQ(fs::last_write_time(key_file(record, "meta.json")), before);
}

TEST_F(KeystoreKeys, OneKeyHasOneNameAndOneNameOneKey) {
  add("a", key_);
  expect_error(store_->add_key({"b", &key_, nullptr, nullptr}), Code::exists, "under the name 'a'");
  expect_error(store_->add_key({"a", &other_, nullptr, nullptr}), Code::exists,
               "another key named");
  EXPECT_EQ(store_->keys().value().size(), 1U);
}

TEST_F(KeystoreKeys, RefusesBadNamesAndForeignCertificates) {
  for (const char* name : {"", ".", "..", "../x", "a/b", "-a", ".a", "a b", "a\n"}) {
    expect_error(store_->add_key({name, &key_, nullptr, nullptr}), Code::usage, "name");
  }
  const auto certificate = make_certificate(other_, "x").value();
  expect_error(store_->add_key({"a", &key_, nullptr, certificate.get()}), Code::refused,
               "not of this key");
  expect_error(store_->add_key({"a", nullptr, nullptr, nullptr}), Code::internal, "no key");
  EXPECT_TRUE(store_->keys().value().empty());
}

TEST_F(KeystoreKeys, APublicHalfIsCompletedLater) {
  const auto half = key_.public_key().value();
  const auto certificate = make_certificate(key_, "a").value();
  const auto added = store_->add_key({"a", nullptr, &half, certificate.get()});
  ASSERT_TRUE(added) << added.error().line();
  EXPECT_FALSE(added->record.has_private);
  expect_error(store_->load_private_key(added->record), Code::config, "public half");
  KeyRule rule;
  rule.signers = {std::string(40, 'A')};
  ASSERT_TRUE(store_->set_key_rule(added->record.id, rule));
  const auto completed = store_->add_key({"a", &key_, nullptr, nullptr});
  ASSERT_TRUE(completed);
  EXPECT_EQ(completed->outcome, Keystore::Added::added);
  EXPECT_EQ(completed->record.rule.signers, rule.signers);
  EXPECT_EQ(completed->record.thumbprint, added->record.thumbprint);
  EXPECT_EQ(read_file(key_file(completed->record, "cert.pem")),
            certificate_pem(*certificate).value());
  EXPECT_TRUE(store_->load_private_key(completed->record));
  // And a public half alone never takes the private one away.
  EXPECT_EQ(store_->add_key({"a", nullptr, &half, nullptr})->outcome, Keystore::Added::unchanged);
  EXPECT_TRUE(store_->load_private_key(completed->record));
}

TEST_F(KeystoreKeys, IsFoundByNameIdPrefixAndThumbprint) {
  const auto certificate = make_certificate(key_, "a").value();
  const KeyRecord record = store_->add_key({"a", &key_, nullptr, certificate.get()})->record;
  std::string colons;
  for (std::size_t i = 0; i < 40; i += 2) {
    colons += (i == 0 ? "" : ":") + to_upper(record.thumbprint.substr(i, 2));
  }
  for (const std::string& reference : {std::string("a"), record.id, record.id.substr(0, 16),
                                       record.thumbprint, to_upper(record.thumbprint), colons}) {
    const auto found = store_->find_key(reference);
    ASSERT_TRUE(found) << reference;
    EXPECT_EQ(found->id, record.id);
  }
  for (const std::string& reference :
       {std::string(), std::string("A"), std::string("aa"), record.id.substr(0, 15),
        record.id.substr(1), record.thumbprint.substr(1), record.id + "0"}) {
    expect_error(store_->find_key(reference), Code::absent, "no key");
  }
}

TEST_F(KeystoreKeys, AnAmbiguousReferenceIsRefused) {
  const KeyRecord first = add("a", key_);
  // A name may look like the beginning of another key's id.
  add(first.id.substr(0, 16), other_);
  expect_error(store_->find_key(first.id.substr(0, 16)), Code::absent, "more than one");
  EXPECT_TRUE(store_->find_key(first.id.substr(0, 17)));
}

TEST_F(KeystoreKeys, OnlyActiveAndRetiredKeysDecrypt) {
  const KeyRecord record = add("a", key_);
  for (const auto& [step, state, allowed] : std::vector<std::tuple<KeyStep, std::string, bool>>{
           {KeyStep::retire, "retired", true},
           {KeyStep::suspend, "suspended", false},
           {KeyStep::revoke, "revoked", false},
           {KeyStep::destroy, "destroyed", false}}) {
    ASSERT_TRUE(store_->step_key(record.id, step, "superseded"));
    // `record` still says active: what counts is what is stored now.
    const auto loaded = store_->load_private_key(record);
    EXPECT_EQ(loaded.has_value(), allowed) << state;
    if (!allowed) expect_error(loaded, Code::denied, "the key 'a' is " + state);
  }
}

TEST_F(KeystoreKeys, AMetaFileEditedByHandOpensNothing) {
  const KeyRecord record = add("a", key_);
  const std::string meta = key_file(record, "meta.json");
  const std::string good = read_file(meta);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"name\": \"a\"", "\"name\": \"b\""},
           {"\"state\": \"active\"", "\"state\": \"retired\""},
           {"\"everyone\": false", "\"everyone\": true"},
           {"\"users\": []", "\"users\": [\"mallory\"]"},
           {"{\n", "{ \n"}}) {
    edit(meta, from, to);
    expect_error(store_->load_private_key(record), Code::config,
                 "does not belong to the meta.json");
    expect_error(store_->step_key(record.id, KeyStep::suspend), Code::config, "private.key: ");
    write_file(meta, good);
  }
  ASSERT_TRUE(store_->load_private_key(record));
}

TEST_F(KeystoreKeys, ASuspendedOrRevokedKeyIsNotRevivedByHand) {
  const KeyRecord record = add("a", key_);
  const std::string meta = key_file(record, "meta.json");
  const std::string active = read_file(meta);
  ASSERT_TRUE(store_->step_key(record.id, KeyStep::suspend));
  const std::string envelope = read_file(key_file(record, "private.key"));
  write_file(meta, active);
  expect_error(store_->load_private_key(record), Code::config, "does not belong to the meta.json");
  ASSERT_FALSE(store_->step_key(record.id, KeyStep::revoke, "superseded"));
  // Nor by an envelope of another time.
  ASSERT_EQ(store_->find_key("a")->state, KeyState::active);
  write_file(key_file(record, "private.key"), envelope);
  expect_error(store_->load_private_key(record), Code::config, "does not belong to the meta.json");
}

TEST_F(KeystoreKeys, AnEnvelopeOfAnotherKeyIsNoticed) {
  const KeyRecord record = add("a", key_);
  const KeyRecord other = add("b", other_);
  const std::string file = key_file(record, "private.key");
  const std::string good = read_file(file);
  write_file(file, read_file(key_file(other, "private.key")));
  expect_error(store_->load_private_key(record), Code::config, "does not belong to the meta.json");
  for (const std::string& bad : {std::string(), std::string("garbage"), good.substr(0, 40),
                                 good.substr(0, good.size() - 1), good + "x"}) {
    write_file(file, bad);
    expect_error(store_->load_private_key(record), Code::config, file);
  }
  write_file(file, good);
  ASSERT_TRUE(store_->load_private_key(record));
}

TEST_F(KeystoreKeys, NoPlainKeyIsOnDisk) {
  const KeyRecord record = add("a", key_);
  const SecretBytes pem = key_.pkcs8_pem().value();
  const std::string line = std::string(as_text(pem.bytes())).substr(100, 40);
  for (const auto& file : fs::recursive_directory_iterator(path())) {
    if (!file.is_regular_file()) continue;
    EXPECT_EQ(read_file(file.path()).find(line), std::string::npos) << file.path();
  }
}

TEST_F(KeystoreKeys, TheRuleIsReplaced) {
  const KeyRecord record = add("a", key_);
  KeyRule rule;
  rule.signers = {std::string(40, 'A'), std::string(40, 'B')};
  rule.users = {"alice"};
  rule.groups = {"bio", "chem"};
  ASSERT_TRUE(store_->set_key_rule(record.id, rule));
  const KeyRule stored = store_->find_key("a")->rule;
  EXPECT_EQ(stored.signers, rule.signers);
  EXPECT_EQ(stored.users, rule.users);
  EXPECT_EQ(stored.groups, rule.groups);
  EXPECT_FALSE(stored.everyone);
  rule.signers = {"short"};
  expect_error(store_->set_key_rule(record.id, rule), Code::usage, "does not name a signer");
  EXPECT_EQ(store_->find_key("a")->rule.signers.size(), 2U);
  expect_error(store_->set_key_rule(std::string(64, '0'), KeyRule{}), Code::config, "cannot open");
  expect_error(store_->set_key_rule("../..", KeyRule{}), Code::config, "not a key's directory");
}

TEST_F(KeystoreKeys, EveryFileMustBeTrusted) {
  const KeyRecord record = add("a", key_);
  const std::string meta = key_file(record, "meta.json");
  const std::string pem = key_file(record, "private.key");
  ASSERT_EQ(::chmod(meta.c_str(), 0660), 0);
  expect_error(store_->keys(), Code::config, "chmod go-w " + meta);
  ASSERT_EQ(::chmod(meta.c_str(), 0600), 0);
  for (const mode_t mode : {0640U, 0604U, 0610U}) {
    ASSERT_EQ(::chmod(pem.c_str(), mode), 0);
    expect_error(store_->load_private_key(record), Code::config, "chmod 0600 " + pem);
  }
  ASSERT_EQ(::chmod(pem.c_str(), 0600), 0);
  ASSERT_TRUE(store_->load_private_key(record));
  fs::rename(pem, dir_ / "moved");
  expect_error(store_->load_private_key(record), Code::config, "private.key");
  ASSERT_EQ(::symlink((dir_ / "moved").c_str(), pem.c_str()), 0);
  expect_error(store_->load_private_key(record), Code::config, "symbolic link");
}

TEST_F(KeystoreKeys, ASwappedPublicHalfIsNoticed) {
  const KeyRecord record = add("a", key_);
  write_file(key_file(record, "public.pem"), other_.public_key()->spki_pem().value());
  expect_error(store_->load_public_key(record), Code::config, "another key");
}

TEST_F(KeystoreKeys, StraysAreNamedAndHiddenNamesSkipped) {
  add("a", key_);
  fs::create_directory(path() + "/keys/.tmp-crashed");
  EXPECT_EQ(store_->keys().value().size(), 1U);
  fs::create_directory(path() + "/keys/stray");
  expect_error(store_->keys(), Code::config, "stray is not a key's directory");
}

TEST_F(KeystoreKeys, TheNextWriterClearsWhatACrashLeft) {
  fs::create_directory(path() + "/keys/.tmp-crashed");
  write_file(path() + "/keys/.tmp-crashed/private.pem", "half a key");
  ASSERT_EQ(::symlink("/etc", (path() + "/keys/.tmp-crashed/link").c_str()), 0);
  add("a", key_);
  EXPECT_FALSE(fs::exists(path() + "/keys/.tmp-crashed"));
  EXPECT_TRUE(fs::exists("/etc/passwd"));
}

TEST_F(KeystoreKeys, AMetaFileUnderAForeignIdIsRefused) {
  const KeyRecord record = add("a", key_);
  fs::rename(path() + "/keys/" + record.id, path() + "/keys/" + std::string(64, 'a'));
  expect_error(store_->keys(), Code::config, "not the name of its directory");
}

TEST_F(KeystoreKeys, WritersWaitForEachOther) {
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto key = RsaPrivateKey::generate(2048);
      auto own = Keystore::open(path(), trust());
      const std::string name = "key" + std::to_string(i);
      ::_exit(key && own && own->add_key({name, &*key, nullptr, nullptr}) ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(store_->keys().value().size(), 4U);
}

}  // namespace
}  // namespace sifguard
