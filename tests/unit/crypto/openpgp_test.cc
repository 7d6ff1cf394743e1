#include "keystore/crypto/openpgp.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "tests/unit/crypto/gnupg.h"

namespace sifguard {
namespace {

using test::Gnupg;
using test::read_file;
using test::run;

constexpr const char* kThen = "20200101T000000!";  // of faked clocks

class OpenPgp : public testing::Test {
 protected:
  void SetUp() override {
    if (::access("/usr/bin/gpg", X_OK) != 0) GTEST_SKIP() << "gpg is not installed";
    ASSERT_EQ(::mkdir((dir_ / "home").c_str(), 0700), 0);
    auto opened = OpenPgpSession::open(dir_ / "home");
    ASSERT_TRUE(opened) << opened.error().line();
    session_.emplace(*std::move(opened));
  }
  PgpVerdict verify(const std::string& data, const std::string& signature) {
    auto verdict = session_->verify_detached(data, signature);
    EXPECT_TRUE(verdict) << verdict.error().line();
    return verdict ? *verdict : PgpVerdict{};
  }
  void import(const std::string& data) {
    const auto imported = session_->import(data);
    ASSERT_TRUE(imported) << imported.error().line();
  }
  test::TempDir dir_;
  Gnupg gnupg_{dir_};
  std::optional<OpenPgpSession> session_;
};

TEST_F(OpenPgp, InspectsTheVectorKey) {
  const std::string file = std::string(SIFGUARD_VECTORS) + "/keys/unit-public.asc";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no vectors at " << file;
  const auto keys = session_->inspect(read_file(file));
  ASSERT_TRUE(keys) << keys.error().line();
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->front().fingerprint, "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84");
  EXPECT_EQ(keys->front().user_id, "Unit Test <unit@test.com>");
  EXPECT_EQ(keys->front().algorithm, "rsa2048");
  EXPECT_EQ(keys->front().created, 1588023536);
  EXPECT_EQ(keys->front().expires, 0);
  EXPECT_FALSE(keys->front().revoked || keys->front().expired || keys->front().secret);
}

TEST_F(OpenPgp, VerifiesBinaryAndTextSignatures) {
  const std::string fingerprint = gnupg_.key("a");
  import(gnupg_.exported("a"));
  for (const char* how :
       {"--armor --detach-sign", "--detach-sign", "--textmode --detach-sign",
        "--digest-algo SHA256 --detach-sign", "--digest-algo SHA384 --detach-sign"}) {
    const PgpVerdict verdict = verify("statement\n", gnupg_.signature("a", "statement\n", how));
    EXPECT_EQ(verdict.status, PgpStatus::good) << how;
    EXPECT_EQ(verdict.primary, fingerprint);
    EXPECT_EQ(verdict.signer, fingerprint);
    EXPECT_EQ(verdict.expires, 0);
    EXPECT_NEAR(static_cast<double>(verdict.made), static_cast<double>(::time(nullptr)), 60);
  }
  EXPECT_EQ(verify("s", gnupg_.signature("a", "s", "--digest-algo SHA256 -b")).hash, "sha256");
}

TEST_F(OpenPgp, NamesThePrimaryKeyOfASubkey) {
  const std::string primary = gnupg_.key("a", "rsa2048", "cert");
  const std::string subkey = gnupg_.subkey(primary, "rsa2048");
  import(gnupg_.exported("a"));
  const PgpVerdict verdict = verify("s", gnupg_.signature(subkey, "s"));
  EXPECT_EQ(verdict.status, PgpStatus::good);
  EXPECT_EQ(verdict.primary, primary);
  EXPECT_EQ(verdict.signer, subkey);
  EXPECT_NE(primary, subkey);
}

TEST_F(OpenPgp, TellsBadFromUnknown) {
  const std::string fingerprint = gnupg_.key("a");
  gnupg_.key("b");
  import(gnupg_.exported("a"));
  const PgpVerdict bad = verify("other", gnupg_.signature("a", "s"));
  EXPECT_EQ(bad.status, PgpStatus::bad);
  EXPECT_EQ(bad.primary, fingerprint);
  const PgpVerdict unknown = verify("s", gnupg_.signature("b", "s"));
  EXPECT_EQ(unknown.status, PgpStatus::unknown_key);
  EXPECT_EQ(unknown.primary, "");
  EXPECT_EQ(unknown.signer, "");
}

TEST_F(OpenPgp, KnowsNoKeyOfTheUser) {
  gnupg_.key("a");
  const std::string signature = gnupg_.signature("a", "s");
  ::setenv("GNUPGHOME", (dir_ / "gnupg").c_str(), 1);
  const PgpVerdict verdict = verify("s", signature);
  ::unsetenv("GNUPGHOME");
  EXPECT_EQ(verdict.status, PgpStatus::unknown_key);
}

TEST_F(OpenPgp, RefusesWeakHashes) {
  gnupg_.key("a", "rsa2048");
  import(gnupg_.exported("a"));
  for (const char* hash : {"SHA1", "SHA224", "RIPEMD160"}) {
    const std::string how = std::string("--detach-sign --digest-algo ") + hash;
    const std::string signature = gnupg_.signature("a", "s", how);
    ASSERT_FALSE(signature.empty());
    const PgpVerdict verdict = verify("s", signature);
    EXPECT_EQ(verdict.status, PgpStatus::weak_hash) << hash;
    EXPECT_EQ(verify("other", signature).status, PgpStatus::bad);
  }
}

TEST_F(OpenPgp, RefusesWeakKeys) {
  for (const char* algorithm : {"rsa1024", "dsa2048"}) {
    const std::string fingerprint = gnupg_.key(algorithm, algorithm);
    import(gnupg_.exported(fingerprint));
    const PgpVerdict verdict = verify("s", gnupg_.signature(fingerprint, "s"));
    EXPECT_EQ(verdict.status, PgpStatus::weak_hash) << algorithm;
    EXPECT_EQ(verdict.primary, fingerprint);
  }
}

TEST_F(OpenPgp, RefusesAStrongSubkeyOfAWeakPrimary) {
  const std::string primary = gnupg_.key("a", "rsa1024", "cert");
  const std::string subkey = gnupg_.subkey(primary);
  import(gnupg_.exported("a"));
  EXPECT_EQ(verify("s", gnupg_.signature(subkey, "s")).status, PgpStatus::weak_hash);
}

TEST_F(OpenPgp, RefusesExpiredKeys) {
  const std::string fingerprint = gnupg_.key("a", "ed25519", "sign", "1y", kThen);
  const std::string signature = gnupg_.signature("a", "s", "--detach-sign", kThen);
  const auto keys = session_->inspect(gnupg_.exported("a"));
  ASSERT_TRUE(keys) << keys.error().line();
  EXPECT_TRUE(keys->front().expired);
  EXPECT_EQ(keys->front().expires, 1577836800 + 365 * 86400);
  import(gnupg_.exported("a"));
  const PgpVerdict verdict = verify("s", signature);
  EXPECT_EQ(verdict.status, PgpStatus::key_expired);
  EXPECT_EQ(verdict.primary, fingerprint);
  EXPECT_EQ(verdict.expires, 1577836800 + 365 * 86400);
  EXPECT_EQ(verdict.made, 1577836800);
}

TEST_F(OpenPgp, RefusesExpiredSubkeys) {
  const std::string primary = gnupg_.key("a", "ed25519", "cert", "never", kThen);
  const std::string subkey = gnupg_.subkey(primary, "ed25519", "sign", "1y", kThen);
  const std::string signature = gnupg_.signature(subkey, "s", "--detach-sign", kThen);
  import(gnupg_.exported("a"));
  const PgpVerdict verdict = verify("s", signature);
  EXPECT_EQ(verdict.status, PgpStatus::subkey_expired);
  EXPECT_EQ(verdict.signer, subkey);
  EXPECT_EQ(verdict.expires, 1577836800 + 365 * 86400);
}

TEST_F(OpenPgp, ReadsSignaturesAndKeysOfTheFuture) {
  const std::string ahead = "20900101T000000!";
  const std::string early = gnupg_.key("early");
  import(gnupg_.exported("early"));
  const PgpVerdict future = verify("s", gnupg_.signature("early", "s", "--detach-sign", ahead));
  EXPECT_EQ(future.status, PgpStatus::good);  // what a clock makes of it is not gpg's to say
  EXPECT_EQ(future.made, 3786912000);
  const std::string late = gnupg_.key("late", "ed25519", "sign", "never", ahead);
  import(gnupg_.exported("late"));
  const PgpVerdict both = verify("s", gnupg_.signature("late", "s", "--detach-sign", ahead));
  EXPECT_EQ(both.status, PgpStatus::good);
  EXPECT_EQ(both.made, 3786912000);
}

TEST_F(OpenPgp, RefusesSignaturesOlderThanTheirKey) {
  const std::string fingerprint = gnupg_.key("a", "ed25519", "sign", "never", "20210101T000000!");
  import(gnupg_.exported("a"));
  const std::string how = "--ignore-time-conflict --detach-sign";
  const std::string signature = gnupg_.signature("a", "s", how, kThen);
  ASSERT_FALSE(signature.empty());
  const PgpVerdict verdict = verify("s", signature);
  EXPECT_EQ(verdict.status, PgpStatus::before_its_key);
  EXPECT_EQ(verdict.primary, fingerprint);
}

TEST_F(OpenPgp, RefusesExpiredSignatures) {
  gnupg_.key("a", "ed25519", "sign", "never", kThen);
  const std::string how = "--default-sig-expire 10d --detach-sign";
  const std::string signature = gnupg_.signature("a", "s", how, kThen);
  import(gnupg_.exported("a"));
  const PgpVerdict verdict = verify("s", signature);
  EXPECT_EQ(verdict.status, PgpStatus::signature_expired);
  EXPECT_EQ(verdict.expires, 1577836800 + 10 * 86400);
}

TEST_F(OpenPgp, KeepsTheEarliestExpiry) {
  const std::string primary = gnupg_.key("a", "ed25519", "cert", "3y");
  const std::string subkey = gnupg_.subkey(primary, "ed25519", "sign", "2y");
  import(gnupg_.exported("a"));
  const auto days = [&](const std::string& how) {
    const PgpVerdict verdict = verify("s", gnupg_.signature(subkey, "s", how));
    EXPECT_EQ(verdict.status, PgpStatus::good);
    return (verdict.expires - verdict.made + 3600) / 86400;
  };
  EXPECT_EQ(days("--detach-sign"), 730);
  EXPECT_EQ(days("--default-sig-expire 5d --detach-sign"), 5);
}

TEST_F(OpenPgp, RefusesRevokedKeys) {
  const std::string fingerprint = gnupg_.key("a");
  const std::string signature = gnupg_.signature("a", "s");
  ASSERT_EQ(run(dir_, "sed 's/^:-----/-----/' gnupg/openpgp-revocs.d/" + fingerprint +
                          ".rev | gpg --homedir gnupg --batch --import"),
            0);
  const auto keys = session_->inspect(gnupg_.exported("a"));
  ASSERT_TRUE(keys) << keys.error().line();
  EXPECT_TRUE(keys->front().revoked);
  import(gnupg_.exported("a"));
  const PgpVerdict verdict = verify("s", signature);
  EXPECT_EQ(verdict.status, PgpStatus::key_revoked);
  EXPECT_EQ(verdict.primary, fingerprint);
}

TEST_F(OpenPgp, RefusesRevokedSubkeysAndKeepsTheOthers) {
  const std::string primary = gnupg_.key("a", "ed25519", "sign");
  const std::string subkey = gnupg_.subkey(primary);
  const std::string by_subkey = gnupg_.signature(subkey, "s");
  const std::string by_primary = gnupg_.signature(primary, "s");
  ASSERT_EQ(run(dir_,
                "printf 'key 1\\nrevkey\\ny\\n0\\n\\ny\\nsave\\n' | gpg --homedir gnupg "
                "--no-tty --pinentry-mode loopback --passphrase '' --command-fd 0 "
                "--edit-key " +
                    primary),
            0);
  import(gnupg_.exported("a"));
  EXPECT_EQ(verify("s", by_subkey).status, PgpStatus::subkey_revoked);
  EXPECT_EQ(verify("s", by_primary).status, PgpStatus::good);
  // A revocation survives in what is stored.
  const auto minimal = session_->export_armored(primary);
  ASSERT_TRUE(minimal);
  ASSERT_EQ(::mkdir((dir_ / "home2").c_str(), 0700), 0);
  auto second = OpenPgpSession::open(dir_ / "home2").value();
  ASSERT_TRUE(second.import(*minimal));
  EXPECT_EQ(second.verify_detached("s", by_subkey).value().status, PgpStatus::subkey_revoked);
}

TEST_F(OpenPgp, WantsExactlyOneDetachedSignature) {
  gnupg_.key("a");
  gnupg_.key("b");
  import(gnupg_.exported("a"));
  import(gnupg_.exported("b"));
  const std::string a = gnupg_.signature("a", "s", "--detach-sign");
  const std::string b = gnupg_.signature("b", "s", "--detach-sign");
  const std::vector<std::string> all = {"",
                                        "s",
                                        a + b,
                                        a + a,
                                        a + "x",
                                        gnupg_.signature("a", "s", "--sign"),
                                        gnupg_.signature("a", "s", "--armor --sign"),
                                        gnupg_.signature("a", "s", "--clearsign"),
                                        gnupg_.signature("a", "s", "-u b --armor --detach-sign"),
                                        gnupg_.exported("a"),
                                        gnupg_.exported("a", "")};
  for (const auto& signature : all) {
    EXPECT_EQ(verify("s", signature).status, PgpStatus::malformed) << signature.substr(0, 40);
  }
  EXPECT_EQ(verify("s", a).status, PgpStatus::good);
}

TEST_F(OpenPgp, NoFlippedBitIsGood) {
  gnupg_.key("a");
  import(gnupg_.exported("a"));
  const std::string whole = gnupg_.signature("a", "s", "--detach-sign");
  for (std::size_t at = 0; at < whole.size(); at += 5) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x04);
    const auto verdict = session_->verify_detached("s", flipped);
    // The unhashed issuer may change without harm; it cannot change who is found.
    if (!verdict || verdict->status != PgpStatus::good) continue;
    EXPECT_EQ(verdict->primary, gnupg_.fingerprints("a").at(0)) << at;
    EXPECT_GT(at, 30U) << "a hashed byte was changed";
  }
}

TEST_F(OpenPgp, RefusesSecretKeys) {
  const std::string fingerprint = gnupg_.key("a");
  for (const char* how : {"--armor", ""}) {
    ASSERT_EQ(gnupg_.gpg(std::string(how) + " -o secret --export-secret-keys a"), 0);
    const auto keys = session_->inspect(read_file(dir_ / "secret"));
    ASSERT_TRUE(keys) << keys.error().line();
    EXPECT_TRUE(keys->front().secret);
    const auto imported = session_->import(read_file(dir_ / "secret"));
    ASSERT_FALSE(imported);
    EXPECT_EQ(imported.error().code(), Code::refused);
    EXPECT_NE(imported.error().what().find("secret"), std::string::npos);
    EXPECT_FALSE(session_->export_armored(fingerprint));
  }
}

TEST_F(OpenPgp, SeesEveryKeyOfAFile) {
  const std::string a = gnupg_.key("a");
  const std::string b = gnupg_.key("b");
  const auto joined = session_->inspect(gnupg_.exported("a b", ""));
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->size(), 2U);
  const auto apart = session_->inspect(gnupg_.exported("a") + gnupg_.exported("b"));
  ASSERT_TRUE(apart);
  ASSERT_EQ(apart->size(), 2U);
  EXPECT_EQ(apart->front().fingerprint, a);
  EXPECT_EQ(apart->back().fingerprint, b);
}

TEST_F(OpenPgp, InspectingImportsNothing) {
  const std::string fingerprint = gnupg_.key("a");
  ASSERT_TRUE(session_->inspect(gnupg_.exported("a")));
  EXPECT_FALSE(session_->export_armored(fingerprint));
  EXPECT_EQ(verify("s", gnupg_.signature("a", "s")).status, PgpStatus::unknown_key);
}

TEST_F(OpenPgp, RefusesWhatIsNoKey) {
  gnupg_.key("a");
  const std::string key = gnupg_.exported("a", "");
  for (const std::string& data : {std::string(), std::string("hello"), key.substr(0, 20),
                                  std::string(2000000, 'x'), gnupg_.signature("a", "s")}) {
    const auto keys = session_->inspect(data);
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error().code(), Code::refused);
    EXPECT_FALSE(session_->import(data));
  }
}

TEST_F(OpenPgp, ExportsThePrimaryKeyOnly) {
  const std::string primary = gnupg_.key("a");
  const std::string subkey = gnupg_.subkey(primary);
  gnupg_.key("b");
  gnupg_.gpg("-u b --quick-sign-key " + primary);
  const std::string whole = gnupg_.exported("a");
  import(whole);
  const auto minimal = session_->export_armored(primary);
  ASSERT_TRUE(minimal) << minimal.error().line();
  EXPECT_TRUE(minimal->starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----"));
  EXPECT_LT(minimal->size(), whole.size());  // b's signature is gone
  EXPECT_FALSE(session_->export_armored(subkey));
  EXPECT_FALSE(session_->export_armored(primary.substr(24)));
  EXPECT_FALSE(session_->export_armored(std::string(40, '0')));
}

TEST_F(OpenPgp, WantsAPrivateEmptyHomeAndAWorkingGpg) {
  const auto refused = [](const std::string& home, const std::string& gpg, Code code) {
    const auto session = OpenPgpSession::open(home, gpg);
    ASSERT_FALSE(session) << home << " " << gpg;
    EXPECT_EQ(session.error().code(), code) << session.error().line();
  };
  ASSERT_EQ(run(dir_, "mkdir -m 700 full e1 e2 e3; touch full/x; mkdir -m 755 open; ln -s e1 link"),
            0);
  refused(dir_ / "missing", "/usr/bin/gpg", Code::config);
  refused(dir_ / "full", "/usr/bin/gpg", Code::config);
  refused(dir_ / "open", "/usr/bin/gpg", Code::config);
  refused(dir_ / "link", "/usr/bin/gpg", Code::config);
  refused(dir_ / "e1", "/nonexistent/gpg", Code::unavailable);
  refused(dir_ / "e2", "gpg", Code::unavailable);
  test::write_file(dir_ / "fake", "#!/bin/sh\nexit 1\n");
  ASSERT_EQ(::chmod((dir_ / "fake").c_str(), 0755), 0);
  refused(dir_ / "e3", dir_ / "fake", Code::unavailable);
}

TEST_F(OpenPgp, LeavesNoAgentBehind) {
  gnupg_.key("a");
  import(gnupg_.exported("a"));
  verify("s", gnupg_.signature("a", "s"));
  ASSERT_EQ(gnupg_.gpg("-o secret --export-secret-keys a"), 0);
  static_cast<void>(session_->inspect(read_file(dir_ / "secret")));
  session_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(dir_ / "home")) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("S.")) << entry.path();
  }
  EXPECT_NE(run(dir_, "grep -alz -- '" + (dir_ / "home") +
                          "' /proc/[0-9]*/cmdline | "
                          "grep -v -e \"^/proc/$$/\" -e /proc/self | xargs -r grep -al gpg-agent"),
            0);
}

}  // namespace
}  // namespace sifguard
