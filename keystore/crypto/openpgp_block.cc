// What an OpenPGP file contains, before gpg reads it. Runs in `sifguard-pgp`; the bytes are
// hostile.
#include "keystore/crypto/openpgp_block.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "keystore/base/base64.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openpgp_packet.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxPackets = 65536;
constexpr std::string_view kBeginBlock = "-----BEGIN PGP ";

enum Tag {
  kSignature = 2,
  kSecretKey = 5,
  kPublicKey = 6,
  kSecretSubkey = 7,
  kUserId = 13,
  kPublicSubkey = 14,
  kUserAttribute = 17
};
constexpr int kCertification = 0x10;  // RFC 9580 5.2.1, to 0x13
constexpr int kLastCertification = 0x13;
constexpr int kSubkeyBinding = 0x18;
constexpr int kDirectKey = 0x1F;
constexpr int kKeyRevocation = 0x20;
constexpr unsigned kCreationTime = 2;   // 5.2.3.11
constexpr int kIssuerKeyId = 16;        // RFC 9580 5.2.3.12
constexpr int kIssuerFingerprint = 33;  // 5.2.3.35

std::size_t octet(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

/// A big-endian number of `size` bytes; nullopt past the end.
std::optional<std::size_t> number(std::string_view bytes, std::size_t at, std::size_t size) {
  if (bytes.size() < at + size) return std::nullopt;
  std::size_t value = 0;
  for (std::size_t i = at; i < at + size; ++i) value = value << 8U | octet(bytes, i);
  return value;
}

/// The length in a new-format header or before a subpacket: where the body starts, and its size.
struct Extent {
  std::size_t start, size;
};
std::optional<Extent> variable_length(std::string_view bytes, std::size_t at, bool subpacket) {
  const auto first = number(bytes, at, 1);
  if (!first) return std::nullopt;
  if (*first < 192) return Extent{at + 1, *first};
  if (*first == 255) {
    const auto size = number(bytes, at + 1, 4);
    return size ? std::optional(Extent{at + 5, *size}) : std::nullopt;
  }
  if (*first >= 224 && !subpacket) return std::nullopt;  // partial: not for what keys are made of
  const auto second = number(bytes, at + 1, 1);
  if (!second) return std::nullopt;
  return Extent{at + 2, ((*first - 192) << 8U) + *second + 192};
}

std::optional<Extent> extent_of(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::size_t first = octet(bytes, 0);
  if ((first & 0x80U) == 0) return std::nullopt;
  if ((first & 0x40U) != 0) return variable_length(bytes, 1, false);
  const std::size_t kind = first & 3U;
  if (kind == 3) return std::nullopt;  // indeterminate
  const auto size = number(bytes, 1, std::size_t{1} << kind);
  return size ? std::optional(Extent{1 + (std::size_t{1} << kind), *size}) : std::nullopt;
}

int tag_of(std::size_t first) {
  return static_cast<int>((first & 0x40U) != 0 ? first & 0x3FU : first >> 2U & 0xFU);
}

std::optional<OpenPgpPacket> first_packet(std::string_view bytes) {
  const auto extent = extent_of(bytes);
  if (!extent || extent->size > bytes.size() - std::min(extent->start, bytes.size())) {
    return std::nullopt;
  }
  return OpenPgpPacket{tag_of(octet(bytes, 0)), bytes.substr(0, extent->start + extent->size),
                       bytes.substr(extent->start, extent->size)};
}

/// The lines of the first armored block that are neither its frame, headers nor checksum.
std::string armored_digits(std::string_view data) {
  std::string digits;
  enum class At { before, headers, body } at = At::before;
  for (const std::string& raw : split(data, '\n')) {
    const std::string line = raw.substr(0, raw.find_last_not_of(" \t\r") + 1);
    if (at == At::before) {
      if (line.starts_with(kBeginBlock)) at = At::headers;
    } else if (at == At::headers) {
      if (line.empty()) at = At::body;
    } else if (line.starts_with('-') || line.starts_with('=')) {
      break;
    } else {
      digits += line;
    }
  }
  return digits;
}

int version_of(const OpenPgpPacket& packet) {
  return packet.body.empty() ? 0 : static_cast<int>(octet(packet.body, 0));
}

/// Of a version 4 signature packet, one area of subpackets.
std::optional<std::string> issuer_in(std::string_view area) {
  while (!area.empty()) {
    const auto extent = variable_length(area, 0, true);
    if (!extent || extent->size == 0 || area.size() - extent->start < extent->size) break;
    const std::string_view one = area.substr(extent->start, extent->size);
    const auto kind = static_cast<int>(octet(one, 0) & 0x7FU);
    if (kind == kIssuerFingerprint && one.size() == 22) {
      return to_upper(to_hex(as_bytes(one.substr(2))));
    }
    if (kind == kIssuerKeyId && one.size() == 9) return to_upper(to_hex(as_bytes(one.substr(1))));
    area.remove_prefix(extent->start + extent->size);
  }
  return std::nullopt;
}

bool is_revocation(const OpenPgpPacket& packet) {
  return packet.tag == kSignature && packet.body.size() > 6 && version_of(packet) == 4 &&
         octet(packet.body, 1) == kKeyRevocation;
}

/// Hashed area first; of a key, only what it signed itself will pass gpg.
std::optional<std::string> issuer_of(const OpenPgpPacket& packet) {
  const auto hashed = number(packet.body, 4, 2);
  if (!hashed || packet.body.size() < 8 + *hashed) return std::nullopt;
  if (auto found = issuer_in(packet.body.substr(6, *hashed))) return found;
  const auto rest = number(packet.body, 6 + *hashed, 2);
  if (!rest || packet.body.size() < 8 + *hashed + *rest) return std::nullopt;
  return issuer_in(packet.body.substr(8 + *hashed, *rest));
}

bool is_subkey(const OpenPgpPacket& packet) {
  return packet.tag == kPublicSubkey || packet.tag == kSecretSubkey;
}

bool names_user(const OpenPgpPacket& packet) {
  return packet.tag == kUserId || packet.tag == kUserAttribute;
}

/// The type of a signature packet, of version 3 or 4; -1 for anything else.
int signature_type(const OpenPgpPacket& packet) {
  const int version = packet.tag == kSignature ? version_of(packet) : 0;
  const std::size_t at = version == 3 ? 2 : 1;
  if ((version != 3 && version != 4) || packet.body.size() <= at) return -1;
  return static_cast<int>(octet(packet.body, at));
}

bool certifies_user(const OpenPgpPacket& packet) {
  const int type = signature_type(packet);
  return type >= kCertification && type <= kLastCertification;
}

/// What says until when a key, a user id or a subkey counts.
bool tells_of_key(const OpenPgpPacket& packet) {
  const int type = signature_type(packet);
  return certifies_user(packet) || type == kSubkeyBinding || type == kDirectKey;
}

/// When a signature says that it was made (5.2.3.11): signed, so in the hashed area; 0: it does
/// not.
std::int64_t made_at(const OpenPgpPacket& packet) {
  if (version_of(packet) == 3)
    return static_cast<std::int64_t>(number(packet.body, 3, 4).value_or(0));
  const auto hashed = number(packet.body, 4, 2);
  if (!hashed || packet.body.size() < 6 + *hashed) return 0;
  std::string_view area = packet.body.substr(6, *hashed);
  while (!area.empty()) {
    const auto extent = variable_length(area, 0, true);
    if (!extent || extent->size == 0 || extent->start > area.size() ||
        area.size() - extent->start < extent->size) {
      break;
    }
    const std::string_view one = area.substr(extent->start, extent->size);
    if ((octet(one, 0) & 0x7FU) == kCreationTime && one.size() == 5) {
      return static_cast<std::int64_t>(number(one, 1, 4).value_or(0));
    }
    area.remove_prefix(extent->start + extent->size);
  }
  return 0;
}

using Packets = std::vector<OpenPgpPacket>;

/// One key, from its primary packet to the next.
Packets of_one_key(const Packets& key, std::int64_t latest, LastOnes last) {
  Packets kept;
  for (const OpenPgpPacket& packet : key) {
    if (!tells_of_key(packet) || made_at(packet) <= latest) kept.push_back(packet);
  }
  if (std::any_of(kept.begin(), kept.end(), certifies_user)) return kept;
  if (last == LastOnes::keep || kept.size() == key.size()) return key;
  std::erase_if(kept, names_user);
  return kept;
}

bool is_primary(const OpenPgpPacket& packet) {
  return packet.tag == kPublicKey || packet.tag == kSecretKey;
}

/// gpg passes over a key's revocation that does not stand before user ids and subkeys: it is
/// another key's, of a file that was put behind this one.
OpenPgpContent content_of_block(std::string_view bytes) {
  OpenPgpContent content;
  bool at_primary = false;
  for (const OpenPgpPacket& packet : openpgp_packets(bytes)) {
    if (is_primary(packet)) ++content.keys;
    if (is_revocation(packet) && !at_primary) ++content.others;
    at_primary = is_primary(packet) || (at_primary && packet.tag == kSignature);
  }
  if (content.keys + content.others == 0) content.others = 1;
  return content;
}

/// Each armored block as binary, empty where it cannot be read; binary data is one.
std::vector<std::string> blocks_of(std::string_view data) {
  constexpr std::string_view kAnyBegin = "-----BEGIN ";
  const std::size_t first = data.find(kAnyBegin);
  const bool binary = !data.empty() && (octet(data, 0) & 0x80U) != 0;
  if (binary || first == data.npos) return {openpgp_bytes(data)};
  std::vector<std::string> blocks;
  for (std::size_t at = first; at != data.npos;) {
    const std::size_t next = data.find(kAnyBegin, at + 1);
    blocks.push_back(from_base64(armored_digits(data.substr(at, next - at))).value_or(""));
    at = next;
  }
  return blocks;
}

constexpr int kRsa = 1;  // RFC 9580 9.1
constexpr int kRsaSignOnly = 3;

/// Of a version 4 RSA key (5.5.2, 5.6.1): the modulus and the exponent are behind version, time and
/// algorithm, each after the number of its bits. One that is longer than a number here is large.
bool is_small_rsa(std::string_view body) {
  constexpr std::size_t kModulus = 6;
  if (body.size() < kModulus || octet(body, 0) != 4) return false;
  const auto algorithm = static_cast<int>(octet(body, 5));
  if (algorithm != kRsa && algorithm != kRsaSignOnly) return false;
  const auto modulus_bits = number(body, kModulus, 2);
  if (!modulus_bits) return false;
  const std::size_t at = kModulus + 2 + (*modulus_bits + 7) / 8;
  const auto bits = number(body, at, 2);
  if (!bits || *bits > 17) return false;
  return number(body, at + 2, (*bits + 7) / 8).value_or(0) < kLeastExponent;
}

/// 5.5.4.2; "" when OpenSSL has no SHA-1.
std::string fingerprint_of(std::string_view body) {
  const std::string whole = std::string("\x99", 1) + static_cast<char>(body.size() >> 8U & 0xFFU) +
                            static_cast<char>(body.size() & 0xFFU) + std::string(body);
  std::array<std::byte, 20> digest{};
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA1", nullptr, whole.data(), whole.size(), writable_octets(digest),
                   &size) != 1) {
    return {};
  }
  return to_upper(to_hex(digest));
}

/// Of several blocks, one after the other, the first alone is read here.
bool is_one_block(std::string_view data) {
  const std::size_t first = data.find(kBeginBlock);
  return first == data.npos || data.find(kBeginBlock, first + 1) == data.npos;
}

}  // namespace

std::string openpgp_bytes(std::string_view data) {
  if (!data.empty() && (octet(data, 0) & 0x80U) != 0) return std::string(data);
  return from_base64(armored_digits(data)).value_or("");
}

std::vector<OpenPgpPacket> openpgp_packets(std::string_view bytes) {
  std::vector<OpenPgpPacket> packets;
  while (packets.size() < kMaxPackets) {
    const auto packet = first_packet(bytes);
    if (!packet) break;
    packets.push_back(*packet);
    bytes.remove_prefix(packet->whole.size());
  }
  return packets;
}

bool is_whole_openpgp(std::string_view data) {
  const std::string bytes = openpgp_bytes(data);
  std::size_t size = 0;
  for (const OpenPgpPacket& packet : openpgp_packets(bytes)) size += packet.whole.size();
  return size > 0 && size == bytes.size();
}

OpenPgpContent openpgp_content(std::string_view data) {
  OpenPgpContent all;
  for (const std::string& block : blocks_of(data)) {
    const OpenPgpContent one = content_of_block(block);
    all.keys += one.keys;
    all.others += one.others;
  }
  return all;
}

std::vector<std::string> small_exponents_in(std::string_view data) {
  std::vector<std::string> found;
  for (const std::string& block : blocks_of(data)) {
    for (const OpenPgpPacket& packet : openpgp_packets(block)) {
      const bool is_key = packet.tag == kPublicKey || packet.tag == kPublicSubkey;
      if (is_key && is_small_rsa(packet.body)) found.push_back(fingerprint_of(packet.body));
    }
  }
  return found;
}

std::optional<std::string> lone_revocation_of(std::string_view data) {
  const std::string bytes = openpgp_bytes(data);
  const auto packets = openpgp_packets(bytes);
  if (packets.size() != 1 || !is_revocation(packets.front())) return std::nullopt;
  return issuer_of(packets.front());
}

std::optional<std::string> without_later_signatures(std::string_view data, std::int64_t latest,
                                                    LastOnes last) {
  const std::string bytes = openpgp_bytes(data);
  if (!is_one_block(data) || !is_whole_openpgp(bytes)) return std::nullopt;  // gpg will see
  const Packets all = openpgp_packets(bytes);
  std::string text;
  for (auto from = all.begin(); from != all.end();) {
    const auto to = std::find_if(from + 1, all.end(), is_primary);
    for (const OpenPgpPacket& packet : of_one_key({from, to}, latest, last)) text += packet.whole;
    from = to;
  }
  return text.size() == bytes.size() ? std::nullopt : std::optional(std::move(text));
}

std::string with_user_ids(const std::string& added, const std::string& stored) {
  const auto own = openpgp_packets(added);
  if (std::any_of(own.begin(), own.end(), names_user)) return added;
  std::string text;
  const auto copy_until = [&](const std::vector<OpenPgpPacket>& from, std::size_t& at, auto stop) {
    for (; at < from.size() && !stop(from[at]); ++at) text += from[at].whole;
  };
  std::size_t at = 0;
  copy_until(own, at, is_subkey);
  const auto known = openpgp_packets(stored);
  auto first = static_cast<std::size_t>(std::find_if(known.begin(), known.end(), names_user) -
                                        known.begin());
  copy_until(known, first, is_subkey);
  copy_until(own, at, [](const OpenPgpPacket&) { return false; });
  return text;
}

}  // namespace sifguard
