#include "helper/imagefs/gocryptfs_conf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/imagefs/gocryptfs_fixture.h"

namespace sifguard {
namespace {

using testing::HasSubstr;

std::string conf() {
  return test::imagefs_data("gocryptfs.conf");
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = conf();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string why_not(const std::string& text) {
  const auto parsed = parse_gocryptfs_conf(text);
  if (parsed) return "parsed";
  EXPECT_EQ(parsed.error().code(), Code::refused);
  return parsed.error().what();
}

TEST(GocryptfsConf, OneThatGocryptfsMadeIsUnderstood) {
  const auto parsed = parse_gocryptfs_conf(conf());
  ASSERT_TRUE(parsed) << parsed.error().line();
  EXPECT_EQ(parsed->cost, 1024U);
  EXPECT_EQ(parsed->salt.size(), 32U);
  EXPECT_EQ(parsed->wrapped_key[0], std::byte{0x19});
}

TEST(GocryptfsConf, WhatApptainerDoesNotMakeIsRefusedByName) {
  EXPECT_THAT(why_not(with("\"GCMIV128\"", "\"GCMIV128\", \"AESSIV\"")), HasSubstr("AESSIV"));
  EXPECT_THAT(why_not(with("GCMIV128", "XChaCha20Poly1305")), HasSubstr("XChaCha20Poly1305"));
  EXPECT_THAT(why_not(with("PlaintextNames", "EMENames")), HasSubstr("EMENames"));
  EXPECT_THAT(why_not(with("\"HKDF\",", "")), HasSubstr("lack of the feature 'HKDF'"));
  EXPECT_THAT(why_not(with("\"HKDF\"", "\"HKDF\", \"HKDF\"")), HasSubstr("repeated"));
  EXPECT_THAT(why_not(with("\"HKDF\"", "\"HKDF\", \"FIDO2\"")), HasSubstr("FIDO2"));
  EXPECT_THAT(why_not(with("\"Version\": 2", "\"Version\": 2, \"FIDO2\": {}")), HasSubstr("FIDO2"));
  EXPECT_THAT(why_not(with("\"Version\": 2", "\"Version\": 3")), HasSubstr("Version 3"));
}

TEST(GocryptfsConf, ScryptHasItsBounds) {
  EXPECT_EQ(why_not(with("1024", "65536")), "parsed");
  EXPECT_EQ(why_not(with("1024", "262144")), "parsed");
  for (const char* cost :
       {"0", "1", "512", "1000", "1025", "524288", "4294967296", "1e3", "-1024"}) {
    EXPECT_NE(why_not(with("1024", cost)), "parsed") << cost;
  }
  for (const auto& [from, to] : {std::pair("\"R\": 8", "\"R\": 9"),
                                 {"\"R\": 8", "\"R\": 1"},
                                 {"\"P\": 1", "\"P\": 2"},
                                 {"\"KeyLen\": 32", "\"KeyLen\": 16"},
                                 {"\"P\": 1,", ""},
                                 {"\"P\": 1", "\"P\": 1, \"Q\": 1"}}) {
    EXPECT_NE(why_not(with(from, to)), "parsed") << to;
  }
}

TEST(GocryptfsConf, BytesHaveTheirSizes) {
  const std::string salt = "6RvFuUUAyau5nNO3NyrKZHYpIOs6RLBWurEjhmzigjY=";
  for (const char* bad : {"", "AAAA", "6RvFuUUAyau5nNO3NyrKZHYpIOs6RLBWurEjhmzigjY", "!"}) {
    EXPECT_NE(why_not(with(salt, bad)), "parsed") << bad;
  }
  EXPECT_NE(why_not(with("\"EncryptedKey\": \"GUj9", "\"EncryptedKey\": \"")), "parsed");
  EXPECT_NE(why_not(with("\"EncryptedKey\": \"", "\"EncryptedKey\": \"AAAA")), "parsed");
}

TEST(GocryptfsConf, APartOfItIsNone) {
  const std::string text = conf();
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    EXPECT_NE(why_not(text.substr(0, size)), "parsed") << size;
  }
  EXPECT_NE(why_not(text + text), "parsed");
  EXPECT_NE(why_not(std::string(kMaxGocryptfsConf, ' ') + text), "parsed");
}

TEST(GocryptfsConf, EveryFlippedBitIsRefusedOrChangesNothing) {
  const std::string text = conf();
  const auto right = test::gocryptfs_key();
  const std::size_t creator = text.find("gocryptfs 2.3");
  for (std::size_t bit = 0; bit < text.size() * 8; bit += bit % 8 == 0 ? 5 : 3) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    const auto parsed = parse_gocryptfs_conf(flipped);
    if (!parsed) continue;
    const auto key = gocryptfs_content_key(*parsed, test::secret("password"));
    if (!key) continue;
    const bool for_people = bit / 8 >= creator && bit / 8 < creator + 13;
    EXPECT_TRUE(for_people) << "bit " << bit;
    EXPECT_EQ(as_text(key->bytes()), as_text(right.bytes())) << "bit " << bit;
  }
}

TEST(GocryptfsKey, AnotherPasswordOpensNothing) {
  const auto parsed = parse_gocryptfs_conf(conf());
  ASSERT_TRUE(parsed);
  for (const char* password : {"", "Password", "password\n", "password "}) {
    const auto key = gocryptfs_content_key(*parsed, test::secret(password));
    ASSERT_FALSE(key) << password;
    EXPECT_EQ(key.error().code(), Code::refused);
    EXPECT_EQ(key.error().what(), "the image's password does not open its gocryptfs.conf");
  }
}

}  // namespace
}  // namespace sifguard
