#include "keystore/backup/password_file.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr unsigned kCheap = 14;
constexpr std::size_t kHead = 48 + 60;  // header and secret
constexpr std::size_t kPiece = 65536 + 28;

/// By Python's hashlib-compatible scrypt and AESGCM (cryptography 48.0.0): salt 00..1f, password
/// "correct horse", secret 64..83, body "a body of another tool".
constexpr const char* kForeign =
    "534742414b30310a0e08010000000000000102030405060708090a0b0c0d0e0f101112131415161718191a1b"
    "1c1d1e1fa0a0a0a0a0a0a0a0a0a0a0a06e6fb7e8c7131e287eceb5682d3c8030f40b16c782b541348f5bf9de"
    "f4da9222d884702812e798a44bb13e8ea5c98aeeb1b1b1b1b1b1b1b1b1b1b1b159ac0e3f990cb79ecbc86d01"
    "843520b2c5ccb811f6de506e7c0cd96fc49021667466cd947528";

SecretBytes secret_of(std::string_view text) {
  return SecretBytes::copy_of(as_bytes(text)).value();
}

std::string body_of(std::size_t size) {
  std::string body(size, '\0');
  for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * 7 + i / 65536);
  return body;
}

std::vector<std::byte> sealed(const std::string& body) {
  auto file =
      seal_file(secret_of("password"), secret_of(std::string(32, 's')), as_bytes(body), kCheap);
  EXPECT_TRUE(file) << file.error().line();
  return *file;
}

std::string refusal(const std::vector<std::byte>& file, std::string_view password = "password") {
  const auto opened = open_sealed_file(secret_of(password), file);
  if (opened) return "opened";
  EXPECT_EQ(opened.error().code(), Code::refused);
  return opened.error().what();
}

TEST(SealedFile, GoesRoundAtEverySizeOfAPiece) {
  for (const std::size_t size : {1UL, 65535UL, 65536UL, 65537UL, 200000UL}) {
    const auto file = sealed(body_of(size));
    const auto opened = open_sealed_file(secret_of("password"), file);
    ASSERT_TRUE(opened) << size << ": " << opened.error().line();
    EXPECT_EQ(as_text(opened->secret.bytes()), std::string(32, 's'));
    EXPECT_TRUE(as_text(opened->body) == body_of(size)) << size;
  }
}

TEST(SealedFile, OpensWhatAnotherToolMade) {
  const auto opened = open_sealed_file(secret_of("correct horse"), *from_hex(kForeign));
  ASSERT_TRUE(opened) << opened.error().line();
  EXPECT_EQ(to_hex(opened->secret.bytes()),
            "6465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80818283");
  EXPECT_EQ(as_text(opened->body), "a body of another tool");
}

TEST(SealedFile, SaysNothingOfItsContent) {
  const auto file = sealed(std::string(1000, 'b'));
  EXPECT_EQ(as_text(file).find(std::string(8, 'b')), std::string_view::npos);
  EXPECT_EQ(as_text(file).find(std::string(8, 's')), std::string_view::npos);
  EXPECT_NE(sealed("x"), sealed("x"));
}

TEST(SealedFile, RefusesTheWrongPassword) {
  const auto file = sealed("body");
  for (const char* password : {"", "passwor", "password ", "Password"}) {
    EXPECT_EQ(refusal(file, password), "the password is wrong, or the backup is altered");
  }
}

TEST(SealedFile, RefusesFlippedBitsEverywhere) {
  const auto file = sealed("body");
  for (std::size_t at = 0; at < file.size(); ++at) {
    const bool derives = at >= 16;  // a head that is wrong costs no derivation
    if (derives && at % 11 != 0) continue;
    auto bad = file;
    bad[at] ^= static_cast<std::byte>(1U << (at % 8));
    EXPECT_NE(refusal(bad), "opened") << at;
  }
}

TEST(SealedFile, RefusesCostsOutOfRangeBeforeTheWork) {
  auto file = sealed("body");
  for (const unsigned cost : {0U, 13U, 21U, 63U, 255U}) {
    file[8] = static_cast<std::byte>(cost);
    EXPECT_EQ(refusal(file), "the head of the backup is altered, or of a newer sifctl") << cost;
  }
}

TEST(SealedFile, RefusesTruncationExchangeAndWhatFollows) {
  const auto file = sealed(body_of(150000));
  const auto first = [&](std::size_t size) {
    return std::vector<std::byte>(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
  };
  for (const std::size_t size : {0UL, 7UL, 47UL, 48UL, kHead - 1}) {
    EXPECT_NE(refusal(first(size)), "opened") << size;
  }
  for (const std::size_t size : {kHead, kHead + 28, kHead + kPiece, kHead + 2 * kPiece,
                                 kHead + 2 * kPiece + 28, file.size() - 1}) {
    EXPECT_EQ(refusal(first(size)), "the backup is altered or truncated") << size;
  }
  auto longer = file;
  longer.push_back(std::byte{0});
  EXPECT_EQ(refusal(longer), "the backup is altered or truncated");
  auto exchanged = file;
  std::swap_ranges(exchanged.begin() + kHead, exchanged.begin() + kHead + kPiece,
                   exchanged.begin() + kHead + kPiece);
  EXPECT_EQ(refusal(exchanged), "the backup is altered or truncated");
  auto twice = file;
  twice.insert(twice.end(), file.begin() + kHead, file.end());
  EXPECT_EQ(refusal(twice), "the backup is altered or truncated");
}

TEST(SealedFile, WantsAPasswordAndSizes) {
  EXPECT_EQ(seal_file(secret_of("short"), secret_of(std::string(32, 's')), as_bytes("x"), kCheap)
                .error()
                .code(),
            Code::refused);
  for (const std::size_t size : {0UL, 31UL, 33UL}) {
    EXPECT_FALSE(
        seal_file(secret_of("password"), secret_of(std::string(size, 's')), as_bytes("x"), kCheap));
  }
  const auto secret = secret_of(std::string(32, 's'));
  EXPECT_FALSE(seal_file(secret_of("password"), secret, {}, kCheap));
  EXPECT_FALSE(seal_file(secret_of("password"), secret, as_bytes("x"), kMaxSealedCost + 1));
}

}  // namespace
}  // namespace sifguard
