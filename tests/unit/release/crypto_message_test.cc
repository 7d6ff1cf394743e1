// The CryptoMessage: what openssl wrote is read, what we write openssl reads, all else is refused.
#include "helper/release/crypto_message.h"

#include <gtest/gtest.h>

#include "tests/unit/release/test_keys.h"

namespace sifguard {
namespace {

using test::long_term_key;
using test::other_key;
using test::secret_of;
using test::text_of;

const std::string kVolumeKey(64, 'v');  // LUKS: 64 bytes

std::string good_message() {
  static const std::string message = long_term_key().message(long_term_key().encrypt(kVolumeKey));
  return message;
}

void expect_refused(const std::string& message, const std::string& why) {
  const auto cipher = parse_crypto_message(message);
  ASSERT_FALSE(cipher) << why << ":\n" << message;
  EXPECT_EQ(cipher.error().code(), Code::refused) << why;
  EXPECT_NE(cipher.error().what().find("encryption message"), std::string::npos);
}

/// The same body between the right markers, around any base64 text.
std::string message_around(const std::string& body) {
  return "-----BEGIN MESSAGE-----\n" + body + "-----END MESSAGE-----\n";
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t found = text.find(what);
  EXPECT_NE(found, std::string::npos) << what;
  return text.replace(found, what.size(), by);
}

TEST(CryptoMessage, OpensslsIsReadAndUnwrapped) {
  const auto cipher = parse_crypto_message(good_message());
  ASSERT_TRUE(cipher) << cipher.error().what();
  EXPECT_EQ(cipher->size(), long_term_key().block());
  const auto volume_key = unwrap_volume_key(*cipher, long_term_key().key());
  ASSERT_TRUE(volume_key) << volume_key.error().what();
  EXPECT_EQ(text_of(*volume_key), kVolumeKey);
}

TEST(CryptoMessage, OursIsByteForByteWhatOpensslWrites) {
  for (const std::size_t size : {1U, 127U, 128U, 255U, 256U, 384U, 1024U}) {
    const std::string cipher(size, '\x9c');
    EXPECT_EQ(format_crypto_message(as_bytes(cipher)), long_term_key().message(cipher)) << size;
  }
}

TEST(CryptoMessage, OpensslDecryptsWhatWeWrap) {
  const auto message = wrap_volume_key(secret_of(kVolumeKey), long_term_key().public_key(), 600);
  ASSERT_TRUE(message) << message.error().what();
  ASSERT_EQ(message->size(), 600U);
  const auto cipher = parse_crypto_message(*message);
  ASSERT_TRUE(cipher);
  EXPECT_EQ(long_term_key().decrypt(std::string(as_text(*cipher))), kVolumeKey);
}

TEST(CryptoMessage, ReWrappedForAKeyOfTheSameSizeHasTheSameLength) {
  const auto message =
      wrap_volume_key(secret_of(kVolumeKey), other_key().public_key(), good_message().size());
  ASSERT_TRUE(message);
  EXPECT_EQ(message->back(), '\n');
  EXPECT_TRUE(message->ends_with("-----END MESSAGE-----\n"));
  EXPECT_FALSE(message->ends_with("\n\n"));  // it fits exactly, without padding
}

TEST(CryptoMessage, ShorterOneIsPaddedWithNewlinesAndStillRead) {
  const std::size_t size = good_message().size() + 777;
  const auto message = wrap_volume_key(secret_of(kVolumeKey), other_key().public_key(), size);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->size(), size);
  EXPECT_TRUE(message->ends_with("\n\n\n"));
  EXPECT_TRUE(parse_crypto_message(*message));
}

TEST(CryptoMessage, TooLongForItsPlaceIsAnError) {
  const auto message =
      wrap_volume_key(secret_of(kVolumeKey), other_key().public_key(), good_message().size() - 1);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().code(), Code::internal);
}

TEST(CryptoMessage, LongPlaintextIsChunkedByModulusLess66) {
  const std::size_t most = long_term_key().block() - 66;
  const std::string plain(most + 1, 'p');
  const std::string cipher =
      long_term_key().encrypt(plain.substr(0, most)) + long_term_key().encrypt(plain.substr(most));
  const auto parsed = parse_crypto_message(long_term_key().message(cipher));
  ASSERT_TRUE(parsed);
  const auto volume_key = unwrap_volume_key(*parsed, long_term_key().key());
  ASSERT_TRUE(volume_key) << volume_key.error().what();
  EXPECT_EQ(text_of(*volume_key), plain);

  const auto ours = wrap_volume_key(secret_of(plain), long_term_key().public_key(), 1200);
  ASSERT_TRUE(ours);
  const auto again = parse_crypto_message(*ours);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->size(), 2 * long_term_key().block());
  const std::string text(as_text(*again));
  EXPECT_EQ(long_term_key().decrypt(text.substr(0, long_term_key().block())),
            plain.substr(0, most));
  EXPECT_EQ(long_term_key().decrypt(text.substr(long_term_key().block())), plain.substr(most));
}

TEST(CryptoMessage, ExactlyOneBlocksWorthIsOneBlock) {
  const std::string plain(long_term_key().block() - 66, 'p');
  const auto ours = wrap_volume_key(secret_of(plain), long_term_key().public_key(), 600);
  ASSERT_TRUE(ours);
  EXPECT_EQ(parse_crypto_message(*ours)->size(), long_term_key().block());
}

TEST(CryptoMessage, EveryOtherFrameIsRefused) {
  const std::string good = good_message();
  expect_refused("", "empty");
  expect_refused("\n" + good, "a newline before it");
  expect_refused(" " + good, "a blank before it");
  expect_refused(good + "x", "text after it");
  expect_refused(good + " ", "a blank after it");
  expect_refused(good + "\n\r\n", "CR after it");
  expect_refused(good + good, "twice");
  expect_refused(good + std::string(1, '\0'), "a NUL after it");
  expect_refused(replaced(good, "BEGIN MESSAGE", "BEGIN PUBLIC KEY"), "another type");
  expect_refused(replaced(good, "END MESSAGE", "END SOMETHING"), "unlike end");
  expect_refused(replaced(good, "BEGIN MESSAGE-----\n", "BEGIN MESSAGE-----\r\n"), "CRLF");
  expect_refused(replaced(good, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\n\n"), "PEM headers");
  expect_refused(good.substr(0, good.size() - 1), "no newline at its end");
  expect_refused(good + std::string(kMaxCryptoMessage, '\n'), "too long");
  expect_refused("-----BEGIN MESSAGE-----\n-----END MESSAGE-----\n", "nothing inside");
  expect_refused("-----BEGIN MESSAGE-----\nBAFh-----END MESSAGE-----\n", "end not on a line");
}

TEST(CryptoMessage, EveryTruncationIsRefused) {
  const std::string good = good_message();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_crypto_message(good.substr(0, size))) << size;
  }
}

TEST(CryptoMessage, BadBase64IsRefused) {
  EXPECT_TRUE(parse_crypto_message(message_around("BAFh\n")));  // 04 01 61
  for (const char* body :
       {"BAFh=\n", "BAF\n", "BA!h\n", "BAFh BAFh\n", "=AFh\n", "B=Fh\n", "BA==BAFh\n", "BAFh====\n",
        "====\n", "BAF-\n", "BAF_\n", "BA\tFh\n", "BAFh\r\n", "\n", "\n\n"}) {
    expect_refused(message_around(body), body);
  }
}

TEST(CryptoMessage, BadDerIsRefused) {
  const auto of = [](std::initializer_list<int> bytes) {
    std::string der;
    for (const int byte : bytes) der += static_cast<char>(byte);
    test::TempDir directory;
    test::write_file(directory / "der", der);
    test::must_run("openssl base64 -in " + (directory / "der") + " -out " + (directory / "text"));
    return message_around(test::read_file(directory / "text"));
  };
  EXPECT_TRUE(parse_crypto_message(of({0x04, 0x01, 0x61})));
  expect_refused(of({0x04}), "no length");
  expect_refused(of({0x03, 0x01, 0x61}), "a BIT STRING");
  expect_refused(of({0x24, 0x01, 0x61}), "constructed");
  expect_refused(of({0x30, 0x03, 0x04, 0x01, 0x61}), "a SEQUENCE around it");
  expect_refused(of({0x04, 0x02, 0x61}), "longer than there is");
  expect_refused(of({0x04, 0x01, 0x61, 0x62}), "trailing bytes");
  expect_refused(of({0x04, 0x80, 0x61, 0x00, 0x00}), "indefinite length");
  expect_refused(of({0x04, 0x81, 0x01, 0x61}), "length not minimal");
  expect_refused(of({0x04, 0x82, 0x00, 0x01, 0x61}), "length not minimal");
  expect_refused(of({0x04, 0x83, 0x00, 0x00, 0x01, 0x61}), "length of three bytes");
  expect_refused(of({0x04, 0xff, 0x61}), "reserved length");
  expect_refused(of({0x04, 0x82, 0xff, 0xff, 0x61}), "huge length");
  expect_refused(of({0x04, 0x82, 0x01}), "half a length");
}

TEST(CryptoMessage, EmptyCiphertextUnwrapsToNothing) {
  const auto cipher = parse_crypto_message(message_around("BAA=\n"));  // 04 00
  ASSERT_TRUE(cipher);
  const auto volume_key = unwrap_volume_key(*cipher, long_term_key().key());
  ASSERT_FALSE(volume_key);
  EXPECT_EQ(volume_key.error().code(), Code::refused);
}

/// Every way in which a key can fail to fit gives one and the same error.
void expect_unfit(const std::string& cipher, const std::string& why) {
  static const std::string expected =
      unwrap_volume_key(as_bytes(std::string("x")), long_term_key().key()).error().line();
  const auto volume_key = unwrap_volume_key(as_bytes(cipher), long_term_key().key());
  ASSERT_FALSE(volume_key) << why;
  EXPECT_EQ(volume_key.error().code(), Code::refused) << why;
  EXPECT_EQ(volume_key.error().line(), expected) << why;
}

TEST(UnwrapVolumeKey, RefusesAllThatDoesNotFitAlike) {
  const std::string good = long_term_key().encrypt(kVolumeKey);
  expect_unfit(other_key().encrypt(kVolumeKey), "another key of the same size");
  expect_unfit(long_term_key().encrypt(kVolumeKey, "sha1"), "OAEP with SHA-1");
  expect_unfit(good.substr(1), "a byte short");
  expect_unfit(good + "x", "a byte long");
  expect_unfit(good + other_key().encrypt(kVolumeKey), "second block under another key");
  expect_unfit(good + std::string(good.size(), '\0'), "second block of zeros");
  expect_unfit(std::string(good.size(), '\xff'), "larger than the modulus");
  std::string many;
  for (int i = 0; i < 60; ++i) many += good;
  expect_unfit(many, "too many blocks");
}

TEST(UnwrapVolumeKey, RefusesAnEmptyVolumeKey) {
  const auto nothing = long_term_key().public_key().encrypt_oaep({});
  ASSERT_TRUE(nothing);
  expect_unfit(std::string(as_text(*nothing)), "a block without content");
}

TEST(UnwrapVolumeKey, RefusesEveryFlippedByte) {
  const std::string good = long_term_key().encrypt(kVolumeKey);
  for (std::size_t i = 0; i < good.size(); i += 5) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    expect_unfit(bad, "byte " + std::to_string(i));
  }
}

}  // namespace
}  // namespace sifguard
