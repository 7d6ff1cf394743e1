// Signed and encrypted messages (CMS, RFC 5652; AES-256-GCM, RFC 5083/5084): a SignedData with its
// content, inside an AuthEnvelopedData for its recipients. Any privilege.
//
// `openssl cms -decrypt` and `openssl cms -verify` open them, too. Recipients have RSA keys (key
// transport, RSA-OAEP with SHA-256) or EC keys (key agreement, ECDH with X9.63 KDF and SHA-256).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "keystore/crypto/rsa.h"

namespace sifguard {

/// A private key and the certificate by which others know it.
struct CertifiedKey {
  Pkey key;
  Certificate certificate;
};

enum class CertifiedUse { sign, decrypt };
enum class CertifiedType { ec, rsa };
/// A new EC P-256 or RSA-3072 key and a self-signed certificate for ten years. Errors: Code::usage
/// for a name that is not 1 to 64 characters long.
[[nodiscard]] Result<CertifiedKey> make_certified_key(CertifiedType type, CertifiedUse use,
                                                      std::string_view name);
/// A certificate for a key made elsewhere: RSA of 2048 bits or more, or EC P-256, P-384 or P-521.
/// Errors: Code::refused.
[[nodiscard]] Result<Certificate> certify_key(EVP_PKEY* key, CertifiedUse use,
                                              std::string_view name);
/// Whether messages can be encrypted for it. Errors: Code::refused.
Status check_recipient(const X509& certificate);
/// SHA-256 of the DER certificate, 64 lower-case hexadecimal digits.
[[nodiscard]] Result<std::string> certificate_fingerprint(const X509& certificate);

/// DER. Errors: Code::refused for a certificate that cannot be a recipient.
[[nodiscard]] Result<std::vector<std::byte>> seal_message(
    std::span<const std::byte> content, const CertifiedKey& signer,
    const std::vector<const X509*>& recipients);

struct OpenedMessage {
  SecretBytes content;
  std::size_t signer = 0;  ///< which of `signers` made it
};
/// Decrypts with the recipient's key and verifies that there is exactly one signature, by one of
/// the given certificates; certificates in the message are not trusted. Errors: Code::refused.
[[nodiscard]] Result<OpenedMessage> open_message(std::span<const std::byte> message,
                                                 const CertifiedKey& recipient,
                                                 const std::vector<const X509*>& signers);

}  // namespace sifguard
