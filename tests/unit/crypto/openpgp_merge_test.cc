// Copies of an OpenPGP key, older and newer, merged in every order.
#include "keystore/crypto/openpgp_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/crypto/gnupg.h"
#include "tests/unit/crypto/small_exponent_key.h"

namespace sifguard {
namespace {

using test::Gnupg;
using test::read_file;
using test::run;
using ::testing::HasSubstr;

constexpr const char* kThen = "20200101T000000!";
constexpr const char* kLater = "20210101T000000!";

class OpenPgpMerge : public testing::Test {
 protected:
  void SetUp() override {
    if (::access("/usr/bin/gpg", X_OK) != 0) GTEST_SKIP() << "gpg is not installed";
  }
  OpenPgpSession session() {
    const std::string home = dir_ / ("home" + std::to_string(++homes_));
    EXPECT_EQ(::mkdir(home.c_str(), 0700), 0);
    return OpenPgpSession::open(home).value();
  }
  Result<PgpMerged> merge(const std::string& added, const std::string& stored = {},
                          const std::string& wanted = {}) {
    OpenPgpSession fresh = session();
    return merge_openpgp_key(fresh, {added, wanted, stored});
  }
  /// The stored copy after these were added one after the other.
  PgpMerged merge_all(const std::vector<std::string>& copies) {
    PgpMerged merged;
    for (const std::string& copy : copies) {
      auto next = merge(copy, merged.armored);
      EXPECT_TRUE(next) << next.error().line();
      if (next) merged = *std::move(next);
    }
    return merged;
  }
  PgpStatus verify(const PgpMerged& stored, const std::string& signature) {
    OpenPgpSession fresh = session();
    EXPECT_TRUE(fresh.import(stored.armored));
    return fresh.verify_detached("s", signature).value().status;
  }
  void expect_refused(const Result<PgpMerged>& merged, Code code, const std::string& words) {
    ASSERT_FALSE(merged) << merged->names;
    EXPECT_EQ(merged.error().code(), code);
    EXPECT_THAT(merged.error().line(), HasSubstr(words));
  }
  void edit(const std::string& key, const std::string& commands) {
    EXPECT_EQ(run(dir_, "printf '" + commands +
                            "' | gpg --homedir gnupg --no-tty --pinentry-mode loopback "
                            "--passphrase '' --command-fd 0 --edit-key " +
                            key),
              0);
  }
  std::string revocation(const std::string& key) {
    run(dir_, "sed 's/^:---/---/' gnupg/openpgp-revocs.d/" + key + ".rev >rev.asc");
    return read_file(dir_ / "rev.asc");
  }
  test::TempDir dir_;
  Gnupg gnupg_{dir_};
  int homes_ = 0;
};

TEST_F(OpenPgpMerge, TheFirstCopyIsTakenWhole) {
  const std::string primary = gnupg_.key("a", "ed25519", "cert", "never", kThen);
  const std::string expired = gnupg_.subkey(primary, "ed25519", "sign", "1y", kThen);
  const std::string signature = gnupg_.signature(expired, "s", "--detach-sign", kThen);
  const auto merged = merge(gnupg_.exported("a", ""));
  ASSERT_TRUE(merged) << merged.error().line();
  EXPECT_EQ(merged->names, primary);
  EXPECT_FALSE(merged->before);
  EXPECT_FALSE(merged->revocation);
  ASSERT_TRUE(merged->after);
  EXPECT_EQ(merged->after->fingerprint, primary);
  ASSERT_EQ(merged->after->parts.size(), 2U);
  EXPECT_FALSE(merged->after->parts[0].can_sign);
  EXPECT_EQ(merged->after->parts[1].fingerprint, expired);
  EXPECT_TRUE(merged->after->parts[1].can_sign && merged->after->parts[1].expired);
  EXPECT_FALSE(merged->after->parts[1].signs_now());
  // What has expired is said to have; gpg's minimal copies forget it.
  EXPECT_EQ(verify(*merged, signature), PgpStatus::subkey_expired);
}

TEST_F(OpenPgpMerge, NoOrderUndoesASubkeysRevocation) {
  const std::string primary = gnupg_.key("a", "ed25519", "cert", "never", kThen);
  const std::string subkey = gnupg_.subkey(primary, "ed25519", "sign", "never", kThen);
  const std::string signature = gnupg_.signature(subkey, "s");
  const std::string before = gnupg_.exported("a");
  const std::string newer = gnupg_.subkey(primary);
  const std::string by_newer = gnupg_.signature(newer, "s");
  edit(primary, "key 1\\nrevkey\\ny\\n1\\nx\\n\\ny\\nsave\\n");
  const std::string after = gnupg_.exported("a");
  for (const auto& order :
       {std::vector{after}, std::vector{before, after}, std::vector{after, before},
        std::vector{before, after, before}, std::vector{after, before, after, before}}) {
    const PgpMerged merged = merge_all(order);
    EXPECT_EQ(verify(merged, signature), PgpStatus::subkey_revoked);
    EXPECT_EQ(verify(merged, by_newer), PgpStatus::good);
    EXPECT_FALSE(merged.after->revoked);
  }
  // An older copy changes nothing at all, so that sifctl can say so.
  const PgpMerged stored = merge_all({before, after});
  EXPECT_EQ(merge_all({before, after, before}).armored, stored.armored);
  EXPECT_EQ(merge_all({before, after, after}).armored, stored.armored);
}

TEST_F(OpenPgpMerge, TheNewestSignatureSaysUntilWhen) {
  const std::string primary = gnupg_.key("a", "ed25519", "sign", "never", kThen);
  const std::string never = gnupg_.exported("a");
  gnupg_.gpg("--faked-system-time 20200601T000000! --quick-set-expire " + primary + " 20y");
  const std::string longer = gnupg_.exported("a");
  gnupg_.gpg("--faked-system-time 20200701T000000! --quick-set-expire " + primary + " 1y");
  const std::string shorter = gnupg_.exported("a");
  for (const auto& order :
       {std::vector{never, longer, shorter}, std::vector{shorter, longer, never},
        std::vector{longer, shorter, never}, std::vector{never, shorter, longer}}) {
    const PgpMerged merged = merge_all(order);
    EXPECT_TRUE(merged.after->expired);
    EXPECT_EQ(merged.after->expires / 86400, 1625097600 / 86400);  // 2021-07-01
  }
  EXPECT_FALSE(merge_all({longer, never}).after->expired);
  EXPECT_NE(merge_all({longer, never}).after->expires, 0);
}

/// A clock was ahead: neither a longer nor a shorter life counts, nor a subkey, whatever comes
/// last.
TEST_F(OpenPgpMerge, WhatIsDatedInTheFutureDoesNotCount) {
  const std::string primary = gnupg_.key("a", "ed25519", "sign", "never", kThen);
  gnupg_.gpg("--faked-system-time 20200601T000000! --quick-set-expire " + primary + " 30y");
  const std::string now = gnupg_.exported("a");
  const std::int64_t until = merge_all({now}).after->expires;
  for (const char* end : {"90y", "1d"}) {
    gnupg_.gpg("--faked-system-time 20900101T000000! --quick-set-expire " + primary + " " + end);
    const std::string ahead = gnupg_.exported("a");
    EXPECT_TRUE(merge(ahead, now)->left_out);
    for (const auto& order : {std::vector{now, ahead}, std::vector{ahead, now}}) {
      const PgpMerged merged = merge_all(order);
      EXPECT_EQ(merged.after->expires, until) << end;
      EXPECT_FALSE(merged.after->expired);
    }
    OpenPgpSession fresh = session();  // as a node has it
    ASSERT_TRUE(fresh.import(merge_all({ahead, now}).armored));
    const auto read = fresh.inspect(fresh.export_armored(primary).value());
    EXPECT_EQ(read->front().expires, until) << end;
  }
  EXPECT_FALSE(merge(now)->left_out);
}

TEST_F(OpenPgpMerge, RevocationsOfTheFutureCount) {
  const std::string primary = gnupg_.key("a", "ed25519", "cert", "never", kThen);
  const std::string subkey = gnupg_.subkey(primary, "ed25519", "sign", "never", kThen);
  const std::string signature = gnupg_.signature(subkey, "s");
  EXPECT_EQ(run(dir_,
                "printf 'key 1\\nrevkey\\ny\\n1\\nx\\n\\ny\\nsave\\n' | gpg --homedir gnupg "
                "--faked-system-time 20900101T000000! --no-tty --pinentry-mode loopback "
                "--passphrase '' --command-fd 0 --edit-key " +
                    primary),
            0);
  const PgpMerged merged = merge_all({gnupg_.exported("a")});
  EXPECT_EQ(verify(merged, signature), PgpStatus::subkey_revoked);
}

TEST_F(OpenPgpMerge, TheOwnersRevocationIsTakenAndStays) {
  const std::string primary = gnupg_.key("a");
  const std::string signature = gnupg_.signature("a", "s");
  const std::string before = gnupg_.exported("a");
  const std::string alone = revocation(primary);
  const auto merged = merge(alone, merge_all({before}).armored);
  ASSERT_TRUE(merged) << merged.error().line();
  EXPECT_TRUE(merged->revocation);
  EXPECT_EQ(merged->names, primary);
  EXPECT_FALSE(merged->before->revoked);
  EXPECT_TRUE(merged->after->revoked);
  EXPECT_EQ(verify(*merged, signature), PgpStatus::key_revoked);
  EXPECT_EQ(merge_all({before, merged->armored, before}).armored, merged->armored);
  EXPECT_EQ(merge_all({before, alone, before}).armored, merged->armored);
  EXPECT_EQ(merge(alone, merged->armored)->armored, merged->armored);  // the same again
}

TEST_F(OpenPgpMerge, ARevocationAloneSaysWhose) {
  const std::string primary = gnupg_.key("a");
  const auto merged = merge(revocation(primary));
  ASSERT_TRUE(merged) << merged.error().line();
  EXPECT_EQ(merged->names, primary);
  EXPECT_TRUE(merged->revocation);
  EXPECT_FALSE(merged->after);
  EXPECT_EQ(merged->armored, "");
}

TEST_F(OpenPgpMerge, RevocationsOfOthersChangeNothing) {
  gnupg_.key("a");
  const std::string b = gnupg_.key("b");
  const std::string stored = merge_all({gnupg_.exported("a")}).armored;
  expect_refused(merge(revocation(b), stored), Code::refused, "was not made by the key");
  std::string forged = revocation(gnupg_.fingerprints("a").at(0));
  forged[forged.find("iH") + 60] ^= 1;  // in the middle of the first line of base64
  const auto merged = merge(forged, stored);
  EXPECT_FALSE(merged);
}

TEST_F(OpenPgpMerge, TakesCopiesWithoutUserIds) {
  const std::string primary = gnupg_.key("a", "ed25519", "cert", "never", kThen);
  const std::string stored = merge_all({gnupg_.exported("a")}).armored;
  const std::string newer = gnupg_.subkey(primary, "ed25519", "sign", "never", kLater);
  const std::string signature = gnupg_.signature(newer, "s");
  // As keys.openpgp.org sends it to who has not shown its address.
  ASSERT_EQ(gnupg_.gpg("--export-filter drop-subkey=x=y -o whole --export a"), 0);
  const std::string bare = [&] {
    std::string text;
    const std::string whole = gnupg_.exported("a", "");
    // Primary key packet (old format, one-octet length), user id and its signature left out.
    const auto size = [&](std::size_t at) {
      return 2U + static_cast<unsigned char>(whole[at + 1]);
    };
    std::size_t at = size(0);
    text = whole.substr(0, at);
    EXPECT_EQ(static_cast<unsigned char>(whole[at]) >> 2U & 0xFU, 13U);
    at += size(at);
    EXPECT_EQ(static_cast<unsigned char>(whole[at]) >> 2U & 0xFU, 2U);
    at += size(at);
    return text + whole.substr(at);
  }();
  const auto alone = merge(bare);
  ASSERT_TRUE(alone) << alone.error().line();
  EXPECT_FALSE(alone->after);
  EXPECT_EQ(alone->names, primary);
  const auto merged = merge(bare, stored);
  ASSERT_TRUE(merged) << merged.error().line();
  EXPECT_EQ(merged->after->user_id, "a");
  EXPECT_EQ(verify(*merged, signature), PgpStatus::good);
}

TEST_F(OpenPgpMerge, PicksOneKeyAndNoSecretOne) {
  const std::string a = gnupg_.key("a");
  const std::string b = gnupg_.key("b");
  const std::string both = gnupg_.exported("a b");
  expect_refused(merge(both), Code::usage, "holds 2 keys; pick one");
  EXPECT_EQ(merge(both, {}, b)->names, b);
  EXPECT_EQ(merge(both, {}, a)->after->user_id, "a");
  expect_refused(merge(both, {}, std::string(40, '0')), Code::absent, "no key with the primary");
  expect_refused(merge(both, {}, "alice"), Code::usage, "not a full");
  const std::string stored = merge(both, {}, b)->armored;
  expect_refused(merge(gnupg_.exported("a"), stored), Code::config, "of another key");
  ASSERT_EQ(gnupg_.gpg("-o secret --export-secret-keys a"), 0);
  expect_refused(merge(read_file(dir_ / "secret")), Code::refused, "secret half of key " + a);
}

TEST_F(OpenPgpMerge, RefusesWhatIsNoWholeKey) {
  gnupg_.key("a");
  const std::string stored = merge_all({gnupg_.exported("a")}).armored;
  const std::string whole = gnupg_.exported("a", "");
  for (const std::string& data :
       {gnupg_.signature("a", "s"), std::string("hello"), std::string(), whole + "x",
        whole.substr(0, whole.size() - 1), whole.substr(0, 60)}) {
    expect_refused(merge(data, stored), Code::refused, "OpenPGP key");
    expect_refused(merge(data), Code::refused, "OpenPGP key");
  }
}

TEST_F(OpenPgpMerge, ASmallExponentIsNotTakenInAndCountsForNothing) {
  const std::string key = test::kSmallExponentKey;
  expect_refused(merge(key), Code::refused, "exponent is less than 65537");
  expect_refused(merge(gnupg_.exported(gnupg_.key("a")) + key, {}, test::kSmallExponentFingerprint),
                 Code::refused, "exponent is less than 65537");
  // One that is stored from before is read as ever.
  const auto stored = merge(key, key);
  ASSERT_TRUE(stored) << stored.error().line();
  EXPECT_EQ(verify(*stored, test::kSmallExponentSignature), PgpStatus::weak_hash);
  // A key beside it is not concerned.
  OpenPgpSession both = session();
  ASSERT_TRUE(both.import(gnupg_.exported("a")));
  ASSERT_TRUE(both.import(key));
  EXPECT_EQ(both.verify_detached("s", gnupg_.signature("a", "s")).value().status, PgpStatus::good);
}

}  // namespace
}  // namespace sifguard
