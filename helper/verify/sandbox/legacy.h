// The statement of a legacy signature (before Singularity 3.6). Runs in the sandboxed verifier.
//
// It has two lines: "SIFHASH:", and in hexadecimal the digest of an object's data, or of the data
// of a group's objects one after the other. Neither header nor descriptors are covered. The
// algorithm is in the signature's descriptor, which nothing covers, so it must match the digest's
// length.
#pragma once

#include <cstdint>
#include <string_view>

#include "helper/verify/sandbox/hasher.h"
#include "keystore/base/error.h"

namespace sifguard {

/// Whether a clearsigned text is a legacy statement rather than one of the current form.
[[nodiscard]] bool is_legacy_statement(std::string_view text) noexcept;

/// `hash`: the descriptor's hash type. Errors: Code::refused for anything malformed; Code::denied,
/// and only that, for a type that is not SHA-256, SHA-384 or SHA-512.
[[nodiscard]] Result<Digest> parse_legacy_statement(std::string_view text, std::int32_t hash);

}  // namespace sifguard
