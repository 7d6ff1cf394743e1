// Subject names as text: both spellings, the canonical one, and what is refused. That certificates
// give the same texts is tested in tests/unit/x509.
#include "keystore/policy/subject_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using ::testing::HasSubstr;

struct Pair {
  std::string text;
  std::string canonical;
};
void PrintTo(const Pair& pair, std::ostream* out) {
  *out << pair.text;
}

const std::vector<Pair> kGood = {
    {"CN=carol,O=Example", "CN=carol,O=Example"},
    {"/O=Example/CN=carol", "CN=carol,O=Example"},
    {"CN=carol, O=Example,  C=DE", "CN=carol,O=Example,C=DE"},
    {"cn=carol,o=Example", "CN=carol,O=Example"},
    {"2.5.4.3=carol", "CN=carol"},
    {"/1.2.840.113549.1.9.1=c@example.org", "emailAddress=c@example.org"},
    {"EMAILADDRESS=c@example.org", "emailAddress=c@example.org"},
    {"DC=example,DC=org", "DC=example,DC=org"},
    {"/DC=org/DC=example", "DC=example,DC=org"},
    {"CN=Carol", "CN=Carol"},
    {"CN=", "CN="},
    {"/CN=", "CN="},
    {"1.2.3.4=x", "1.2.3.4=x"},
    {"1.2.3.4=#0C0178", "1.2.3.4=x"},
    {"CN=#13056361726f6c", "CN=carol"},
    {"CN=#1e0400630061", "CN=ca"},
    {"CN=#1c080000006300000061", "CN=ca"},
    // Escapes.
    {R"(CN=a\,b\+c\"d\\e\<f\>g\;h,O=x)", R"(CN=a\,b\+c\"d\\e\<f\>g\;h,O=x)"},
    {R"(CN=\2C\2c,O=x)", R"(CN=\,\,,O=x)"},
    {R"(CN=\ x\ ,O=x)", R"(CN=\ x\ ,O=x)"},
    {R"(CN=\20)", R"(CN=\ )"},
    {R"(CN=a b  c)", R"(CN=a b  c)"},
    {R"(CN=\#1,O=#0C0123)", R"(CN=\#1,O=\#)"},
    {"CN=a#b=c/d", "CN=a#b=c/d"},
    {R"(CN=\=\#x)", "CN==#x"},
    {"CN=J\xc3\xb6rg", R"(CN=J\C3\B6rg)"},
    {R"(CN=J\C3\B6rg)", R"(CN=J\C3\B6rg)"},
    {R"(CN=a\0Ab\7F)", R"(CN=a\0Ab\7F)"},
    {R"(/CN=a\/b\\c\+d\,e,f)", R"(CN=a/b\\c\+d\,e\,f)"},
    {"/CN= a ", R"(CN=\ a\ )"},
    {"/CN=a=b", "CN=a=b"},
    {"/CN=#0C0178", R"(CN=\#0C0178)"},
    // Parts with several values have one order.
    {"UID=7+CN=carol,O=Example", "CN=carol+UID=7,O=Example"},
    {"CN=carol+UID=7,O=Example", "CN=carol+UID=7,O=Example"},
    {"/O=Example/UID=7+CN=carol", "CN=carol+UID=7,O=Example"},
    {"CN=carol+ UID=7", "CN=carol+UID=7"},
};

class GoodNames : public ::testing::TestWithParam<Pair> {};

TEST_P(GoodNames, HaveOneCanonicalText) {
  const auto canonical = canonical_subject(GetParam().text);
  ASSERT_TRUE(canonical) << canonical.error().line();
  EXPECT_EQ(*canonical, GetParam().canonical);
  EXPECT_EQ(canonical_subject(*canonical).value(), *canonical);
}

INSTANTIATE_TEST_SUITE_P(Subject, GoodNames, ::testing::ValuesIn(kGood));

const std::vector<Pair> kBad = {
    {"", "is empty"},
    {"carol", "an attribute without '='"},
    {"/", "an attribute without '='"},
    {"//CN=carol", "unknown attribute '/CN'"},
    {"/CN=carol/", "character 11: an attribute without '='"},
    {"CN=carol,", "an attribute without '='"},
    {",CN=carol", "unknown attribute ',CN'"},
    {"CN=carol,,O=x", "unknown attribute ',O'"},
    {"=carol", "unknown attribute ''"},
    {"KN=carol", "unknown attribute 'KN'; give its OID"},
    {"CN=carol;O=Example", "a bare ';'"},
    {"CN=\"carol\"", "a bare '\"'"},
    {"CN=a<b", "a bare '<'"},
    {"CN=a>b", "a bare '>'"},
    {"O = Example, CN = carol", "a blank before '='"},  // openssl's display form, other order
    {"O= Example", "a blank after '='"},
    {"CN=carol ,O=x", "a blank at the end"},
    {"CN=carol ", "a blank at the end"},
    {R"(CN=carol\)", "nothing to escape"},
    {R"(CN=carol\x)", "a backslash before neither"},
    {R"(CN=carol\0)", "a backslash before neither"},
    {R"(CN=carol\00)", "with a NUL"},
    {R"(CN=\C3)", "not UTF-8"},
    {R"(CN=\ED\A0\80)", "not UTF-8"},
    {"CN=\xff", "not UTF-8"},
    {std::string("CN=a\0b", 6), "with a NUL"},
    {"CN=#", "before something else"},
    {"CN=#0C", "before something else"},
    {"CN=#0C02", "before something else"},
    {"CN=#0C0278", "before something else"},
    {"CN=#0C01787", "without hexadecimal digits"},
    {"CN=#0C017878", "before something else"},
    {"CN=#0C810178", "before something else"},  // not DER
    {"CN=#0C8078", "before something else"},
    {"CN=#020101", "before something else"},  // INTEGER
    {"CN=#0301ff", "before something else"},  // BIT STRING
    {"CN=#1401e9", "before something else"},  // T61 beyond ASCII
    {"CN=#1e0161", "before something else"},
    {"CN=#1e02d800", "before something else"},
    {"CN=#1e020000", "before something else"},
    {"CN=#1c0400110000", "before something else"},
    {"CN=#xyz", "without hexadecimal digits"},
    {"3.4=x", "unknown attribute"},
    {"1.40=x", "unknown attribute"},
    {"1.02.3=x", "unknown attribute"},
    {"1=x", "unknown attribute"},
    {"1..2=x", "unknown attribute"},
    {"/CN=a+b", "an attribute without '='"},
    {R"(/CN=a\x41)", "nothing to escape"},
    {R"(/CN=a\)", "nothing to escape"},
};

class BadNames : public ::testing::TestWithParam<Pair> {};

TEST_P(BadNames, AreRefused) {
  const auto canonical = canonical_subject(GetParam().text);
  ASSERT_FALSE(canonical) << *canonical;
  EXPECT_EQ(canonical.error().code(), Code::usage);
  EXPECT_THAT(canonical.error().what(), HasSubstr(GetParam().canonical));
}

INSTANTIATE_TEST_SUITE_P(Subject, BadNames, ::testing::ValuesIn(kBad));

TEST(Subject, OrderAndCaseOfValuesMatter) {
  EXPECT_NE(*canonical_subject("CN=carol,O=Example"), *canonical_subject("O=Example,CN=carol"));
  EXPECT_NE(*canonical_subject("CN=carol"), *canonical_subject("CN=Carol"));
  EXPECT_NE(*canonical_subject("CN=carol,O=x"), *canonical_subject("CN=carol+O=x"));
  EXPECT_NE(*canonical_subject("CN=a"), *canonical_subject("CN=a\\ "));
}

TEST(Subject, IsBounded) {
  EXPECT_TRUE(canonical_subject("CN=" + std::string(1021, 'a')));
  EXPECT_FALSE(canonical_subject("CN=" + std::string(1022, 'a')));
  EXPECT_FALSE(canonical_subject("CN=" + std::string(400, '\n')));
  EXPECT_FALSE(canonical_subject("/CN=" + std::string(5000, 'a')));
  std::string many;
  for (int i = 0; i < 64; ++i) many += "/O=a";
  EXPECT_TRUE(canonical_subject(many));
  EXPECT_FALSE(canonical_subject(many + "/O=a"));
}

TEST(Subject, TypesHaveOneSpellingAndAnOid) {
  EXPECT_EQ(attribute_type("cn"), "CN");
  EXPECT_EQ(attribute_type("2.5.4.3"), "CN");
  EXPECT_EQ(attribute_oid("CN"), "2.5.4.3");
  EXPECT_EQ(attribute_type("2.999.1"), "2.999.1");
  EXPECT_EQ(attribute_oid("2.999.1"), "2.999.1");
  EXPECT_EQ(attribute_oid("cn"), "");
  EXPECT_FALSE(attribute_type("0." + std::string(200, '1')));
}

}  // namespace
}  // namespace sifguard
