// The CryptoMessage of an encrypted SIF: its volume key, wrapped with RSA-OAEP. Pure.
#include "helper/release/crypto_message.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

namespace sifguard {
namespace {

constexpr std::string_view kBegin = "-----BEGIN MESSAGE-----\n";
constexpr std::string_view kEnd = "-----END MESSAGE-----\n";
constexpr std::size_t kLine = 64;          // as Go's encoding/pem writes
constexpr std::size_t kOaepOverhead = 66;  // 2 * 32 + 2, RFC 8017 7.1.1
constexpr std::size_t kMaxVolumeKey = 1024;
constexpr std::byte kOctetString{0x04};

tl::unexpected<Error> malformed(const char* why) {
  return fail(Code::refused, std::string("the image's encryption message is malformed: ") + why);
}

Result<std::vector<std::byte>> decode_base64(std::string_view body) {
  std::string digits;
  digits.reserve(body.size());
  for (const char c : body) {
    if (c != '\n') digits += c;
  }
  if (digits.empty() || digits.size() % 4 != 0) return malformed("bad base64");
  const std::size_t padding = digits.ends_with("==") ? 2 : digits.ends_with('=') ? 1 : 0;
  // OpenSSL takes a '=' for a zero wherever it stands.
  if (digits.find('=') < digits.size() - padding) return malformed("bad base64");
  std::vector<std::byte> bytes(digits.size() / 4 * 3);
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(digits.data()),
                                     static_cast<int>(digits.size()));
  if (length != static_cast<int>(bytes.size())) return malformed("bad base64");
  bytes.resize(bytes.size() - padding);
  return bytes;
}

/// The content of one DER OCTET STRING that fills `der` exactly (X.690 8.1.3, minimal lengths).
Result<std::vector<std::byte>> octet_string(std::span<const std::byte> der) {
  if (der.size() < 2 || der[0] != kOctetString) return malformed("no OCTET STRING");
  std::size_t length = std::to_integer<std::size_t>(der[1]);
  std::size_t header = 2;
  if (length >= 0x80) {
    const std::size_t count = length & 0x7FU;
    if (count == 0 || count > 2 || der.size() < 2 + count) return malformed("bad length");
    length = 0;
    for (std::size_t i = 0; i < count; ++i) {
      length = length << 8U | std::to_integer<std::size_t>(der[2 + i]);
    }
    if (length < 0x80 || (count == 2 && length < 0x100)) return malformed("bad length");
    header += count;
  }
  if (der.size() - header != length) return malformed("bad length");
  return std::vector<std::byte>(der.begin() + static_cast<std::ptrdiff_t>(header), der.end());
}

}  // namespace

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
  SG_TRY(const auto der, decode_base64(pem.substr(0, end)));
  return octet_string(der);
}

std::string format_crypto_message(std::span<const std::byte> cipher) {
  std::vector<std::byte> der{kOctetString};
  if (cipher.size() >= 0x100) {
    der.insert(der.end(), {std::byte{0x82}, static_cast<std::byte>(cipher.size() >> 8U)});
  } else if (cipher.size() >= 0x80) {
    der.push_back(std::byte{0x81});
  }
  der.push_back(static_cast<std::byte>(cipher.size() & 0xFFU));
  der.insert(der.end(), cipher.begin(), cipher.end());
  std::string digits((der.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock adds a NUL
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(digits.data()),
                                     reinterpret_cast<const unsigned char*>(der.data()),
                                     static_cast<int>(der.size()));
  digits.resize(static_cast<std::size_t>(length));
  std::string pem(kBegin);
  for (std::size_t at = 0; at < digits.size(); at += kLine) {
    pem.append(digits, at, kLine).append(1, '\n');
  }
  return pem.append(kEnd);
}

Result<SecretBytes> unwrap_volume_key(std::span<const std::byte> cipher, const RsaPrivateKey& key) {
  const std::size_t block = key.modulus_bytes();
  const auto unfit = [] {
    return fail(Code::refused, "the image is not encrypted to the key of its binding",
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
