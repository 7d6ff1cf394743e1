// Revocation lists by openssl, and which of two is older.
#include "keystore/x509/trust_file.h"

#include <gtest/gtest.h>

#include "tests/unit/x509/pki_data.h"

namespace sifguard {
namespace {

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
  EXPECT_TRUE(is_older_list(five, large));
  EXPECT_FALSE(is_older_list(large, five));
  EXPECT_FALSE(is_older_list(five, five));
  TrustFile later = five;
  later.from = 1001;
  EXPECT_TRUE(is_older_list(large, later));
  EXPECT_FALSE(is_older_list(later, large));
}

TEST(TrustFile, WhatIsNoNumberIsNone) {
  for (const char* number : {"", "-5", "0x100000000000000000000000000000000000000000"}) {
    const TrustFile none = list_with(number);
    EXPECT_EQ(none.number, "") << number;
    EXPECT_FALSE(is_older_list(none, list_with("5"))) << number;
    EXPECT_FALSE(is_older_list(list_with("5"), none)) << number;
  }
}

}  // namespace
}  // namespace sifguard
