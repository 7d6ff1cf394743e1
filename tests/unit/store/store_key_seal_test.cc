#include "keystore/store/store_key_seal.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

SealOptions options(const char* text) {
  const auto parsed = parse_seal_options(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : SealOptions{};
}

TEST(SealOptions, IsReadAsTyped) {
  EXPECT_EQ(options("file").method, SealMethod::file);
  EXPECT_EQ(options("file").where, "");
  EXPECT_EQ(options("file:/etc/sifguard/store.key").where, "/etc/sifguard/store.key");
  EXPECT_EQ(options("systemd-creds").method, SealMethod::systemd_creds);
  EXPECT_EQ(options("systemd-creds").where, "auto");
  EXPECT_EQ(options("systemd-creds:host+tpm2").where, "host+tpm2");
  EXPECT_EQ(options("pkcs11:token=site;object=x?pin-source=file:/pin").method, SealMethod::pkcs11);
  EXPECT_EQ(options("pkcs11:token=site;object=x?pin-source=file:/pin").where,
            "pkcs11:token=site;object=x?pin-source=file:/pin");
}

TEST(SealOptions, RefusesEverythingElse) {
  for (const char* text :
       {"", "File", "file:", "file:store.key", "file:/", "file:/a/",
        "systemd-creds:", "systemd-creds:null", "systemd-creds:tpm", "systemd", "pkcs11",
        "pkcs11:", "tpm2", ":/x", "pkcs11:token=site;object=x?pin-value=1234"}) {
    const auto parsed = parse_seal_options(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), Code::usage);
    EXPECT_FALSE(parsed.error().remedy().empty());
  }
}

std::vector<Seal> some() {
  return {{std::string(16, 'a'), SealMethod::file, "/etc/sifguard/store.key", ""},
          {std::string(16, 'b'), SealMethod::systemd_creds, "host", "Whxq+/=="},
          {std::string(16, 'c'), SealMethod::pkcs11, "pkcs11:object=x", "00ff"},
          {std::string(16, 'd'), SealMethod::file, "store-dddddddddddddddd.key", ""}};
}

TEST(Seals, GoRound) {
  const std::string text = format_seals(some());
  const auto parsed = parse_seals(text, "FILE");
  ASSERT_TRUE(parsed) << parsed.error().line();
  EXPECT_EQ(format_seals(*parsed), text);
  ASSERT_EQ(parsed->size(), 4U);
  EXPECT_EQ((*parsed)[1].sealed, "Whxq+/==");
  EXPECT_EQ((*parsed)[2].method, SealMethod::pkcs11);
}

TEST(Seals, RefuseWhatIsWrong) {
  const auto refused = [](const std::string& from, const std::string& to, const char* words) {
    std::string text = format_seals(some());
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    const auto parsed = parse_seals(text.replace(at, from.size(), to), "FILE");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), Code::config);
    EXPECT_NE(parsed.error().what().find(words), std::string::npos) << parsed.error().what();
    EXPECT_EQ(parsed.error().what().find("FILE"), 0U);
  };
  refused("\"version\": 1", "\"version\": 2", "unknown version");
  refused("\"version\": 1", "\"more\": 1, \"version\": 1", "unknown field");
  refused("\"method\": \"file\"", "\"method\": \"files\"", "unknown method");
  refused("\"method\": \"file\"", "\"more\": 1, \"method\": \"file\"", "unknown field");
  refused("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "bad id");
  refused("/etc/sifguard/store.key", "../store.key", "bad 'where'");
  refused("/etc/sifguard/store.key", "seal.json", "bad 'where'");
  refused("\"where\": \"host\"", "\"where\": \"null\"", "bad 'where'");
  refused("pkcs11:object=x", "pkcs11:object=x?pin-value=1", "bad 'where'");
  refused("Whxq+/==", "", "'sealed' does not go");
  refused("\"sealed\": \"\"", "\"sealed\": \"x\"", "'sealed' does not go");
  for (const char* text : {"", "{}", "[]", "{\"version\": 1, \"keys\": []}",
                           "{\"version\": 1, \"keys\": [1]}", "{\"version\": 1, \"keys\": {}}"}) {
    EXPECT_FALSE(parse_seals(text, "FILE")) << text;
  }
}

}  // namespace
}  // namespace sifguard
