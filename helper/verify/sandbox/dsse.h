// Parses a DSSE envelope. Runs in the sandboxed verifier.
//
// Format (secure-systems-lab/dsse, as sylabs/sif writes it): a JSON object
//   {"payloadType":"application/vnd.sylabs.sif-metadata+json","payload":"BASE64",
//    "signatures":[{"keyid":"…","sig":"BASE64"}]}
// Each signature is over the pre-authentication encoding, "DSSEv1 LENGTH TYPE LENGTH PAYLOAD" with
// lengths in decimal bytes. The keyid is an unauthenticated hint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

inline constexpr std::size_t kMaxDsseSignatureSize = 4096;  ///< raw; RSA-16384 has 2048 bytes

struct DsseSignature {
  std::string key_hint;   ///< the keyid: at most kMaxKeyHint printable ASCII characters, or empty
  std::string signature;  ///< raw bytes
};

struct DsseEnvelope {
  std::string statement;                  ///< the payload, which is to be interpreted
  std::string signed_text;                ///< the text that the signatures cover
  std::vector<DsseSignature> signatures;  ///< 1 to kMaxDsseSignatures
};

/// Whether `data` starts like an envelope.
[[nodiscard]] bool is_dsse(std::string_view data) noexcept;

/// Strict: it accepts exactly these keys (keyid may be absent), none repeated, in plain ASCII
/// without escapes, and standard base64 with padding in its one canonical form. Errors:
/// Code::refused.
[[nodiscard]] Result<DsseEnvelope> parse_dsse(std::string_view data);

}  // namespace sifguard
