#include "keystore/crypto/openpgp_block.h"

#include <gtest/gtest.h>

#include "keystore/base/base64.h"
#include "keystore/base/fd.h"
#include "tests/unit/crypto/small_exponent_key.h"

namespace sifguard {
namespace {

std::string packet(int tag, const std::string& body) {
  return std::string(1, static_cast<char>(0xC0 | tag)) + static_cast<char>(body.size()) + body;
}

/// A version 4 key revocation with these two areas of subpackets.
std::string revocation(const std::string& hashed, const std::string& rest) {
  const auto area = [](const std::string& text) {
    return std::string(1, '\0') + static_cast<char>(text.size()) + text;
  };
  return packet(2, "\x04\x20\x16\x08" + area(hashed) + area(rest) + "xxxxxx");
}

const std::string kFingerprint = "\x16\x21\x04" + std::string(20, '\xAB');  // subpacket 33
const std::string kKeyId = "\x09\x10" + std::string(8, '\xCD');             // subpacket 16

TEST(OpenPgpBlock, ReadsPacketsAndStopsAtWhatIsNone) {
  const std::string data = packet(6, "\x04 key") + packet(13, "alice");
  for (const std::string& more : {std::string(), std::string("x"), std::string("\xc6"),
                                  std::string("\xc6\x05zz"), std::string("\xc6\xe1z")}) {
    const std::string bytes = data + more;
    const auto packets = openpgp_packets(bytes);
    ASSERT_EQ(packets.size(), 2U);
    EXPECT_EQ(packets[0].tag, 6);
    EXPECT_EQ(packets[1].tag, 13);
    EXPECT_EQ(packets[1].body, "alice");
    EXPECT_EQ(packets[1].whole.size(), 7U);
  }
  EXPECT_TRUE(openpgp_packets("").empty());
}

TEST(OpenPgpBlock, ReadsArmor) {
  const std::string armored =
      "words\r\n-----BEGIN PGP PUBLIC KEY BLOCK-----\r\nComment: x\r\n\r\nxgUEIGtleQ==\r\n=abcd\r\n"
      "-----END PGP PUBLIC KEY BLOCK-----\r\n";
  EXPECT_EQ(openpgp_bytes(armored), std::string("\xc6\x05\x04 key", 7));
  EXPECT_EQ(openpgp_bytes("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!\n"), "");
  EXPECT_EQ(openpgp_bytes("hello"), "");
}

TEST(OpenPgpBlock, FindsWhoseRevocationItIs) {
  EXPECT_EQ(lone_revocation_of(revocation(kFingerprint, kKeyId)),
            std::string(40, 'A').replace(0, 40, [] {
              std::string text;
              for (int i = 0; i < 20; ++i) text += "AB";
              return text;
            }()));
  EXPECT_EQ(lone_revocation_of(revocation("", kKeyId)), "CDCDCDCDCDCDCDCD");
  EXPECT_EQ(lone_revocation_of(revocation("", "")), std::nullopt);
  EXPECT_EQ(lone_revocation_of(revocation(kFingerprint.substr(0, 10), kKeyId)), "CDCDCDCDCDCDCDCD");
  EXPECT_EQ(lone_revocation_of(packet(6, "\x04 key") + revocation(kFingerprint, "")), std::nullopt);
  std::string other = revocation(kFingerprint, "");
  other[3] = '\x28';  // of a subkey
  EXPECT_EQ(lone_revocation_of(other), std::nullopt);
  for (std::size_t size = 0; size < revocation(kFingerprint, kKeyId).size(); ++size) {
    EXPECT_EQ(lone_revocation_of(revocation(kFingerprint, kKeyId).substr(0, size)), std::nullopt);
  }
}

TEST(OpenPgpBlock, CountsKeysAndWhatIsNone) {
  const auto armored = [](const std::string& bytes) {
    return "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n" + to_base64(as_bytes(bytes)) +
           "\n-----END PGP PUBLIC KEY BLOCK-----\n";
  };
  const auto counted = [](const std::string& data) {
    const OpenPgpContent content = openpgp_content(data);
    return std::to_string(content.keys) + "+" + std::to_string(content.others);
  };
  const std::string plain = packet(6, "\x04 key"),
                    end = packet(13, "alice") + packet(14, "\x04 sub");
  const std::string gone = revocation(kFingerprint, ""), signature = packet(2, "\x04zzzzzzz");
  const std::string key = plain + end;
  EXPECT_EQ(counted(key), "1+0");
  EXPECT_EQ(counted(plain + gone + end), "1+0");
  EXPECT_EQ(counted(plain + signature + gone + end), "1+0");
  EXPECT_EQ(counted(gone), "0+1");
  EXPECT_EQ(counted(key + key), "2+0");
  EXPECT_EQ(counted(key + gone), "1+1");
  EXPECT_EQ(counted(plain + packet(13, "alice") + gone + packet(14, "\x04 sub")), "1+1");
  EXPECT_EQ(counted(gone + key), "1+1");
  EXPECT_EQ(counted(armored(key)), "1+0");
  EXPECT_EQ(counted("words\n" + armored(key) + "words\n"), "1+0");
  EXPECT_EQ(counted(armored(gone)), "0+1");
  EXPECT_EQ(counted(armored(key) + armored(gone)), "1+1");
  EXPECT_EQ(counted(armored(gone) + armored(key)), "1+1");
  EXPECT_EQ(counted(armored(key) + ":" + armored(gone)), "1+1");
  EXPECT_EQ(counted(armored(key) + armored(key + key)), "3+0");
  EXPECT_EQ(counted(armored(key) + "-----BEGIN CERTIFICATE-----\nMIIB\n"), "1+1");
  EXPECT_EQ(counted("-----BEGIN CERTIFICATE-----\nMIIB\n" + armored(key)), "1+1");
  EXPECT_EQ(counted(armored(key) + "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!\n"), "1+1");
  for (const char* none : {"", "hello", "-----BEGIN ", "\xc6"}) EXPECT_EQ(counted(none), "0+1");
}

TEST(OpenPgpBlock, LendsUserIdsAndSeesWhatIsCutOff) {
  const std::string key = packet(6, "\x04 key"), subkey = packet(14, "\x04 sub");
  const std::string signature = packet(2, "\x04zzzzzzz"), user = packet(13, "alice");
  const std::string stored = key + user + signature + packet(17, "photo") + signature + subkey;
  const std::string newer = packet(14, "\x04 new");
  EXPECT_EQ(with_user_ids(key + signature + subkey + newer, stored),
            key + signature + user + signature + packet(17, "photo") + signature + subkey + newer);
  EXPECT_EQ(with_user_ids(key, stored), key + user + signature + packet(17, "photo") + signature);
  EXPECT_EQ(with_user_ids(key + user + subkey, stored), key + user + subkey);
  EXPECT_EQ(with_user_ids(key + subkey, key), key + subkey);
  for (std::size_t size = 0; size < stored.size(); ++size) {
    const std::size_t first = key.size(), second = first + user.size();
    const bool ends = size == first || size == second || size == second + signature.size() ||
                      size == stored.size() - subkey.size() ||
                      size == stored.size() - subkey.size() - signature.size();
    EXPECT_EQ(is_whole_openpgp(stored.substr(0, size)), ends) << size;
  }
  EXPECT_TRUE(is_whole_openpgp(stored));
  EXPECT_FALSE(is_whole_openpgp(stored + "x"));
}

/// A version 4 signature of this type, made at this time.
std::string made(int type, std::uint32_t when) {
  std::string time = "\x05\x02";
  for (int shift = 24; shift >= 0; shift -= 8) {
    time += static_cast<char>(when >> static_cast<unsigned>(shift) & 0xFFU);
  }
  return packet(2, "\x04" + std::string(1, static_cast<char>(type)) + "\x16\x08" +
                       std::string(1, '\0') + static_cast<char>(time.size()) + time +
                       std::string(2, '\0') + "xxxxxx");
}

TEST(OpenPgpBlock, LeavesOutWhatAKeySaysOfItselfLater) {
  const std::string head = packet(6, "\x04 key") + packet(13, "alice");
  const std::string early = made(0x13, 100);
  const auto left = [&](const std::string& rest, std::int64_t latest = 500) {
    return without_later_signatures(head + early + rest, latest);
  };
  EXPECT_FALSE(left(made(0x13, 500)));
  for (const int type : {0x10, 0x11, 0x12, 0x13, 0x18, 0x1F}) {
    EXPECT_EQ(left(made(type, 501)), head + early) << type;
    EXPECT_FALSE(left(made(type, 501), 501)) << type;
  }
  for (const int revocation : {0x20, 0x28, 0x30}) EXPECT_FALSE(left(made(revocation, 501)));
  const std::string subkey = packet(14, "\x04 sub");
  EXPECT_EQ(left(subkey + made(0x18, 501) + made(0x18, 99)),
            head + early + subkey + made(0x18, 99));
  // Of two keys, one is as it is: it says nothing earlier.
  const std::string other = head + made(0x13, 900);
  EXPECT_EQ(left(made(0x1F, 900) + other), head + early + other);
  EXPECT_FALSE(without_later_signatures(other, 500));
  EXPECT_EQ(without_later_signatures(other, 500, LastOnes::leave_out), packet(6, "\x04 key"));
  // Version 3, what is cut off, and what does not say when.
  const std::string old = packet(2, std::string("\x03\x05\x13\0\0\x02\x00", 7) + "xxxxxxxx");
  EXPECT_EQ(left(old), head + early);
  EXPECT_FALSE(left(made(0x13, 501).substr(0, 9)));
  EXPECT_FALSE(left(packet(2, std::string("\x04\x13\x16\x08\0\x09\x05\x02", 8))));
  EXPECT_FALSE(without_later_signatures("", 0));
}

/// A version 4 key of this algorithm, with the modulus 0x81 and this exponent.
std::string key_body(char algorithm, const std::string& exponent) {
  return std::string("\x04\0\0\0\1", 5) + algorithm + std::string("\0\x08\x81", 3) + exponent;
}

TEST(OpenPgpBlock, FindsSmallExponentsOfKeysAndSubkeysInEveryBlock) {
  const std::string key = test::kSmallExponentKey;
  const std::vector<std::string> once = {test::kSmallExponentFingerprint};
  EXPECT_EQ(small_exponents_in(key), once);
  EXPECT_EQ(small_exponents_in(openpgp_bytes(key)), once);
  EXPECT_EQ(small_exponents_in(key + key).size(), 2U);
  const std::string three("\0\2\3", 3);
  const std::string below("\0\x10\xff\xff", 4);
  const std::string usual("\0\x11\1\0\1", 5);
  const std::string above("\0\x12\2\0\1", 5);
  const auto count = [](int tag, char algorithm, const std::string& exponent) {
    return small_exponents_in(packet(tag, key_body(algorithm, exponent))).size();
  };
  for (const int tag : {6, 14}) {
    for (const char algorithm : {'\1', '\3'}) {
      EXPECT_EQ(count(tag, algorithm, three), 1U);
      EXPECT_EQ(count(tag, algorithm, below), 1U);
      EXPECT_EQ(count(tag, algorithm, usual), 0U);
      EXPECT_EQ(count(tag, algorithm, above), 0U);
    }
    EXPECT_EQ(count(tag, '\x16', three), 0U);  // EdDSA
  }
  for (std::size_t size = 0; size < key_body('\1', three).size(); ++size) {  // cut off
    EXPECT_LE(small_exponents_in(packet(6, key_body('\1', three).substr(0, size))).size(), 1U);
  }
  EXPECT_TRUE(small_exponents_in("").empty());
  EXPECT_TRUE(small_exponents_in("-----BEGIN PGP PUBLIC KEY BLOCK-----").empty());
}

}  // namespace
}  // namespace sifguard
