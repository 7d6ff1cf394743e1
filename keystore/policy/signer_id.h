// How bindings, keys' rules, facts and messages name a signer: each signer has one canonical text.
// Pure.
//
//   12045C8C…7FF7BA84        an OpenPGP key: primary fingerprint, 40 upper-case digits
//   spki:9f86d081…           a raw public key: SHA-256 of its DER SubjectPublicKeyInfo
//   x509:subject:CN=carol,O=Example      any certificate of the keystore with this subject (in RFC
//                                        2253 order) that chains to the keystore's trust anchors
//   x509:san:email:carol@example.org     the same by a subject alternative name (email, dns, uri)
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

inline constexpr std::string_view kSpkiPrefix = "spki:";
inline constexpr std::string_view kSubjectPrefix = "x509:subject:";
inline constexpr std::string_view kAlternativeNamePrefix = "x509:san:";

enum class SignerKind { openpgp, public_key, certificate_name };

/// Any of the forms above, as people paste them (base/pasted.h); a subject also as
/// /O=Example/CN=carol, a fingerprint also in lower case. Errors: Code::usage, which lists the
/// forms.
[[nodiscard]] Result<std::string> normalize_signer(std::string_view typed);

/// The kind of a canonical id.
[[nodiscard]] SignerKind signer_kind(std::string_view id) noexcept;

}  // namespace sifguard
