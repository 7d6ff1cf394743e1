// The meta.json of a key and of a signer: converts text to a record and back. Pure.
//
// The files are JSON because programs write them, YAML readers can still open them, and a strict
// JSON reader is small and shares no code with the policy's YAML reader.
#pragma once

#include <string>
#include <string_view>

#include "keystore/store/keystore.h"

namespace sifguard {

[[nodiscard]] std::string key_meta(const KeyRecord& key);
[[nodiscard]] std::string signer_meta(const SignerRecord& signer);

/// Strict: see strict_json.h; every field is also checked against its own format. `where` begins
/// the error (Code::config); `id`, from the directory's name, must agree with the record.
[[nodiscard]] Result<KeyRecord> parse_key_meta(std::string_view text, const std::string& id,
                                               const std::string& where);
[[nodiscard]] Result<SignerRecord> parse_signer_meta(std::string_view text, const std::string& id,
                                                     const std::string& where);

/// Whether `id` has one of the three forms of SignerRecord::id.
[[nodiscard]] bool is_signer_id(std::string_view id) noexcept;

/// Whether it is exactly `digits` lower-case (upper-case) hexadecimal digits.
[[nodiscard]] bool is_lower_hex(std::string_view text, std::size_t digits) noexcept;
[[nodiscard]] bool is_upper_hex(std::string_view text, std::size_t digits) noexcept;

}  // namespace sifguard
