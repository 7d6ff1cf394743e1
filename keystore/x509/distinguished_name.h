// The names in a certificate as text. Any privilege; the bytes are hostile.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/policy/subject_name.h"

namespace sifguard {

/// The parts of a name. Errors: Code::refused for an attribute whose value is not text, or for
/// more attributes than kMaxSubjectAttributes.
[[nodiscard]] Result<SubjectName> parts_of_name(const X509_NAME* name);

/// The canonical text (subject_name.h), "" for an empty name. Errors: Code::refused, as above or
/// longer than kMaxSubjectText.
[[nodiscard]] Result<std::string> text_of_name(const X509_NAME* name);

/// The same for messages: cut, and "?" if there is none.
[[nodiscard]] std::string shown_name(const X509_NAME* name);

/// The subject alternative names that are e-mail addresses, host names (in lower case) and URIs, as
/// "email:…", "dns:…", "uri:…"; others are left out. Errors: Code::refused when the extension is
/// malformed, one of these is not printable ASCII, or the limits of verdict.h are exceeded.
[[nodiscard]] Result<std::vector<std::string>> alternative_names(const X509* certificate);

/// Lower-case hexadecimal, two digits a byte. Errors: Code::refused when negative or over 32 bytes.
[[nodiscard]] Result<std::string> serial_of(const X509* certificate);

}  // namespace sifguard
