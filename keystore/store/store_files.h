// Names and limits of the files of a keystore, and functions that read them as trusted files. The
// caller's privilege.
#pragma once

#include <string>

#include "keystore/base/secret.h"
#include "keystore/base/trusted_file.h"

namespace sifguard {

inline constexpr const char* kKeys = "keys";
inline constexpr const char* kSigners = "image-signers";
inline constexpr const char* kOwnKeys = "own";  ///< made when it is first needed
inline constexpr const char* kSeal = "seal.json";
inline constexpr const char* kMeta = "meta.json";
inline constexpr const char* kPrivate = "private.key";
inline constexpr const char* kPlainPrivate = "private.pem";  ///< of keystores without a store key
inline constexpr const char* kPublic = "public.pem";
inline constexpr const char* kCertificate = "cert.pem";
inline constexpr const char* kSignerKey = "key.asc";  // OpenPGP
inline constexpr const char* kSignerPublic =
    "key.pem";  // raw public key; a certificate: kCertificate

inline constexpr std::size_t kMaxMeta = 64UL * 1024;
inline constexpr std::size_t kMaxPem = 64UL * 1024;
inline constexpr std::size_t kMaxSignerKey = 1024UL * 1024;

/// Prefixes of the names of directories that a command makes beside a keystore and removes or
/// renames when it is done.
inline constexpr const char* kUnfinishedInit = ".sifguard-init-";
inline constexpr const char* kUnfinishedImport = ".sifguard-import-";
inline constexpr const char* kUnfinishedRestore = ".sifguard-restore-";

/// Reads the file under its current or an older name (older_names.h). Errors: always Code::config,
/// also for a file that is too large.
[[nodiscard]] Result<std::string> read_store_file(int directory_fd, const std::string& name,
                                                  const std::string& shown, std::size_t limit,
                                                  Trust trust);
/// Also refuses a file that group or others may read.
[[nodiscard]] Result<SecretBytes> read_store_secret(int directory_fd, const std::string& name,
                                                    const std::string& shown, std::size_t limit,
                                                    Trust trust);

}  // namespace sifguard
