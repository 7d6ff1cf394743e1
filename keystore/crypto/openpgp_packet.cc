// One detached OpenPGP signature, taken apart far enough to know that it is one. Any privilege.
#include "keystore/crypto/openpgp_packet.h"

#include <array>
#include <optional>
#include <vector>

#include "keystore/base/base64.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxSignature = 64UL * 1024;
constexpr std::string_view kBeginSignature = "-----BEGIN PGP SIGNATURE-----";
constexpr std::string_view kEnd = "-----END PGP SIGNATURE-----";
constexpr int kSignatureTag = 2;

tl::unexpected<Error> malformed_packet(const std::string& why) {
  return fail(Code::refused, "not one detached OpenPGP signature: " + why);
}

std::string_view without_trailing_blanks(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t\r");
  return last == std::string_view::npos ? std::string_view() : line.substr(0, last + 1);
}

Result<std::string> dearmor(std::string_view data) {
  enum class At { begin, headers, body, end } at = At::begin;
  std::string base64;
  bool checksum = false;
  for (const std::string& raw : split(data, '\n')) {
    const std::string_view line = without_trailing_blanks(raw);
    if (at == At::begin || at == At::end) {
      if (line.empty()) continue;
      if (at == At::end) return malformed_packet("text after the armor");
      if (line != kBeginSignature) return malformed_packet("no PGP SIGNATURE armor");
      at = At::headers;
    } else if (at == At::headers) {
      if (line.empty()) {
        at = At::body;
      } else if (line.find(": ") == std::string_view::npos && !line.ends_with(':')) {
        return malformed_packet("bad armor header");
      }
    } else if (line == kEnd) {
      at = At::end;
    } else if (checksum) {
      return malformed_packet("text after the armor's checksum");
    } else if (line.starts_with('=')) {
      checksum = true;  // CRC-24 detects accidents only, and so does the signature itself
    } else {
      base64 += line;
    }
  }
  if (at != At::end) return malformed_packet("the armor has no end");
  auto bytes = from_base64(base64);
  if (!bytes || bytes->empty()) return malformed_packet("bad base64");
  return *std::move(bytes);
}

/// Length of the packet's header when its body fills exactly the rest of `bytes`.
std::optional<std::size_t> header_size(std::string_view bytes) {
  const auto octet = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
  };
  const auto number = [&](std::size_t count) {
    std::size_t value = 0;
    for (std::size_t i = 1; i <= count; ++i) value = value << 8U | octet(i);
    return value;
  };
  if (bytes.size() < 6) return std::nullopt;  // room for the longest header
  const std::size_t tag = octet(0);
  std::size_t header = 0;
  std::size_t body = 0;
  if ((tag & 0xFCU) == (0x80U | kSignatureTag << 2U)) {  // old format: tag, length of length
    const std::size_t kind = tag & 3U;
    if (kind == 3) return std::nullopt;  // indeterminate
    header = 1 + (1UL << kind);
    body = number(1UL << kind);
  } else if (tag == (0xC0U | kSignatureTag)) {  // new format
    const std::size_t first = octet(1);
    if (first < 192) {
      header = 2;
      body = first;
    } else if (first < 224) {
      header = 3;
      body = ((first - 192) << 8U) + octet(2) + 192;
    } else if (first == 255) {
      header = 6;
      body = octet(2) << 24U | octet(3) << 16U | octet(4) << 8U | octet(5);
    } else {
      return std::nullopt;  // partial lengths are not for signatures
    }
  } else {
    return std::nullopt;
  }
  if (body != bytes.size() - header) return std::nullopt;
  return header;
}

}  // namespace

Result<SignaturePacket> parse_detached_signature(std::string_view data) {
  if (data.size() > kMaxSignature) return malformed_packet("it is too large");
  SignaturePacket packet;
  const bool binary = !data.empty() && (static_cast<unsigned char>(data[0]) & 0x80U) != 0;
  if (binary) {
    packet.bytes = data;
  } else {
    SG_TRY(packet.bytes, dearmor(data));
  }
  const auto header = header_size(packet.bytes);
  if (!header) return malformed_packet("it is not a single signature packet");
  const std::string_view body = std::string_view(packet.bytes).substr(*header);
  if (body.size() < 10) return malformed_packet("the packet is too short");
  if (body[0] != 4) return malformed_packet("it is not of version 4");
  packet.type = static_cast<unsigned char>(body[1]);
  packet.public_key_algorithm = static_cast<unsigned char>(body[2]);
  packet.hash_algorithm = static_cast<unsigned char>(body[3]);
  if (packet.type > 1) return malformed_packet("it does not sign a document");
  return packet;
}

std::string openpgp_hash_name(int algorithm) {
  switch (algorithm) {
    case 1:
      return "md5";
    case 2:
      return "sha1";
    case 3:
      return "ripemd160";
    case 8:
      return "sha256";
    case 9:
      return "sha384";
    case 10:
      return "sha512";
    case 11:
      return "sha224";
    default:
      return "hash " + std::to_string(algorithm);
  }
}

bool is_strong_openpgp_hash(int algorithm) noexcept {
  return algorithm >= 8 && algorithm <= 10;
}

}  // namespace sifguard
