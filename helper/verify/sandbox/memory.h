// What a sandboxed program says when memory runs out, and how it knows. Runs in the sandboxes.
//
// OpenSSL says of a certificate, a signature or a list for which it found no memory that it is bad:
// a verdict that would be kept. So every block that it asks for in vain is noted.
#pragma once

#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// Before OpenSSL's first use.
void watch_openssl_memory() noexcept;
[[nodiscard]] bool openssl_lacked_memory() noexcept;

/// Code::temporary: of `what` takes more memory than there is.
[[nodiscard]] Error no_memory(std::string_view what);

}  // namespace sifguard
