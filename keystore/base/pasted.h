// Text as people paste it from other programs. Any privilege; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sifguard {

/// Hexadecimal digits without what certificate viewers, gpg and web pages put around them: a label
/// in front ("SHA256 Fingerprint=", "openpgp4fpr:", "Thumbprint:", "serial="), "0x", blanks,
/// colons, hyphens and dashes, and what cannot be seen (no-break and other Unicode blanks,
/// zero-width characters, directional marks, a byte order mark); full-width digits and letters
/// become plain. Anything else stays, so that whoever wants digits refuses it.
[[nodiscard]] std::string pasted_hex(std::string_view text);

/// Whose the digits are, by the label in front: gpg writes "Key fingerprint =" and "openpgp4fpr:",
/// who shows certificates "SHA1 Fingerprint=", "Thumbprint:", "sha256:", "serial=".
enum class PastedOf { unsaid, openpgp, certificate };
[[nodiscard]] PastedOf pasted_of(std::string_view text);

/// The text without blanks, and what cannot be seen, at its ends.
[[nodiscard]] std::string pasted_text(std::string_view text);

/// "spki:" or "cert:" and 64 lower-case digits, from anything that pasted_hex() would clean;
/// "cert:", too, for a certificate's "SHA256 Fingerprint="; nullopt for anything else.
[[nodiscard]] std::optional<std::string> pasted_id(std::string_view text);

/// "sha256:" and 64 lower-case digits, likewise; also from the digits alone.
[[nodiscard]] std::optional<std::string> pasted_digest(std::string_view text);

}  // namespace sifguard
