// Digits as other programs print them.
#include "keystore/base/pasted.h"

#include <gtest/gtest.h>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr const char* kPlain = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84";

TEST(Pasted, DropsWhatIsPutAroundDigits) {
  for (const char* const text : {
           "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
           "0x12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
           " 0X12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84\n",
           "1204 5C8C 0B10 04D0 58DE  4BED A20C 27EE 7FF7 BA84",
           "12:04:5C:8C:0B:10:04:D0:58:DE:4B:ED:A2:0C:27:EE:7F:F7:BA:84",
           "12-04-5C-8C-0B-10-04-D0-58-DE-4B-ED-A2-0C-27-EE-7F-F7-BA-84",
           "\u200E12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",        // of Windows' dialog
           "12045C8C\u00A00B1004D0\u00A058DE4BEDA20C27EE7FF7BA84",  // of a web page
           "\uFEFF12045C8C0B1004D0\u200B58DE4BEDA20C27EE7FF7BA84\u202C",
           "12045C8C0B1004D0\u201358DE4BEDA20C27EE7FF7BA84",
           "１２０４５Ｃ８Ｃ0B1004D058DE4BEDA20C27EE7FF7BA84",
           "\u200E 0x12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
           "openpgp4fpr:12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
           "OPENPGP4FPR:12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",  // of a QR code
           "      Key fingerprint = 1204 5C8C 0B10 04D0 58DE  4BED A20C 27EE 7FF7 BA84",
           "Primary key fingerprint: 1204 5C8C 0B10 04D0 58DE  4BED A20C 27EE 7FF7 BA84",
           "fpr:::::::::12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84:",
           "fingerprint: 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
       }) {
    EXPECT_EQ(pasted_hex(text), kPlain) << text;
    EXPECT_EQ(normalize_fingerprint(text).value_or("refused"), kPlain) << text;
  }
  EXPECT_EQ(normalize_fingerprint("１２０４５ｃ８ｃ0b1004d058de4beda20c27ee7ff7ba84").value_or(""),
            kPlain);
}

TEST(Pasted, WhatSaysThatItIsOfACertificateIsNoOpenPgpFingerprint) {
  for (const char* const text : {
           "SHA1 Fingerprint=12:04:5C:8C:0B:10:04:D0:58:DE:4B:ED:A2:0C:27:EE:7F:F7:BA:84",
           "sha1 Fingerprint=12:04:5C:8C:0B:10:04:D0:58:DE:4B:ED:A2:0C:27:EE:7F:F7:BA:84",
           "\u200ESHA-1 Thumbprint: 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
           "thumbprint: 0x12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
           "serial=12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
           "sha1:12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",  // of certtool
           "SHA1:12045c8c0b1004d058de4beda20c27ee7ff7ba84",
           "SHA-1 Fingerprint 12 04 5C 8C 0B 10 04 D0 58 DE 4B ED A2 0C 27 EE 7F F7 BA 84",
           "sha256:12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
       }) {
    EXPECT_EQ(to_upper(pasted_hex(text)), kPlain) << text;
    EXPECT_EQ(pasted_of(text), PastedOf::certificate) << text;
    const auto read = normalize_fingerprint(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().what().find("says that it is of a certificate"), std::string::npos);
  }
  for (const char* const text :
       {"openpgp4fpr:12", "Key fingerprint = 12", "fpr:::12:", "Primary key fingerprint: 12"}) {
    EXPECT_EQ(pasted_of(text), PastedOf::openpgp) << text;
  }
  for (const char* const text : {"12", "0x12", "fingerprint: 12", "", "12 sha1"}) {
    EXPECT_EQ(pasted_of(text), PastedOf::unsaid) << text;
  }
}

TEST(Pasted, KeepsWhatIsNoFiller) {
  EXPECT_EQ(pasted_hex(""), "");
  EXPECT_EQ(pasted_hex("0x"), "");
  EXPECT_EQ(pasted_hex("00x1"), "00x1");
  EXPECT_EQ(pasted_hex("finger"), "finger");
  EXPECT_EQ(pasted_hex("MD5 Fingerprint=12"), "MD5Fingerprint=12");
  EXPECT_EQ(pasted_hex("SHA512 Fingerprint=12"), "SHA512Fingerprint=12");
  EXPECT_EQ(pasted_hex("fingerprint=fingerprint=12"), "fingerprint=12");
  EXPECT_EQ(pasted_hex("12 serial=34"), "12serial=34");
  EXPECT_EQ(pasted_hex("12, 34"), "12,34");
  EXPECT_EQ(pasted_hex("１２Ｇ"), "12Ｇ");
  EXPECT_EQ(pasted_hex("а1"), "а1");  // Cyrillic
  for (const char* const broken : {"\xe2", "\xe2\x80", "\xff", "\xc2", "1\xe2\x80"}) {
    EXPECT_EQ(pasted_hex(broken), broken);
  }
}

TEST(Pasted, WhatIsNotAWholeFingerprintIsRefused) {
  for (const char* const text :
       {"", "0x", "A20C27EE7FF7BA84", "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA8",
        "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84F",
        "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA8\u0430",
        "0x0x12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84",
        "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84,"}) {
    EXPECT_FALSE(normalize_fingerprint(text)) << text;
  }
  const auto newer = normalize_fingerprint(std::string(64, 'A'));
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().remedy().find("version 5 or 6"), std::string::npos);
}

const std::string kHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

std::string in_pairs(const std::string& digits, const std::string& between) {
  std::string text;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    text += (i > 0 ? between : "") + digits.substr(i, 2);
  }
  return text;
}

TEST(Pasted, IdsAreCleanedAroundTheirPrefix) {
  for (const std::string prefix : {"spki", "cert"}) {
    const std::string id = prefix + ":" + kHash;
    for (const std::string& text :
         {id, to_upper(id), "\u200E" + id, "\u00A0" + id + "\u200B", " " + id + "\n",
          prefix + "\u200E:\u00A0" + kHash, prefix + ": " + kHash, prefix + ":0x" + kHash,
          prefix + ":" + in_pairs(to_upper(kHash), ":"), prefix + ":sha256:" + kHash,
          prefix + ":SHA256 Fingerprint=" + in_pairs(to_upper(kHash), ":")}) {
      EXPECT_EQ(pasted_id(text).value_or("refused"), id) << text;
    }
    for (const std::string& text :
         {kHash, prefix, prefix + ":", id + "0", id.substr(0, 68), prefix + prefix + ":" + kHash,
          "x" + id, id + ",", prefix + ":sha512:" + kHash, "k\u0456" + id}) {
      EXPECT_FALSE(pasted_id(text)) << text;
    }
  }
}

TEST(Pasted, Digests) {
  const std::string digest = "sha256:" + kHash;
  for (const std::string& text :
       {digest, to_upper(digest), kHash, "\u200E" + digest, "sha256:\u00A0" + kHash + "\u200B",
        " sha256: " + kHash + "\n", "sha256=" + kHash, "sha-256:" + kHash, "0x" + kHash,
        "sha256:" + in_pairs(to_upper(kHash), ":"), in_pairs(kHash, " "),
        "SHA256 Fingerprint=" + in_pairs(to_upper(kHash), ":"),
        "sha256 Fingerprint=" + in_pairs(to_upper(kHash), ":"), "SHA2-256(a.sif)= " + kHash}) {
    EXPECT_EQ(pasted_digest(text).value_or("refused"), digest) << text;
  }
  for (const std::string& text :
       {std::string(), std::string("sha256:"), digest + "0", digest.substr(0, 70),
        "sha512:" + kHash, "md5:" + kHash, "spki:" + kHash, "openpgp4fpr:" + kHash,
        "SHA512 Fingerprint=" + kHash, "sha256:sha256:" + kHash, kHash + "  image.sif",
        "SHA2-512(a.sif)= " + kHash, "sha256:" + kHash.substr(1) + "g", "sha256:\u0430" + kHash}) {
    EXPECT_FALSE(pasted_digest(text)) << text;
  }
}

TEST(Pasted, TextLosesWhatIsAroundIt) {
  EXPECT_EQ(pasted_text("\u200E\u00A0 CN=a\u00A0b \u200B\n"), "CN=a\u00A0b");
  EXPECT_EQ(pasted_text("-:x:-"), "-:x:-");
  EXPECT_EQ(pasted_text("\u2010x"), "\u2010x");
  EXPECT_EQ(pasted_text(" \u200B"), "");
  EXPECT_EQ(pasted_text(""), "");
  EXPECT_EQ(pasted_text("\xe2"), "\xe2");
}

}  // namespace
}  // namespace sifguard
