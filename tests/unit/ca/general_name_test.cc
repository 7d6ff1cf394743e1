#include "keystore/ca/general_name.h"

#include <gtest/gtest.h>

#include "keystore/x509/distinguished_name.h"

namespace sifguard {
namespace {

TEST(GeneralName, NamesOfEachKind) {
  const auto names = make_general_names({"dns:www.example.org", "email:carol@example.org",
                                         "uri:https://example.org/a", "ip:192.0.2.1", "ip:::1"});
  ASSERT_TRUE(names) << names.error().line();
  EXPECT_EQ(sk_GENERAL_NAME_num(names->get()), 5);
}

TEST(GeneralName, AnythingElseIsRefused) {
  for (const char* text : {"",
                           "www.example.org",
                           "dns:",
                           "dns:a b",
                           "dns:a,b",
                           "dns:a\n",
                           "email:carol",
                           "email:@example.org",
                           "email:a@b@c",
                           "uri:nothing",
                           "ip:300.1.1.1",
                           "ip:x",
                           "dir:CN=x",
                           "otherName:x",
                           "subject:/CN=x",
                           "dns:example.org/",
                           "dns:ex\xc3\xa4mple.org",
                           "dns:*",
                           "dns:*.org",
                           "dns:a.*.org",
                           "dns:w*.example.org",
                           "dns:1.2.3.4",
                           "dns:*.2.3.4",
                           "dns:.example.org",
                           "dns:example.org.",
                           "dns:a..b",
                           "dns:-a.org",
                           "dns:a-.org",
                           "dns:0x7f000001",
                           "dns:0X7F.0x1",
                           "dns:example.0x",
                           "dns:017700000001",
                           "email:a@1.2.3.4",
                           "email:a@*.example.org",
                           "email:a@example..org",
                           "email:a@",
                           "uri:https://",
                           "uri:https:///a",
                           "uri:https:",
                           "uri::a"}) {
    const auto names = make_general_names({text});
    ASSERT_FALSE(names) << text;
    EXPECT_EQ(names.error().code(), Code::usage) << text;
  }
  EXPECT_FALSE(make_general_names({"dns:" + std::string(64, 'a')}));
  EXPECT_TRUE(make_general_names({"dns:*.example.org", "dns:node_1", "dns:1a.2b", "dns:0x7f.org"}));
  EXPECT_TRUE(make_general_names({"uri:urn:uuid:1", "uri:file:///a", "email:carol@localhost"}));
  EXPECT_FALSE(make_general_names({"dns:" + std::string(600, 'a')}));
  EXPECT_FALSE(make_general_names(std::vector<std::string>(100, "dns:a")));
}

TEST(GeneralName, Constraints) {
  const auto some = make_constraints({"dns:example.org", "subject:/O=Example"},
                                     {"email:.example.org", "ip:192.0.2.0/255.255.255.0"});
  ASSERT_TRUE(some) << some.error().line();
  EXPECT_EQ(sk_GENERAL_SUBTREE_num((*some)->permittedSubtrees), 2);
  EXPECT_EQ(sk_GENERAL_SUBTREE_num((*some)->excludedSubtrees), 2);
  for (const char* text : {"dns:org", "dns:.example.org", "uri:example.org", "uri:.example.org",
                           "email:example.org", "email:a@example.org"}) {
    EXPECT_TRUE(make_constraints({}, {text})) << text;
  }
  const auto none = make_constraints({}, {});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->get(), nullptr);
  for (const char* text :
       {"", "x", "ip:192.0.2.1", "uri:http://a/", "subject:", "email:a@b@c",
        // What would constrain nothing.
        "dns:*", "dns:*.example.org", "dns:.", "dns:..a", "dns:a..b", "dns:192.0.2.1", "dns:a.",
        "uri:*.example.org", "uri:192.0.2.1", "email:*", "email:*.example.org", "email:a@*"}) {
    EXPECT_FALSE(make_constraints({text}, {})) << text;
    EXPECT_FALSE(make_constraints({}, {text})) << text;
  }
}

TEST(GeneralName, SubjectsComeBackAsTheyWereWritten) {
  for (const char* text : {"CN=carol,O=Example", "CN=a+UID=b,O=X", "CN=\\C3\\A4,C=DE",
                           "CN=\\C2\\A0b", "CN=\\E3\\80\\80", "CN=a\\E2\\80\\8Db"}) {
    const auto name = make_name(text);
    ASSERT_TRUE(name) << name.error().line();
    EXPECT_EQ(text_of_name(name->get()).value(), text);
  }
  for (const char* text :
       {"", "/", "CN", "C=Germany", "Nothing=x", "CN=a+CN=b,O=X", "CN=a+2.5.4.3=b", "CN=a\\0Ab",
        "CN=a\\7F", "CN=a,O=b\\09c", "CN=a\\C2\\85b", "CN=a\\E2\\80\\AEb", "CN=a\xe2\x80\xa8,O=X",
        "CN=\xef\xbb\xbf"
        "a",
        "CN=a\xe2\x81\xa6"}) {
    EXPECT_FALSE(make_name(text)) << text;
  }
  EXPECT_TRUE(make_name("OU=a,OU=b,O=X"));
}

TEST(GeneralName, Urls) {
  EXPECT_TRUE(check_ca_url("http://pki.example.org/root.crl"));
  for (const char* url : {"", "ftp://a/", "http://a b/", "http://a/,URI:http://b/", "http://a/;b",
                          "http://u@a/", "http://a/#x", "file:///etc/passwd"}) {
    EXPECT_FALSE(check_ca_url(url)) << url;
  }
}

}  // namespace
}  // namespace sifguard
