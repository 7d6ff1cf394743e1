#include "keystore/crypto/openpgp_packet.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace sifguard {
namespace {

/// A version 4 signature body of `size` bytes: text document, RSA, SHA-512.
std::string body(std::size_t size = 20) {
  std::string bytes("\x04\x01\x01\x0a", 4);
  bytes.resize(size, 'x');
  return bytes;
}

std::string old_format(const std::string& content) {
  return std::string("\x88", 1) + static_cast<char>(content.size()) + content;
}

void expect_refused(const std::string& data, const std::string& words) {
  const auto packet = parse_detached_signature(data);
  ASSERT_FALSE(packet);
  EXPECT_EQ(packet.error().code(), Code::refused);
  EXPECT_NE(packet.error().what().find(words), std::string::npos) << packet.error().line();
}

TEST(OpenPgpPacket, ReadsEveryLengthForm) {
  const std::string small = body();
  const std::string middle = body(1000);
  const std::vector<std::string> all = {
      old_format(small),
      std::string("\x89\x03\xe8", 3) + middle,
      std::string("\x8a\x00\x00\x03\xe8", 5) + middle,
      std::string("\xc2\x14", 2) + small,
      std::string("\xc2\xc3\x28", 3) + middle,
      std::string("\xc2\xff\x00\x00\x03\xe8", 6) + middle,
  };
  for (const auto& data : all) {
    const auto packet = parse_detached_signature(data);
    ASSERT_TRUE(packet) << packet.error().line();
    EXPECT_EQ(packet->bytes, data);
    EXPECT_EQ(packet->type, 1);
    EXPECT_EQ(packet->public_key_algorithm, 1);
    EXPECT_EQ(packet->hash_algorithm, 10);
  }
}

TEST(OpenPgpPacket, RefusesWrongLengths) {
  const std::string content = body();
  expect_refused(old_format(content) + "x", "single");
  expect_refused(old_format(content).substr(0, 21), "single");
  expect_refused(old_format(content) + old_format(content), "single");
  expect_refused(std::string("\x8b", 1) + content, "single");      // indeterminate
  expect_refused(std::string("\xc2\xe4", 2) + content, "single");  // partial
  expect_refused(std::string("\x8a\xff\xff\xff\xff", 5) + content, "single");
  expect_refused(std::string("\xc2\xff\xff\xff\xff\xff", 6) + content, "single");
}

TEST(OpenPgpPacket, RefusesOtherPackets) {
  for (int tag = 0; tag < 64; ++tag) {
    if (tag == 2) continue;
    std::string data = std::string("\xc2\x14", 2) + body();
    data[0] = static_cast<char>(0xC0 | tag);
    expect_refused(data, "single");
  }
}

TEST(OpenPgpPacket, RefusesOtherVersionsAndTypes) {
  for (const char version : {'\x00', '\x02', '\x03', '\x05', '\x06'}) {
    std::string content = body();
    content[0] = version;
    expect_refused(old_format(content), "version 4");
  }
  for (int type = 2; type < 256; ++type) {  // certifications, bindings, revocations, timestamps
    std::string content = body();
    content[1] = static_cast<char>(type);
    expect_refused(old_format(content), "document");
  }
}

TEST(OpenPgpPacket, RefusesShortAndHugeInput) {
  expect_refused("", "armor");
  expect_refused(std::string("\x88\x05\x04\x00\x01\x08\x00", 7), "too short");
  expect_refused(std::string("\x88", 1), "single");
  expect_refused(std::string(70000, '\x88'), "too large");
}

class Armored : public testing::Test {
 protected:
  static constexpr const char* kBody = "iBQEAQEKeHh4eHh4eHh4eHh4eHh4eA==";  // base64 of "\x88\x14"…
  static std::string armor(const std::string& inside, const std::string& headers = "") {
    return "-----BEGIN PGP SIGNATURE-----\n" + headers + "\n" + inside +
           "\n-----END PGP SIGNATURE-----\n";
  }
};

TEST_F(Armored, IsTakenOff) {
  for (const std::string& data :
       {armor(kBody), armor(kBody, "Version: X\nComment: y z\nEmpty:\n"),
        armor(std::string(kBody) + "\n=AAAA"), "\n\n" + armor(kBody) + "\n\n"}) {
    const auto packet = parse_detached_signature(data);
    ASSERT_TRUE(packet) << packet.error().line();
    EXPECT_EQ(packet->bytes.size(), 22U);
    EXPECT_EQ(packet->hash_algorithm, 10);
  }
}

TEST_F(Armored, MayEndItsLinesAsWindowsDoes) {
  std::string data;
  for (const char c : armor(kBody)) data += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_TRUE(parse_detached_signature(data));
}

TEST_F(Armored, RefusesAnythingElse) {
  expect_refused("text\n" + armor(kBody), "no PGP SIGNATURE");
  expect_refused(armor(kBody) + "text\n", "text after the armor");
  expect_refused(armor(kBody) + armor(kBody), "text after the armor");
  expect_refused(armor(std::string(kBody) + "\n=AAAA\n" + kBody), "checksum");
  expect_refused(armor("!!!!"), "base64");
  expect_refused(armor("iBQ"), "base64");
  expect_refused(armor("===="), "base64");
  expect_refused(armor(""), "base64");
  expect_refused(armor(kBody, "no header\n"), "header");
  expect_refused("-----BEGIN PGP SIGNATURE-----\n\n" + std::string(kBody), "no end");
  expect_refused("-----BEGIN PGP MESSAGE-----\n\n" + std::string(kBody), "no PGP SIGNATURE");
  expect_refused("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nx\n" + armor(kBody),
                 "no PGP SIGNATURE");
}

TEST(OpenPgpPacket, SurvivesNoise) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same noise every time
  for (int i = 0; i < 20000; ++i) {
    std::string data(random() % 40, '\0');
    for (char& c : data) c = static_cast<char>(random());
    static_cast<void>(parse_detached_signature(data));
  }
}

TEST(OpenPgpHash, NamesAndStrength) {
  EXPECT_EQ(openpgp_hash_name(8), "sha256");
  EXPECT_EQ(openpgp_hash_name(2), "sha1");
  EXPECT_EQ(openpgp_hash_name(99), "hash 99");
  for (int algorithm = 0; algorithm < 256; ++algorithm) {
    EXPECT_EQ(is_strong_openpgp_hash(algorithm),
              algorithm == 8 || algorithm == 9 || algorithm == 10);
  }
}

}  // namespace
}  // namespace sifguard
