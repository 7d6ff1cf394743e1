// Changes a SIF image in place: adds and removes signatures, replaces the CryptoMessage. Only for
// the private copy of an ImageRewrite (rewrite.h), because none of this is atomic. The caller's
// rights.
//
// New objects are written as sylabs/sif writes them: data without alignment after the last object,
// uid and gid 0, no name, the lowest free descriptor, its number plus one as id. The table stays
// where it is, and so does the header, except for its counters and modification time. Bytes after
// the last object, which belong to none, are removed. An image whose id and times are all zero
// ("deterministic") keeps Go's zero time. Every function reads the image again and expects it to be
// sound.
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
  std::uint32_t group = 0;  ///< the group that it signs
  std::string_view data;    ///< clearsigned text or a DSSE envelope
  SignatureHash hash = SignatureHash::sha256;
  std::array<std::byte, kFingerprintSize> fingerprint{};  ///< OpenPGP; zero for others
};

/// Adds a signature and returns the id of the new object. `now` is Unix seconds. Errors:
/// Code::refused when no descriptor is free or the group has no objects; Code::cannot_write.
[[nodiscard]] Result<std::uint32_t> add_signature(int fd, const NewSignature& signature,
                                                  std::int64_t now);

/// Removes these objects and overwrites their data with zeros; the file shrinks if its last object
/// was removed. Errors: Code::refused when one is missing or is not a signature;
/// Code::cannot_write.
Status remove_signatures(int fd, std::span<const std::uint32_t> ids, std::int64_t now);

/// Replaces the message that opens the encrypted primary partition: in place, padded with newlines,
/// when it is not longer than the old one; else after the last object, and the old one is
/// overwritten. Signatures over its group become invalid. Errors: Code::refused when the image is
/// not encrypted, or the message is empty or larger than kMaxCryptoMessageSize; Code::cannot_write.
Status replace_message(int fd, std::string_view message, std::int64_t now);

}  // namespace sifguard::sif
