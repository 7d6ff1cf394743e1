// A signer: an OpenSSL key (in a file or a token) or an OpenPGP key. The user's rights.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "helper/sif/edit.h"
#include "keystore/base/error.h"
#include "keystore/base/secret.h"
#include "keystore/crypto/signing_key.h"

namespace sifguard {

struct SignatureData {
  std::string data;  ///< what the signature object will hold
  sif::SignatureHash hash = sif::SignatureHash::sha256;
  std::array<std::byte, sif::kFingerprintSize> fingerprint{};  ///< OpenPGP; zero for others
};

class Signer {
 public:
  Signer() = default;
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  virtual ~Signer() = default;

  /// The id that signatures of this signer claim: a primary fingerprint, or "SHA256:…".
  [[nodiscard]] virtual const std::string& id() const noexcept = 0;
  /// The id by which bindings of sifguard name this signer: the primary fingerprint, or "spki:…".
  [[nodiscard]] virtual std::string policy_name() const = 0;
  /// "openpgp" or "dsse".
  [[nodiscard]] virtual std::string_view form() const noexcept = 0;
  [[nodiscard]] virtual Result<SignatureData> sign(std::string_view statement) = 0;
};

/// Signs with DSSE envelopes.
[[nodiscard]] std::unique_ptr<Signer> make_key_signer(SigningKey key);

}  // namespace sifguard
