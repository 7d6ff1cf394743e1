// A file under a password: a secret and a body. Any privilege.
#include "keystore/backup/password_file.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "keystore/base/fd.h"
#include "keystore/base/passphrase.h"
#include "keystore/crypto/aead.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::string_view kBackupMagic = "SGBAK01\n";
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kSaltAt = 16;
constexpr std::size_t kHeader = kSaltAt + kSaltBytes;
constexpr std::size_t kPiece = 64UL * 1024;
constexpr std::size_t kAround = kAeadNonceBytes + kAeadTagBytes;
constexpr unsigned kMinCost = 14;
constexpr unsigned kBlock = 8;     // scrypt's r
constexpr unsigned kParallel = 1;  // and p

std::vector<std::byte> context(Bytes header) {
  std::vector<std::byte> all(header.begin(), header.end());
  all.push_back(std::byte{0xFF});
  return all;
}

std::vector<std::byte> context(Bytes header, std::uint64_t number, bool last) {
  std::vector<std::byte> all(header.begin(), header.end());
  for (int shift = 56; shift >= 0; shift -= 8) {
    all.push_back(static_cast<std::byte>(number >> static_cast<unsigned>(shift)));
  }
  all.push_back(last ? std::byte{1} : std::byte{0});
  return all;
}

Result<std::vector<std::byte>> make_header(unsigned cost) {
  const auto magic = as_bytes(kBackupMagic);
  std::vector<std::byte> header(magic.begin(), magic.end());
  header.push_back(static_cast<std::byte>(cost));
  header.push_back(static_cast<std::byte>(kBlock));
  header.push_back(static_cast<std::byte>(kParallel));
  header.resize(kSaltAt);
  SG_TRY(const SecretBytes salt, random_secret(kSaltBytes));
  const auto bytes = salt.bytes();
  header.insert(header.end(), bytes.begin(), bytes.end());
  return header;
}

Status check_header(Bytes header) {
  if (header.size() < kHeader || as_text(header.first(kBackupMagic.size())) != kBackupMagic) {
    return fail(Code::refused, "not a backup of sifctl, or it is truncated");
  }
  const auto cost = std::to_integer<unsigned>(header[8]);
  const auto rest = header.subspan(11, kSaltAt - 11);
  const bool zero =
      std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{}; });
  if (cost < kMinCost || cost > kMaxSealedCost || std::to_integer<unsigned>(header[9]) != kBlock ||
      std::to_integer<unsigned>(header[10]) != kParallel || !zero) {
    return fail(Code::refused, "the head of the backup is altered, or of a newer sifctl");
  }
  return {};
}

Result<SecretBytes> derive(const SecretBytes& password, Bytes header) {
  const auto cost = std::to_integer<unsigned>(header[8]);
  const std::uint64_t n = std::uint64_t{1} << cost;
  const std::uint64_t memory = 128ULL * kBlock * (n + kParallel + 2) + (1U << 20U);
  SG_TRY(SecretBytes key, SecretBytes::allocate(kAeadKeyBytes));
  const auto salt = header.subspan(kSaltAt, kSaltBytes);
  if (EVP_PBE_scrypt(as_text(password.bytes()).data(), password.size(), octets(salt), salt.size(),
                     n, kBlock, kParallel, memory, writable_octets(key.bytes()), key.size()) != 1) {
    return fail_openssl(Code::temporary, "cannot derive a key from the password");
  }
  return key;
}

void append(std::vector<std::byte>& all, Bytes some) {
  all.insert(all.end(), some.begin(), some.end());
}

}  // namespace

Result<std::vector<std::byte>> seal_file(const SecretBytes& password, const SecretBytes& secret,
                                         Bytes body, unsigned cost) {
  SG_CHECK(check_new_password(password));
  if (secret.size() != kSealedSecretBytes || body.empty() || cost < kMinCost ||
      cost > kMaxSealedCost) {
    return fail(Code::internal, "wrong sizes for a backup");
  }
  SG_TRY(const auto header, make_header(cost));
  SG_TRY(const SecretBytes key, derive(password, header));
  std::vector<std::byte> file = header;
  SG_TRY(const auto sealed, aead_seal(key, secret, context(header)));
  append(file, sealed);
  for (std::uint64_t number = 0;; ++number) {
    const bool last = body.size() <= kPiece;
    const Bytes piece = body.first(std::min(body.size(), kPiece));
    SG_TRY(const SecretBytes plain, SecretBytes::copy_of(piece));
    SG_TRY(const auto one, aead_seal(key, plain, context(header, number, last)));
    append(file, one);
    if (last) return file;
    body = body.subspan(piece.size());
  }
}

Result<SealedContent> open_sealed_file(const SecretBytes& password, Bytes file) {
  SG_CHECK(check_header(file));
  const Bytes header = file.first(kHeader);
  file = file.subspan(kHeader);
  if (file.size() < kSealedSecretBytes + kAround) {
    return fail(Code::refused, "the backup is truncated");
  }
  SG_TRY(const SecretBytes key, derive(password, header));
  SealedContent content;
  auto secret = aead_open(key, file.first(kSealedSecretBytes + kAround), context(header));
  if (!secret) {
    if (secret.error().code() != Code::refused) return tl::unexpected(std::move(secret).error());
    return fail(Code::refused, "the password is wrong, or the backup is altered");
  }
  content.secret = *std::move(secret);
  file = file.subspan(kSealedSecretBytes + kAround);
  for (std::uint64_t number = 0;; ++number) {
    const bool last = file.size() <= kPiece + kAround;
    const Bytes piece = file.first(std::min(file.size(), kPiece + kAround));
    const auto plain = aead_open(key, piece, context(header, number, last));
    if (!plain || plain->empty()) {
      if (!plain && plain.error().code() != Code::refused) return tl::unexpected(plain.error());
      return fail(Code::refused, "the backup is altered or truncated");
    }
    append(content.body, plain->bytes());
    if (last) return content;
    file = file.subspan(piece.size());
  }
}

}  // namespace sifguard
