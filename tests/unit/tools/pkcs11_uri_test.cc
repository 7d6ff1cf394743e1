#include "helper/tools/pkcs11_uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

using testing::HasSubstr;

TEST(Pkcs11Uri, IsTakenApart) {
  const auto uri = parse_pkcs11_uri(
      "pkcs11:token=my%20site;object=signing;id=%01%02?module-path=/usr/lib/m.so&"
      "pin-source=file:///etc/my%20pin");
  ASSERT_TRUE(uri) << uri.error().line();
  EXPECT_EQ(uri->object, "pkcs11:token=my%20site;object=signing;id=%01%02");
  EXPECT_EQ(uri->module, "/usr/lib/m.so");
  EXPECT_EQ(uri->pin_source, "/etc/my pin");
}

TEST(Pkcs11Uri, NeedsNoQuery) {
  const auto uri = parse_pkcs11_uri("pkcs11:object=x");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->object, "pkcs11:object=x");
  EXPECT_EQ(uri->module, "");
  EXPECT_EQ(uri->pin_source, "");
  EXPECT_EQ(parse_pkcs11_uri("pkcs11:object=x?pin-source=/p")->pin_source, "/p");
  EXPECT_EQ(parse_pkcs11_uri("pkcs11:object=x?pin-source=file:/p")->pin_source, "/p");
}

TEST(Pkcs11Uri, RefusesAPin) {
  for (const char* text : {"pkcs11:object=x?pin-value=1234", "pkcs11:object=x?pin-value",
                           "pkcs11:object=x?module-path=/m&pin-value=1"}) {
    const auto uri = parse_pkcs11_uri(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_EQ(uri.error().code(), Code::usage);
    EXPECT_THAT(uri.error().what(), HasSubstr("holds the PIN"));
    EXPECT_THAT(uri.error().line(), testing::Not(HasSubstr("1234")));
  }
}

TEST(Pkcs11Uri, RefusesWhatIsNotUnderstood) {
  const std::string nul = "pkcs11:object=x?pin-source=/p%00q";
  for (const std::string& text : {std::string(),
                                  std::string("pkcs11"),
                                  std::string("pkcs11:"),
                                  std::string("pkcs11:?x=y"),
                                  std::string("PKCS11:object=x"),
                                  std::string("file:/x"),
                                  std::string("pkcs11:object=a b"),
                                  std::string("pkcs11:object=\xc3\xa4"),
                                  std::string("pkcs11:object=x\n"),
                                  std::string("pkcs11:object=x?"),
                                  std::string("pkcs11:object=x?y=z"),
                                  std::string("pkcs11:object=x?pin-source="),
                                  std::string("pkcs11:object=x?pin-source=p"),
                                  std::string("pkcs11:object=x?pin-source=|cat"),
                                  std::string("pkcs11:object=x?pin-source=file://host/p"),
                                  std::string("pkcs11:object=x?pin-source=%zz"),
                                  std::string("pkcs11:object=x?pin-source=%2"),
                                  nul,
                                  std::string("pkcs11:object=x?module-path=m.so"),
                                  std::string("pkcs11:object=x?module-name=m"),
                                  "pkcs11:object=" + std::string(3000, 'x')}) {
    const auto uri = parse_pkcs11_uri(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_EQ(uri.error().code(), Code::usage);
  }
}

}  // namespace
}  // namespace sifguard
