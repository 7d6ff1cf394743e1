#include "keystore/store/revoked_digests.h"

#include <sys/wait.h>

#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

class RevokedDigests : public test::StoreFixture {
 protected:
  static std::string digest(char letter) { return "sha256:" + std::string(64, letter); }
  Result<Keystore::Added> revoke(const std::string& one, const std::string& reason = "old") {
    return revoke_digest(*store_, {one, 0, reason});
  }
  [[nodiscard]] Status check(const std::string& one) const {
    SG_TRY(const auto all, revoked_digests(*store_));
    return check_not_revoked(all, one);
  }
  [[nodiscard]] std::string file() const { return path() + "/revoked.json"; }
};

TEST_F(RevokedDigests, NoneAtFirst) {
  EXPECT_TRUE(revoked_digests(*store_)->empty());
  EXPECT_TRUE(check(digest('a')));
}

TEST_F(RevokedDigests, RevokedAndRestored) {
  EXPECT_EQ(revoke(digest('a'), "CVE-1").value(), Keystore::Added::added);
  EXPECT_EQ(revoke(digest('b')).value(), Keystore::Added::added);
  EXPECT_EQ(revoke(digest('a'), "again").value(), Keystore::Added::unchanged);
  reopen();
  const auto all = revoked_digests(*store_).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].digest, digest('a'));
  EXPECT_EQ(all[0].reason, "CVE-1");
  EXPECT_GT(all[0].since, 0);
  expect_error(check(digest('a')), Code::denied, "CVE-1");
  EXPECT_TRUE(check(digest('c')));
  ASSERT_TRUE(restore_digest(*store_, digest('a')).value());
  EXPECT_TRUE(check(digest('a')));
  expect_error(check(digest('b')), Code::denied, "revoked");
  EXPECT_FALSE(restore_digest(*store_, digest('a')).value());
}

TEST_F(RevokedDigests, RefusesWhatIsNoDigestAndNoReason) {
  for (const std::string& bad :
       {std::string(), std::string(64, 'a'), "sha256:" + std::string(63, 'a'),
        "sha256:" + std::string(64, 'A'), "sha512:" + std::string(64, 'a'), digest('g')}) {
    expect_error(revoke(bad), Code::usage, "not a digest");
  }
  for (const std::string& bad : {std::string(), std::string("a\nb"), std::string("\x1b[2J"),
                                 std::string("\xff"), std::string(501, 'x')}) {
    expect_error(revoke(digest('a'), bad), Code::usage, "the reason");
  }
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(RevokedDigests, ADamagedFileRefusesEverything) {
  ASSERT_TRUE(revoke(digest('a')));
  const std::string good = test::read_file(file());
  for (const char* bad : {"", "{}", "{\"version\": 2, \"digests\": []}", "{\"version\": 1}",
                          "{\"version\": 1, \"digests\": [1]}",
                          "{\"version\": 1, \"digests\": [{\"digest\": \"x\"}]}"}) {
    test::write_file(file(), bad);
    expect_error(check(digest('b')), Code::config, file());
    expect_error(revoke(digest('b')), Code::config, file());
  }
  test::write_file(file(), good);
  edit(file(), "\"reason\"", "\"more\": 1, \"reason\"");
  expect_error(check(digest('b')), Code::config, "unknown field 'more'");
  test::write_file(file(), good);
  std::filesystem::permissions(file(), std::filesystem::perms(0660));
  expect_error(check(digest('b')), Code::config, "chmod go-w " + file());
}

TEST_F(RevokedDigests, WritersWaitForEachOther) {
  std::vector<pid_t> children;
  for (const char letter : {'a', 'b', 'c', 'd', 'e', 'f'}) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(revoke(digest(letter)) ? 0 : 1);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(revoked_digests(*store_)->size(), 6U);
}

TEST_F(RevokedDigests, ManyAreNoProblem) {
#ifdef SIFGUARD_SANITIZED
  constexpr int kMany = 1000;  // slow there
#else
  constexpr int kMany = 10000;
#endif
  std::vector<RevokedDigest> many;
  for (int i = 0; i < kMany; ++i) {
    std::string number = std::to_string(i);
    many.push_back({"sha256:" + std::string(64 - number.size(), '0') + number, 1, "old"});
  }
  test::write_file(file(), format_revoked(many));
  expect_error(check(many.back().digest), Code::denied, "old");
  EXPECT_TRUE(check(digest('a')));
}

}  // namespace
}  // namespace sifguard
