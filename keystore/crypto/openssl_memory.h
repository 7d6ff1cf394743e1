// Protects OpenSSL's heap for private keys. Call it once, first in main(), in every program that
// handles them. Any privilege; locking requires CAP_IPC_LOCK or RLIMIT_MEMLOCK (256 KiB).
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// From now on every block that OpenSSL frees is wiped (it decodes and decrypts keys through plain
/// buffers), and its private numbers are in locked memory that is not dumped. Errors:
/// Code::internal when OpenSSL has already allocated memory, Code::temporary when memory cannot be
/// locked.
Status protect_openssl_memory();

/// Only the wiping, for programs that derive keys but have no private numbers: the memory of
/// Argon2id does not fit into the locked memory, and OpenSSL would allocate it nowhere else.
/// Errors: Code::internal.
Status wipe_openssl_memory();

}  // namespace sifguard
