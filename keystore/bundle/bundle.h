// The content of a bundle: a manifest, and the content of a keystore. Pure, except for what keys
// compute.
//
// The payload is an archive (archive.h); the form of older versions (old_payload.h) is read, too.
// Its files: `manifest`, strict JSON {"version": 1, "store": "16 digits", "serial": N, "created":
// SECONDS, "recipients": ["64 digits", …]}; images.yaml, revoked.yaml;
// keys/ID/{meta.yaml,public.pem,cert.pem,private.pem}; signers/ENTRY/{meta.yaml,key};
// trust/{root,intermediate,crl}/NAME. The formats are those of the keystore; private.pem is PKCS#8,
// or the URI of a key in a token.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "keystore/store/content.h"

namespace sifguard {

inline constexpr std::size_t kMaxRecipients = 10'000;
inline constexpr std::size_t kCertificateDigits = 64;  ///< of a fingerprint, SHA-256
inline constexpr std::size_t kMaxPayload = std::size_t{128} << 20U;

struct Manifest {
  std::string store;  ///< the keystore that it was exported from: 16 lower-case hexadecimal digits
  std::int64_t serial = 0;   ///< larger than that of every bundle exported before
  std::int64_t created = 0;  ///< Unix seconds
  /// Fingerprints of the nodes' certificates, at least one. The encryption of a message is not
  /// signed: a recipient could encrypt its content for another node, but that node is then missing
  /// in this list.
  std::vector<std::string> recipients;
};

/// Errors: Code::usage for more than kMaxRecipients, or kMaxPayload.
[[nodiscard]] Result<SecretBytes> encode_bundle(const Manifest& manifest,
                                                const StoreContent& content);

struct Bundle {
  Manifest manifest;
  StoreContent content;
};
/// Checks every file against its format, and every private half against its key. Errors:
/// Code::refused.
[[nodiscard]] Result<Bundle> decode_bundle(std::span<const std::byte> payload);

}  // namespace sifguard
