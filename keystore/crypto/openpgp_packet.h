// One detached OpenPGP signature, parsed far enough to be sure that it is one. Any privilege; the
// bytes are hostile.
//
// Format: RFC 4880 4.2 (packet headers), 5.2.3 (version 4 signature), 6.2 (ASCII armor). gpg
// accepts much more (several signatures, inline data, nested compression); it only gets data that
// was found here to be exactly one signature packet.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct SignaturePacket {
  std::string bytes;             ///< the packet with its header, without armor
  int type = 0;                  ///< 0x00 binary document, 0x01 text document
  int public_key_algorithm = 0;  ///< RFC 4880 9.1
  int hash_algorithm = 0;        ///< RFC 4880 9.4
};

/// Armored or binary, at most 64 KiB. Errors: Code::refused for anything but one version 4
/// signature packet of type 0x00 or 0x01.
[[nodiscard]] Result<SignaturePacket> parse_detached_signature(std::string_view data);

/// "sha256", "sha1", …; "hash N" for an unknown one.
[[nodiscard]] std::string openpgp_hash_name(int algorithm);
/// True for SHA-256, SHA-384 and SHA-512 only.
[[nodiscard]] bool is_strong_openpgp_hash(int algorithm) noexcept;

}  // namespace sifguard
