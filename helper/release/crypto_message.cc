// The CryptoMessage of an encrypted SIF: its volume key, wrapped with RSA-OAEP. Pure.
#include "helper/release/crypto_message.h"

#include <openssl/asn1.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "keystore/base/base64.h"
#include "keystore/base/fd.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

constexpr std::string_view kBegin = "-----BEGIN MESSAGE-----\n";
constexpr std::string_view kEnd = "-----END MESSAGE-----\n";
constexpr std::size_t kLine = 64;          // as Go's encoding/pem writes
constexpr std::size_t kOaepOverhead = 66;  // 2 * 32 + 2, RFC 8017 7.1.1
constexpr std::size_t kMaxVolumeKey = 1024;

tl::unexpected<Error> malformed(const char* why) {
  return fail(Code::refused, std::string("the image's encryption message is malformed: ") + why);
}

Result<std::string> decode_lines(std::string_view body) {
  std::string digits;
  digits.reserve(body.size());
  for (const char c : body) {
    if (c != '\n') digits += c;
  }
  auto bytes = from_base64(digits);
  if (!bytes || bytes->empty()) return malformed("bad base64");
  return *std::move(bytes);
}

using OctetString = std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)>;

std::string to_der(const ASN1_OCTET_STRING* string) {
  unsigned char* bytes = nullptr;
  const int size = i2d_ASN1_OCTET_STRING(string, &bytes);
  if (size < 0) throw std::bad_alloc();
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

/// The content of one DER OCTET STRING that fills `der` exactly: as OpenSSL itself writes it.
Result<std::vector<std::byte>> octet_string(const std::string& der) {
  auto at = reinterpret_cast<const unsigned char*>(der.data());
  const OctetString parsed(d2i_ASN1_OCTET_STRING(nullptr, &at, static_cast<long>(der.size())),
                           &ASN1_OCTET_STRING_free);
  ERR_clear_error();
  if (!parsed || to_der(parsed.get()) != der) return malformed("no OCTET STRING in DER");
  const auto content = reinterpret_cast<const std::byte*>(ASN1_STRING_get0_data(parsed.get()));
  return std::vector<std::byte>(content, content + ASN1_STRING_length(parsed.get()));
}

}  // namespace

Result<std::string> read_crypto_message(int image, std::uint64_t image_size,
                                        const CryptoMessageFact& place) {
  if (place.size == 0 || place.size > kMaxCryptoMessage || place.size > image_size ||
      place.offset > image_size - place.size) {
    return fail(Code::refused, "the image's encryption message is not inside the image");
  }
  std::string text(static_cast<std::size_t>(place.size), '\0');
  SG_CHECK(pread_exact(image, std::as_writable_bytes(std::span(text)), place.offset, "the image"));
  return text;
}

Result<std::vector<std::byte>> parse_crypto_message(std::string_view pem) {
  if (pem.size() > kMaxCryptoMessage) return malformed("too long");
  if (!pem.starts_with(kBegin)) return malformed("it does not begin as a PEM message");
  pem.remove_prefix(kBegin.size());
  const std::size_t end = pem.find(kEnd);
  if (end == std::string_view::npos || end == 0 || pem[end - 1] != '\n') {
    return malformed("it does not end as a PEM message");
  }
  const std::string_view rest = pem.substr(end + kEnd.size());
  if (rest.find_first_not_of('\n') != std::string_view::npos) return malformed("it goes on");
  SG_TRY(const std::string der, decode_lines(pem.substr(0, end)));
  return octet_string(der);
}

std::string format_crypto_message(std::span<const std::byte> cipher) {
  const OctetString string(ASN1_OCTET_STRING_new(), &ASN1_OCTET_STRING_free);
  if (!string ||
      ASN1_OCTET_STRING_set(string.get(), octets(cipher), static_cast<int>(cipher.size())) != 1) {
    throw std::bad_alloc();
  }
  const std::string digits = to_base64(as_bytes(to_der(string.get())));
  std::string pem(kBegin);
  for (std::size_t at = 0; at < digits.size(); at += kLine) {
    pem.append(digits, at, kLine).append(1, '\n');
  }
  return pem.append(kEnd);
}

Result<SecretBytes> unwrap_volume_key(std::span<const std::byte> cipher, const RsaPrivateKey& key) {
  const std::size_t block = key.modulus_bytes();
  const auto unfit = [] {
    return fail(Code::refused, "the image is not encrypted for the key of its binding",
                "encrypt it with `sifctl key export-public --pkcs1`, or bind the right key");
  };
  if (cipher.empty() || cipher.size() % block != 0) return unfit();
  if (cipher.size() / block * (block - kOaepOverhead) > kMaxVolumeKey + block) return unfit();
  SG_TRY(SecretBytes volume_key, SecretBytes::allocate(kMaxVolumeKey));
  std::size_t have = 0;
  for (std::size_t at = 0; at < cipher.size(); at += block) {
    const auto piece = key.decrypt_oaep(cipher.subspan(at, block));
    // What a token says of itself is no statement about the image.
    if (!piece && piece.error().code() != Code::refused) return tl::unexpected(piece.error());
    if (!piece || have + piece->size() > volume_key.size()) return unfit();
    std::memcpy(volume_key.bytes().data() + have, piece->bytes().data(), piece->size());
    have += piece->size();
  }
  if (have == 0) return unfit();
  volume_key.shrink(have);
  return volume_key;
}

Result<std::string> wrap_volume_key(const SecretBytes& volume_key, const RsaPublicKey& key,
                                    std::size_t size) {
  const std::size_t most = key.modulus_bytes() - kOaepOverhead;
  std::vector<std::byte> cipher;
  std::span<const std::byte> rest = volume_key.bytes();
  while (!rest.empty()) {
    const auto piece = rest.first(std::min(rest.size(), most));
    SG_TRY(const auto block, key.encrypt_oaep(piece));
    cipher.insert(cipher.end(), block.begin(), block.end());
    rest = rest.subspan(piece.size());
  }
  std::string message = format_crypto_message(cipher);
  if (message.size() > size) {
    return fail(Code::internal, "a re-wrapped volume key does not fit into the image");
  }
  message.append(size - message.size(), '\n');
  return message;
}

}  // namespace sifguard
