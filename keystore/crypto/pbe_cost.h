// How much work a password-encrypted key requires before it can be opened. Any privilege.
//
// The iteration count is read from the file (RFC 8018 A.2-A.4), so a file could keep a process busy
// for hours. scrypt needs no check: OpenSSL bounds its memory, and with it its time.
#pragma once

#include <openssl/x509.h>

#include "keystore/base/error.h"

namespace sifguard {

/// Three times the number that is recommended today; about a second.
inline constexpr long kMaxIterations = 2000000;

/// Errors: Code::refused when the algorithm is PBES1, PBES2 with PBKDF2 or a PKCS#12 one and its
/// iteration count is above kMaxIterations or malformed.
Status check_pbe_cost(const X509_ALGOR* algorithm);
Status check_iterations(const ASN1_INTEGER* iterations);

}  // namespace sifguard
