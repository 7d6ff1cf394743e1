// PEM files (RFC 7468) of public objects: keys, certificates, CRLs. Any privilege.
//
// OpenSSL's typed PEM readers ask a terminal for a password when a block is encrypted, and skip
// blocks of other types; this reader does neither.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct PemBlock {
  std::string name;  ///< "CERTIFICATE", "PUBLIC KEY", …
  std::vector<std::byte> der;
};

/// Whether the data contains something like the beginning of a PEM block.
[[nodiscard]] bool is_pem(std::string_view data) noexcept;

/// All blocks in order, at least one, at most `limit`; text between them is skipped. Errors:
/// Code::refused for no block, a malformed or encrypted one, too many, or a private key (which is
/// wiped).
[[nodiscard]] Result<std::vector<PemBlock>> read_pem(std::string_view data, std::size_t limit);

/// The content of all blocks, each of which must be named `name`. Errors: those of read_pem().
[[nodiscard]] Result<std::vector<std::vector<std::byte>>> read_pem_of(std::string_view data,
                                                                      std::string_view name,
                                                                      std::size_t limit);

}  // namespace sifguard
