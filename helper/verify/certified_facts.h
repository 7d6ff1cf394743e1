// Facts about an image, once it is known what its signers' signatures are worth now. Pure.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "helper/verify/examined_facts.h"
#include "helper/verify/signer_limits.h"
#include "helper/verify/wire/pki_wire.h"
#include "keystore/store/revoked_digests.h"

namespace sifguard {

/// What counts at this moment, of signers, images and certificates; never cached.
class Standing {
 public:
  /// All three, always: what a tool was given by hand, it says in full. A keystore's:
  /// standing_of() (helper/release/keyring.h).
  Standing(std::vector<SignerLimit> limits, std::vector<RevokedDigest> revoked,
           std::vector<CertificateVerdict> certificates)
      : limits_(std::move(limits)),
        revoked_(std::move(revoked)),
        certificates_(std::move(certificates)) {}
  [[nodiscard]] const std::vector<SignerLimit>& limits() const noexcept { return limits_; }
  [[nodiscard]] const std::vector<RevokedDigest>& revoked() const noexcept { return revoked_; }
  [[nodiscard]] const std::vector<CertificateVerdict>& certificates() const noexcept {
    return certificates_;
  }

 private:
  std::vector<SignerLimit> limits_;
  std::vector<RevokedDigest> revoked_;
  std::vector<CertificateVerdict> certificates_;
};

/// Signatures of signers who are retired or revoked count no more, those of certificates have their
/// names, and the image is none of the revoked ones. Only certify() makes one.
class CertifiedFacts {
 public:
  [[nodiscard]] const ImageFacts& operator*() const noexcept { return found_->facts; }
  [[nodiscard]] const ImageFacts* operator->() const noexcept { return &found_->facts; }
  /// Of the whole file: "sha256:…", or empty where nobody asked for it.
  [[nodiscard]] const std::string& digest() const noexcept { return found_->digest; }

 private:
  struct Found {
    ImageFacts facts;
    std::string digest;
  };
  explicit CertifiedFacts(Found found) : found_(std::make_shared<const Found>(std::move(found))) {}
  friend Result<CertifiedFacts> certify(const ExaminedFacts& facts, std::string digest,
                                        const Standing& standing);
  std::shared_ptr<const Found> found_;  ///< what follows from these facts carries them along
};

/// `digest`: "sha256:…" of the whole file; may be empty where `standing` revokes no image.
/// Errors: Code::denied for a revoked image, Code::internal without the digest that is needed.
[[nodiscard]] Result<CertifiedFacts> certify(const ExaminedFacts& facts, std::string digest,
                                             const Standing& standing);

}  // namespace sifguard
