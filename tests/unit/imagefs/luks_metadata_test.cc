#include "helper/imagefs/luks_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sifguard {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kHeader = 16384;
constexpr std::uint64_t kPartition = 17UL << 20U;

/// As cryptsetup 2.6.1 writes it.
const std::string kJson =
    R"({"keyslots":{"0":{"type":"luks2","key_size":64,"af":{"type":"luks1","stripes":4000,"hash":"sha256"},)"
    R"("area":{"type":"raw","offset":"32768","size":"258048","encryption":"aes-xts-plain64","key_size":64},)"
    R"("kdf":{"type":"argon2id","time":4,"memory":65536,"cpus":2,"salt":"/DUg/xP7gDgK84tBkfd+GkrFFdK2vlWZziI/1N/exEY="}}},)"
    R"("tokens":{},"segments":{"0":{"type":"crypt","offset":"16777216","size":"dynamic","iv_tweak":"0",)"
    R"("encryption":"aes-xts-plain64","sector_size":4096}},)"
    R"("digests":{"0":{"type":"pbkdf2","keyslots":["0"],"segments":["0"],"hash":"sha256","iterations":1000,)"
    R"("salt":"SQspVv2u4cnOVqiaWmRupb5XnkhSnzqz28PpqlXNHu0=","digest":"FEjJFThH9fAHbXy1TEfB9he/VXH2rRIcnYW1LH9eCgM="}},)"
    R"("config":{"json_size":"12288","keyslots_size":"16744448"}})";

std::string why_not(const std::string& json, std::uint64_t partition = kPartition) {
  const auto parsed = parse_luks_metadata(json, kHeader, partition);
  if (parsed) return "understood";
  EXPECT_EQ(parsed.error().code(), Code::refused);
  return parsed.error().what();
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = kJson;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(LuksMetadata, WhatLuksFormatMakesIsUnderstood) {
  const auto parsed = parse_luks_metadata(kJson, kHeader, kPartition);
  ASSERT_TRUE(parsed) << parsed.error().line();
  const auto& cost = std::get<Argon2Cost>(parsed->cost);
  EXPECT_EQ(cost.passes, 4U);
  EXPECT_EQ(cost.memory_kib, 65536U);
  EXPECT_EQ(cost.lanes, 2U);
  EXPECT_EQ(parsed->area_offset, 32768U);
  EXPECT_EQ(parsed->data_offset, 16777216U);
  EXPECT_EQ(parsed->sector, 4096U);
  EXPECT_EQ(parsed->salt.size(), 32U);
  EXPECT_EQ(parsed->digest.size(), 32U);
}

TEST(LuksMetadata, AnotherSlotsNumberIsUnderstood) {
  std::string json = with("\"keyslots\":{\"0\"", "\"keyslots\":{\"1\"");
  EXPECT_THAT(why_not(json), HasSubstr("other slots"));
  json.replace(json.find("\"keyslots\":[\"0\"]"), 16, "\"keyslots\":[\"1\"]");
  EXPECT_EQ(why_not(json), "understood");
}

TEST(LuksMetadata, WhatIsNotSupportedIsNamed) {
  const auto refuses = [](const char* from, const char* to, const char* word) {
    EXPECT_THAT(why_not(with(from, to)), HasSubstr(word)) << to;
  };
  refuses("\"tokens\":{}", "\"tokens\":{\"0\":{}}", "tokens");
  refuses("\"type\":\"crypt\"", "\"type\":\"linear\"", "linear");
  refuses("\"size\":\"dynamic\"", "\"size\":\"4096\"", "4096");
  refuses("\"iv_tweak\":\"0\"", "\"iv_tweak\":\"8\"", "iv_tweak");
  refuses("\"sector_size\":4096", "\"sector_size\":1024", "1024");
  refuses("\"sector_size\":4096", "\"sector_size\":4096,\"integrity\":{}", "integrity");
  refuses("\"sector_size\":4096", "\"sector_size\":4096,\"flags\":[\"in-reencryption\"]", "flags");
  refuses("\"keyslots_size\":\"16744448\"", "\"keyslots_size\":\"16744448\",\"requirements\":{}",
          "requirements");
  refuses("\"type\":\"luks2\"", "\"type\":\"reencrypt\"", "reencrypt");
  refuses("\"type\":\"argon2id\"", "\"type\":\"argon2i\"", "argon2i");
  refuses("\"type\":\"luks1\"", "\"type\":\"luks9\"", "luks9");
  refuses("\"type\":\"raw\"", "\"type\":\"datashift\"", "datashift");
  refuses("\"stripes\":4000", "\"stripes\":1", "stripes");
  refuses("\"hash\":\"sha256\"}", "\"hash\":\"sha1\"}", "sha1");
  refuses("\"encryption\":\"aes-xts-plain64\"", "\"encryption\":\"aes-xts-plain\"",
          "aes-xts-plain");
  refuses("\"segments\":[\"0\"]", "\"segments\":[\"0\",\"1\"]", "other slots");
  refuses("\"segments\":{", "\"segments\":{\"1\":{},", "1");
  refuses("\"digests\":{", "\"digests\":{\"1\":{},", "exactly one");
  refuses("\"keyslots\":{", "\"keyslots\":{\"7\":{},", "exactly one");
  refuses("\"keyslots\":{", "\"keyslots\":{\"32\":{},", "32");
  refuses("\"type\":\"luks2\"", "\"type\":\"luks2\",\"type\":\"luks2\"", "type");
}

TEST(LuksMetadata, CostsHaveTheirBounds) {
  for (const auto& [from, to] : {std::pair("\"time\":4", "\"time\":0"),
                                 {"\"time\":4", "\"time\":1001"},
                                 {"\"time\":4", "\"time\":-4"},
                                 {"\"time\":4", "\"time\":4.0"},
                                 {"\"time\":4", "\"time\":\"4\""},
                                 {"\"memory\":65536", "\"memory\":1048577"},
                                 {"\"memory\":65536", "\"memory\":4294967296"},
                                 {"\"memory\":65536", "\"memory\":31"},
                                 {"\"cpus\":2", "\"cpus\":0"},
                                 {"\"cpus\":2", "\"cpus\":5"},
                                 {"\"iterations\":1000", "\"iterations\":999"},
                                 {"\"iterations\":1000", "\"iterations\":100000001"}}) {
    EXPECT_NE(why_not(with(from, to)), "understood") << to;
  }
  EXPECT_EQ(why_not(with("\"memory\":65536", "\"memory\":1048576")), "understood");
}

TEST(LuksMetadata, AreasLieOneBehindTheOther) {
  for (const auto& [from, to] :
       {std::pair("\"offset\":\"32768\"", "\"offset\":\"32767\""),
        {"\"offset\":\"32768\"", "\"offset\":\"0\""},
        {"\"offset\":\"32768\"", "\"offset\":\"16777216\""},
        {"\"offset\":\"32768\"", "\"offset\":\"18446744073709551615\""},
        {"\"offset\":\"32768\"", "\"offset\":\"18446744073709551616\""},
        {"\"offset\":\"32768\"", "\"offset\":\"032768\""},
        {"\"offset\":\"32768\"", "\"offset\":32768"},
        {"\"size\":\"258048\"", "\"size\":\"255999\""},
        {"\"size\":\"258048\"", "\"size\":\"16744449\""},
        {"\"offset\":\"16777216\"", "\"offset\":\"4096\""},
        {"\"offset\":\"16777216\"", "\"offset\":\"16777217\""},
        {"\"offset\":\"16777216\"", "\"offset\":\"17825792\""},
        {"\"offset\":\"16777216\"", "\"offset\":\"17825793\""},
        {"\"offset\":\"16777216\"", "\"offset\":\"18446744073709547520\""},
        {"\"json_size\":\"12288\"", "\"json_size\":\"28672\""},
        {"\"keyslots_size\":\"16744448\"", "\"keyslots_size\":\"16748544\""},
        {"\"keyslots_size\":\"16744448\"", "\"keyslots_size\":\"4096\""}}) {
    EXPECT_NE(why_not(with(from, to)), "understood") << to;
  }
  EXPECT_NE(why_not(kJson, kPartition + 512), "understood");
  EXPECT_NE(why_not(kJson, 0), "understood");
  EXPECT_NE(why_not(kJson, 16UL << 20U), "understood");
}

TEST(LuksMetadata, APartOfItIsNone) {
  for (std::size_t size = 0; size < kJson.size(); ++size) {
    EXPECT_NE(why_not(kJson.substr(0, size)), "understood") << size;
  }
  EXPECT_NE(why_not(kJson + "{}"), "understood");
}

}  // namespace
}  // namespace sifguard
