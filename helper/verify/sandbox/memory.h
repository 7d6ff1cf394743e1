// What a sandboxed program reports when memory runs out, and how it notices. Runs in the sandboxes.
//
// When OpenSSL lacks memory, it reports a certificate, a signature or a list as bad, and that
// verdict would be kept. So every failed allocation of OpenSSL is noted.
#pragma once

#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Call it before OpenSSL is first used.
void watch_openssl_memory() noexcept;
[[nodiscard]] bool openssl_lacked_memory() noexcept;

/// Code::temporary: `what` needs more memory than there is.
[[nodiscard]] Error no_memory(std::string_view what);

}  // namespace sifguard
