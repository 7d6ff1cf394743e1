// Names of certificates as text, against openssl's own RFC 2253 and against canonical_subject().
#include "keystore/x509/distinguished_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/x509/certificate_path.h"
#include "tests/unit/x509/certificate_fixture.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string subject_of(const std::string& name) {
  const auto certificate = parse_one_certificate(test::pem(name));
  EXPECT_TRUE(certificate);
  return text_of_name(X509_get_subject_name(certificate->get())).value();
}

std::string as_openssl_says(const std::string& name, const std::string& form) {
  const std::string line =
      test::openssl("x509 -in " + name + ".pem -noout -subject -nameopt " + form);
  EXPECT_EQ(line.substr(0, 8), "subject=");
  return line.substr(8, line.size() - 9);
}

TEST(DistinguishedName, IsOpensslsRfc2253) {
  for (const char* const name : {"carol", "odd1", "odd2", "odd5", "odd6", "odd7", "odd9"}) {
    EXPECT_EQ(subject_of(name), as_openssl_says(name, "RFC2253")) << name;
  }
  EXPECT_EQ(subject_of("odd2"), R"(CN=\E2\98\83,O=J\C3\B6rg M\C3\BCller)");
  EXPECT_EQ(subject_of("odd1"), R"(CN=\ blank\ ,OU=\#1 \"x\" \<y\>\; \\z,O=A\, B \+ C,C=DE)");
}

TEST(DistinguishedName, AgreesWithNamesWrittenByPeople) {
  for (const char* const name : {"carol", "odd1", "odd2", "odd3", "odd4", "odd5", "odd6", "odd7"}) {
    const auto canonical = canonical_subject(as_openssl_says(name, "RFC2253"));
    ASSERT_TRUE(canonical) << canonical.error().line();
    EXPECT_EQ(*canonical, subject_of(name)) << name;
  }
  EXPECT_EQ(subject_of("carol"), canonical_subject("/O=Test/CN=carol").value());
  EXPECT_EQ(subject_of("odd2"), canonical_subject("/O=J\xc3\xb6rg M\xc3\xbcller/CN=☃").value());
  EXPECT_EQ(subject_of("odd3"),
            canonical_subject("/DC=org/DC=example/UID=7+CN=carol/emailAddress=c@example.org"
                              "/street=A=B")
                .value());
  EXPECT_EQ(subject_of("odd4"), "CN=x,1.2.3.4.5=secret");
  EXPECT_THAT(as_openssl_says("odd4", "RFC2253"), HasSubstr("1.2.3.4.5=#"));
}

TEST(DistinguishedName, AmbiguousTextMakesACertificateUnusable) {
  EXPECT_THAT(test::outcome("t61"), HasSubstr("malformed: is unusable: its name has an attribute"));
}

TEST(AlternativeNames, StandInForAnEmptySubject) {
  const CertificateVerdict verdict = test::verdict_of("blank");
  EXPECT_EQ(verdict.status, CertificateStatus::good) << verdict.note;
  EXPECT_EQ(verdict.subject, "");
  EXPECT_THAT(verdict.names, ::testing::ElementsAre("email:carol@example.org"));
  EXPECT_THAT(test::verdict_of("dave").names, IsEmpty());
}

TEST(AlternativeNames, AreBoundedAndPlain) {
  EXPECT_THAT(test::outcome("manynames"), HasSubstr("malformed: is unusable: it has too many"));
  EXPECT_THAT(test::outcome("badname"), HasSubstr("cannot be shown"));  // a NUL in it
}

}  // namespace
}  // namespace sifguard
