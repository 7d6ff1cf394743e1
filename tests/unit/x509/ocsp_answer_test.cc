// Which OCSP answers are worth keeping, and which take the place of others. Made by openssl.
#include "keystore/x509/ocsp_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/x509/certificate_fixture.h"

namespace sifguard {
namespace {

using test::kDay;
using ::testing::HasSubstr;

using Read = decltype(&read_ocsp_answer);

Result<OcspAnswer> read(Read how, const std::string& response, const char* name = "carol",
                        std::int64_t later = 60, const std::vector<std::string>& crls = {}) {
  const auto certificate = parse_one_certificate(test::pem(name));
  const auto inter = parse_one_certificate(test::pem("inter"));
  return how(response, certificate->get(), inter->get(), CrlSet::parse(crls),
             test::made_at() + later);
}
Result<OcspAnswer> fresh(const char* file, const char* name = "carol", std::int64_t later = 60) {
  return read(read_ocsp_answer, test::pki_file(std::string(file) + ".ocsp"), name, later);
}
Result<OcspAnswer> kept(const char* file, const char* name = "carol", std::int64_t later = 60) {
  return read(read_kept_answer, test::pki_file(std::string(file) + ".ocsp"), name, later);
}

/// What openssl answers about carol by an index of her own.
std::string answer_by(const std::string& index) {
  test::openssl(
      "ocsp -index " + index +
      ".index -CA inter.pem -rsigner inter.pem -rkey inter.key -ndays 7 -issuer inter.pem "
      "-sha256 -cert carol.pem -no_nonce -respout by.ocsp");
  return test::pki_file("by.ocsp");
}

TEST(OcspAnswer, WhatItSaysIsRead) {
  ASSERT_TRUE(fresh("carol"));
  EXPECT_FALSE(fresh("carol")->is_revoked);
  EXPECT_EQ(fresh("carol")->until - fresh("carol")->from, 7 * kDay);
  ASSERT_TRUE(fresh("revoked", "revoked"));
  EXPECT_TRUE(fresh("revoked", "revoked")->is_revoked);
  EXPECT_FALSE(fresh("revoked", "revoked")->is_on_hold);
  ASSERT_TRUE(fresh("unknown"));
  EXPECT_FALSE(fresh("unknown")->is_revoked);
  const auto hold = read(read_ocsp_answer, answer_by("hold"));
  ASSERT_TRUE(hold) << hold.error().line();
  EXPECT_TRUE(hold->is_revoked);
  EXPECT_TRUE(hold->is_on_hold);
  const auto for_good = read(read_ocsp_answer, answer_by("allrevoked"));
  ASSERT_TRUE(for_good) << for_good.error().line();
  EXPECT_TRUE(for_good->is_revoked);
  EXPECT_FALSE(for_good->is_on_hold);
}

TEST(OcspAnswer, NothingElseIsRead) {
  for (const Read how : {&read_ocsp_answer, &read_kept_answer}) {
    for (const char* file : {"dave", "endless", "md1", "nocerts", "bynoekuresponder",
                             "byrogueresponder", "byrootresponder", "bycarol", "impostor"}) {
      EXPECT_FALSE(read(how, test::pki_file(std::string(file) + ".ocsp"))) << file;
    }
    const std::string good = test::pki_file("carol.ocsp");
    for (std::size_t size = 0; size < good.size(); size += 7) {
      EXPECT_FALSE(read(how, good.substr(0, size))) << size;
    }
    EXPECT_FALSE(read(how, good + "x"));
    const std::string revoked_one = test::pki_file("byrevokedresponder.ocsp");
    EXPECT_TRUE(read(how, revoked_one));
    EXPECT_FALSE(read(how, revoked_one, "carol", 60, {test::pki_file("inter.crl")}));
  }
}

TEST(OcspAnswer, OneThatWasKeptMayHaveEnded) {
  EXPECT_THAT(fresh("carol", "carol", 8 * kDay).error().what(), HasSubstr("is not fresh"));
  EXPECT_TRUE(kept("carol", "carol", 8 * kDay));
  // Its responder's certificate, too.
  EXPECT_TRUE(kept("byshortresponder", "carol", 30 * kDay));
  EXPECT_FALSE(kept("byshortresponder", "carol", 3 * kDay));  // it holds, its signer does not
}

TEST(OcspAnswer, ARevocationIsForGood) {
  const OcspAnswer good{1000, 2000, false, false};
  const OcspAnswer later_good{1001, 2001, false, false};
  const OcspAnswer revoked{1000, 2000, true, false};
  const OcspAnswer later_revoked{1001, 2001, true, false};
  const OcspAnswer hold{1000, 2000, true, true};
  const OcspAnswer later_hold{1001, 2001, true, true};
  EXPECT_TRUE(may_replace(good, good, 1500));
  EXPECT_TRUE(may_replace(later_good, good, 1500));
  EXPECT_FALSE(may_replace(good, later_good, 1500));
  EXPECT_TRUE(may_replace(revoked, good, 1500));
  EXPECT_TRUE(may_replace(revoked, later_good, 1500));
  EXPECT_TRUE(may_replace(revoked, later_hold, 1500));
  EXPECT_TRUE(may_replace(later_revoked, revoked, 1500));
  EXPECT_FALSE(may_replace(revoked, later_revoked, 1500));
  EXPECT_FALSE(may_replace(good, revoked, 1500));
  EXPECT_FALSE(may_replace(later_good, revoked, 1500));
  EXPECT_FALSE(may_replace(later_hold, revoked, 1500));
  EXPECT_FALSE(may_replace(good, hold, 1500));
  EXPECT_TRUE(may_replace(later_good, hold, 1500));
  EXPECT_FALSE(may_replace(good, later_hold, 1500));
  EXPECT_TRUE(may_replace(hold, good, 1500));
  EXPECT_FALSE(may_replace(hold, later_good, 1500));
}

TEST(OcspAnswer, OneOfTheFutureGivesWay) {
  constexpr std::int64_t kNow = 1500;
  const OcspAnswer good{1000, 2000, false, false};
  const OcspAnswer hold{1000, 2000, true, true};
  const OcspAnswer revoked{1000, 2000, true, false};
  const OcspAnswer good_ahead{kNow + 301, 9000, false, false};
  const OcspAnswer hold_ahead{kNow + 301, 9000, true, true};
  const OcspAnswer revoked_ahead{kNow + 301, 9000, true, false};
  const OcspAnswer good_soon{kNow + 300, 9000, false, false};
  EXPECT_FALSE(may_replace(good, good_soon, kNow));  // clocks differ a little
  EXPECT_TRUE(may_replace(good, good_ahead, kNow));
  EXPECT_TRUE(may_replace(good, hold_ahead, kNow));
  EXPECT_TRUE(may_replace(hold, good_ahead, kNow));
  EXPECT_FALSE(may_replace(good_ahead, good, kNow));
  EXPECT_FALSE(may_replace(good_ahead, hold, kNow));
  EXPECT_FALSE(may_replace(hold_ahead, good, kNow));
  // But a revocation for good stays.
  EXPECT_FALSE(may_replace(good, revoked_ahead, kNow));
  EXPECT_FALSE(may_replace(hold, revoked_ahead, kNow));
  EXPECT_TRUE(may_replace(revoked_ahead, good, kNow));
  EXPECT_TRUE(may_replace(revoked, revoked_ahead, kNow));
  EXPECT_FALSE(may_replace(revoked_ahead, revoked, kNow));
}

}  // namespace
}  // namespace sifguard
