// OpenSSL's own heap, made fit for private keys. Call once, first in main(), of every program that
// handles them. Any privilege; locking wants CAP_IPC_LOCK or RLIMIT_MEMLOCK (256 KiB).
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// From now on every block that OpenSSL frees is wiped (it decodes and decrypts keys through plain
/// buffers), and its private numbers live in locked memory that is not dumped. Errors:
/// Code::internal when OpenSSL has allocated already, Code::temporary when memory cannot be locked.
Status protect_openssl_memory();

/// The former half alone, for who has no private numbers, but derives keys: what Argon2id fills
/// would not fit into the locked memory, and OpenSSL looks for it nowhere else. Errors:
/// Code::internal.
Status wipe_openssl_memory();

}  // namespace sifguard
