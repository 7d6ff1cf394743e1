// Text as people paste it from other programs. Any privilege; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sifguard {

/// Hexadecimal digits without the text that certificate viewers, gpg and web pages put around them:
/// a label in front ("SHA256 Fingerprint=", "openpgp4fpr:", "Thumbprint:", "serial="), "0x",
/// blanks, colons, hyphens and dashes, and invisible characters (no-break and other Unicode blanks,
/// zero-width characters, directional marks, a byte order mark); full-width digits and letters
/// become plain ones. Anything else stays, so that a parser of digits refuses it.
[[nodiscard]] std::string pasted_hex(std::string_view text);

/// What the digits identify, by the label in front: gpg writes "Key fingerprint =" and
/// "openpgp4fpr:", programs that show certificates write "SHA1 Fingerprint=", "Thumbprint:",
/// "sha256:", "serial=".
enum class PastedOf { unsaid, openpgp, certificate };
[[nodiscard]] PastedOf pasted_of(std::string_view text);

/// The text without blanks and invisible characters at its ends.
[[nodiscard]] std::string pasted_text(std::string_view text);

/// "spki:" or "cert:" and 64 lower-case digits, from anything that pasted_hex() would clean;
/// "cert:", too, for a certificate's "SHA256 Fingerprint="; nullopt for anything else.
[[nodiscard]] std::optional<std::string> pasted_id(std::string_view text);

/// "sha256:" and 64 lower-case digits, in the same way; also from the digits alone.
[[nodiscard]] std::optional<std::string> pasted_digest(std::string_view text);

}  // namespace sifguard
