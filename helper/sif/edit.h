// Changing a SIF image in place: signatures added and removed, the CryptoMessage replaced. For the
// private copy of an ImageRewrite (rewrite.h), since none of this is atomic. The caller's rights.
//
// What is written is what sylabs/sif writes: data without alignment behind the last object, uid and
// gid 0, no name, the lowest free descriptor, its number plus one as id; the table stays where it
// is, and so does the header but for its counters and modification time. Bytes behind the last
// object, which belong to none, go. An image whose id and times are all zero ("deterministic")
// keeps Go's zero time. Every function reads the image anew and expects it to be sound.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "helper/sif/image.h"

namespace sifguard::sif {

/// Signature extra: the digest that a signature was made with.
enum class SignatureHash : std::int32_t { sha256 = 1, sha384 = 2, sha512 = 3 };

struct NewSignature {
  std::uint32_t group = 0;  ///< the group that it is about
  std::string_view data;    ///< clearsigned text or a DSSE envelope
  SignatureHash hash = SignatureHash::sha256;
  std::array<std::byte, kFingerprintSize> fingerprint{};  ///< OpenPGP; zero for others
};

/// The id of the new object. `now` is Unix seconds. Errors: Code::refused when no descriptor is
/// free or the group has no objects; Code::cannot_write.
[[nodiscard]] Result<std::uint32_t> add_signature(int fd, const NewSignature& signature,
                                                  std::int64_t now);

/// Removes these objects and overwrites their data with zeros; space at the end is given back.
/// Errors: Code::refused when one is missing or no signature; Code::cannot_write.
Status remove_signatures(int fd, std::span<const std::uint32_t> ids, std::int64_t now);

/// Replaces the message that opens the encrypted primary partition: in place, padded with newlines,
/// when it is not longer than the old one; else behind the last object, the old one overwritten.
/// Signatures over its group are then no longer good. Errors: Code::refused when the image is not
/// encrypted, or the message is empty or larger than kMaxCryptoMessageSize; Code::cannot_write.
Status replace_message(int fd, std::string_view message, std::int64_t now);

}  // namespace sifguard::sif
