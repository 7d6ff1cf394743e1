// Facts about an image, once it is known which of its signers' signatures count now. Pure.
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

/// Which signers, images and certificates count at this moment; never cached.
class Standing {
 public:
  /// Takes all three, so that a tool that was given them by hand cannot forget one. For a
  /// keystore's use standing_of() (helper/release/keyring.h).
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

/// In these facts, signatures of retired or revoked signers no longer count, signatures of
/// certificates have the certificates' names, and the image is not a revoked one. Only certify()
/// makes one.
class CertifiedFacts {
 public:
  [[nodiscard]] const ImageFacts& operator*() const noexcept { return found_->facts; }
  [[nodiscard]] const ImageFacts* operator->() const noexcept { return &found_->facts; }
  /// Of the whole file: "sha256:…", or empty if certify() was not given it.
  [[nodiscard]] const std::string& digest() const noexcept { return found_->digest; }

 private:
  struct Found {
    ImageFacts facts;
    std::string digest;
  };
  explicit CertifiedFacts(Found found) : found_(std::make_shared<const Found>(std::move(found))) {}
  friend Result<CertifiedFacts> certify(const ExaminedFacts& facts, std::string digest,
                                        const Standing& standing);
  std::shared_ptr<const Found> found_;  ///< shared with the types that are made from these facts
};

/// `digest`: "sha256:…" of the whole file; may be empty if `standing` revokes no image. Errors:
/// Code::denied for a revoked image, Code::internal if the digest is needed and empty.
[[nodiscard]] Result<CertifiedFacts> certify(const ExaminedFacts& facts, std::string digest,
                                             const Standing& standing);

}  // namespace sifguard
