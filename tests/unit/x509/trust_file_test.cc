// Revocation lists by openssl, and which of two is older.
#include "keystore/x509/trust_file.h"

#include <gtest/gtest.h>

#include "keystore/x509/accepted_list.h"
#include "tests/unit/x509/pki_data.h"

namespace sifguard {
namespace {

constexpr std::int64_t kNow = 2000;

/// A list with this cRLNumber, as openssl's configuration writes it; "" for none.
TrustFile list_with(const std::string& number) {
  std::string config = "[ca]\ndefault_ca=d\n[d]\ndatabase=inter.index\ndefault_md=sha256\n[e]\n";
  if (!number.empty()) config += "2.5.29.20=ASN1:INTEGER:" + number + "\n";
  test::write_file(test::pki() / "number.cnf", config);
  test::openssl(
      "ca -config number.cnf -gencrl -cert inter.pem -keyfile inter.key -crldays 7 -out n.crl" +
      std::string(number.empty() ? "" : " -crlexts e"));
  auto read = read_revocation_list(test::pki_file("n.crl"));
  EXPECT_TRUE(read) << read.error().line();
  if (!read) return {};
  read->from = 1000;  // made within a second, or not
  return *std::move(read);
}

TEST(TrustFile, ListsOfOneSecondDifferByNumber) {
  const TrustFile five = list_with("5");
  EXPECT_EQ(five.number, std::string(39, '0') + "5");
  const TrustFile large = list_with("0x1000000000000000000");
  EXPECT_NE(why_not_newer(five, large, kNow), "");
  EXPECT_EQ(why_not_newer(large, five, kNow), "");
  EXPECT_EQ(why_not_newer(five, five, kNow), "");
  TrustFile later = large;
  later.from = 1001;
  EXPECT_NE(why_not_newer(large, later, kNow), "");
  EXPECT_EQ(why_not_newer(later, large, kNow), "");
}

TEST(TrustFile, OneFileHoldsOneList) {
  (void)list_with("5");
  const std::string list = test::pki_file("n.crl");
  const auto two = read_revocation_list(list + list);
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().what(), "there are 2 lists in one file");
  EXPECT_NE(two.error().line().find("sifctl ca crl --authority"), std::string::npos);
}

TEST(TrustFile, WhatIsNoNumberIsNone) {
  for (const char* number : {"", "-5", "0x100000000000000000000000000000000000000000"}) {
    const TrustFile none = list_with(number);
    EXPECT_EQ(none.number, "") << number;
    EXPECT_EQ(why_not_newer(none, list_with("5"), kNow), "") << number;
    EXPECT_EQ(why_not_newer(list_with("5"), none, kNow), "") << number;
  }
}

}  // namespace
}  // namespace sifguard
