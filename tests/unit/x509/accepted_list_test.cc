// Which revocation lists enter a keystore, and which take another's place.
#include "keystore/x509/accepted_list.h"

#include <gmock/gmock.h>

#include "tests/unit/x509/certificate_fixture.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;

Result<TrustFile> accept(const std::string& list, std::int64_t later = 0,
                         const std::vector<std::string>& known = {"root", "inter"}) {
  std::vector<Certificate> authorities;
  for (const std::string& name : known) {
    authorities.push_back(*parse_one_certificate(test::pem(name)));
  }
  return accept_revocation_list(test::pki_file(list + ".crl"), authorities,
                                test::made_at() + later);
}

std::string why(const std::string& list, std::int64_t later = 0,
                const std::vector<std::string>& known = {"root", "inter"}) {
  const auto accepted = accept(list, later, known);
  EXPECT_FALSE(accepted) << list;
  if (accepted) return {};
  EXPECT_EQ(accepted.error().code(), Code::refused);
  return accepted.error().line();
}

TEST(AcceptedList, IsSignedByAKnownCAAsALaunchWantsIt) {
  for (const char* const name : {"inter", "root", "number", "idp_user", "idp_shard", "hold"}) {
    EXPECT_TRUE(accept(name)) << name;
  }
  EXPECT_TRUE(accept("inter", 8 * test::kDay));  // what it revokes counts
  EXPECT_THAT(why("rogueinter"),
              HasSubstr("'CN=Test CA,O=Test' is not signed by its issuer's key"));
  EXPECT_THAT(why("sha1"), HasSubstr("is signed with a weak algorithm"));
  EXPECT_THAT(why("nocrlsign", 0, {"root", "nocrlsign"}), HasSubstr("lacks cRLSign"));
  EXPECT_THAT(why("delta"), HasSubstr("is a delta list"));
  EXPECT_THAT(why("strange"), HasSubstr("unknown critical extension 1.2.3.4"));
  EXPECT_THAT(why("idp_indirect"), HasSubstr("is an indirect list"));
  EXPECT_THAT(why("idp_reasons"), HasSubstr("is for some reasons only"));
  EXPECT_THAT(why("serverca"), HasSubstr("of a CA that the keystore does not know; add that CA"));
  EXPECT_THAT(why("inter", 0, {"root"}), HasSubstr("does not know"));
  EXPECT_THAT(why("inter", -400), HasSubstr("is dated in the future"));
  EXPECT_TRUE(accept("inter", 0, {"root", "rogueinter", "inter"}));  // two of one name
}

TEST(AcceptedList, ListsOfOneSeriesShareAName) {
  EXPECT_EQ(accept("inter")->name, accept("number")->name);
  EXPECT_NE(accept("inter")->name, accept("root")->name);
  EXPECT_NE(accept("inter")->name, accept("idp_user")->name);
  EXPECT_NE(accept("idp_shard")->name, accept("idp_user")->name);
  EXPECT_EQ(accept("idp_shard")->name, accept("shardrevoked")->name);
  const std::vector<std::string> rogue = {"rogueinter"};
  EXPECT_NE(accept("rogueinter", 0, rogue)->name, accept("inter")->name);  // after a change of keys
}

TEST(AcceptedList, DatesAndNumbersOnlyGrow) {
  TrustFile known;
  known.from = 1000;
  known.number = std::string(38, '0') + "1f";
  TrustFile fresh = known;
  EXPECT_EQ(why_not_newer(fresh, known, 5000), "");
  fresh.from = 999;
  EXPECT_THAT(why_not_newer(fresh, known, 5000),
              HasSubstr("is of 1970-01-01T00:16:39Z, before the one"));
  fresh.number = std::string(38, '0') + "ff";
  EXPECT_NE(why_not_newer(fresh, known, 5000), "");
  fresh.from = 2000;
  EXPECT_EQ(why_not_newer(fresh, known, 5000), "");
  fresh.number = std::string(38, '0') + "1e";
  EXPECT_THAT(why_not_newer(fresh, known, 5000),
              HasSubstr("has the number 0x1e, below that of the one that is there, 0x1f"));
  fresh.number = "";  // a CA that counts no more
  EXPECT_EQ(why_not_newer(fresh, known, 5000), "");
  known.number = "";
  EXPECT_EQ(why_not_newer(fresh, known, 5000), "");
}

TEST(AcceptedList, OneOfTheFutureKeepsNoneOutByItsDate) {
  constexpr std::int64_t kNow = 5000;
  TrustFile known, fresh;
  known.from = kNow + 300;
  fresh.from = kNow;
  EXPECT_THAT(why_not_newer(fresh, known, kNow), HasSubstr("before the one that is there"));
  ++known.from;  // past the allowance for clocks
  EXPECT_EQ(why_not_newer(fresh, known, kNow), "");
  known.number = std::string(38, '0') + "1f";
  fresh.number = std::string(38, '0') + "1e";
  EXPECT_THAT(why_not_newer(fresh, known, kNow), HasSubstr("has the number 0x1e, below"));
  fresh.number = std::string(38, '0') + "20";
  EXPECT_EQ(why_not_newer(fresh, known, kNow), "");
  // Nor does it come back, whatever its number.
  EXPECT_THAT(why_not_newer(known, fresh, kNow),
              HasSubstr("is dated in the future: 1970-01-01T01:"));
  known.number = std::string(38, '0') + "21";
  EXPECT_THAT(why_not_newer(known, fresh, kNow), HasSubstr("is dated in the future"));
  // Of two that are of the future the later one stays.
  fresh.from = known.from + 1;
  fresh.number = known.number;
  EXPECT_EQ(why_not_newer(fresh, known, kNow), "");
  EXPECT_THAT(why_not_newer(known, fresh, kNow), HasSubstr("before the one that is there"));
}

}  // namespace
}  // namespace sifguard
