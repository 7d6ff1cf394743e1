// Examines an image in sandboxed processes. Called by the root helper; the parsing happens in
// `sifguard-verifier`, `sifguard-pgp` and `sifguard-pki`, which run as a no-login account and hold
// no key.
//
// The verifier parses the SIF, hashes every object once and reports, for each signature, the
// statement and the detached signature. `sifguard-pgp` checks the OpenPGP pairs through GPGME,
// `sifguard-pki` those of raw keys (DSSE); neither ever sees the image. All answer with binary
// reports of limited size and fixed form, which root checks again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "helper/verify/examined_facts.h"
#include "keystore/base/child.h"

namespace sifguard {

/// The public keys that signatures are checked against: exactly those of the signers in question.
struct SignerKeys {
  std::vector<std::string> openpgp;       ///< armored
  std::vector<std::string> public_keys;   ///< PEM SubjectPublicKeyInfo
  std::vector<std::string> certificates;  ///< PEM, one each; only their keys matter here
};

struct ExamineOptions {
  std::string libexec_dir;           ///< where the programs are
  std::string gpg;                   ///< absolute path
  std::optional<Identity> identity;  ///< the no-login account; absent (tests, sif-verify): our own
  std::string scratch_dir;  ///< existing directory on which gpg's in-memory home may be mounted
  std::int64_t deadline_ms = 0;  ///< monotonic_ms() scale
  /// Called a few times a second with the number of bytes that have been hashed, and at the end
  /// with the total; may be empty.
  std::function<void(std::uint64_t)> progress;
};

/// `image_fd`: a regular file, read with pread only. Errors: Code::refused for a malformed image or
/// a verifier that crashed; Code::temporary after the deadline, and when a program (gpg, too) was
/// killed, lacked memory or space, or could not be started, which says nothing about the image;
/// Code::unavailable without gpg.
[[nodiscard]] Result<ExaminedFacts> examine_image(int image_fd, const SignerKeys& signer_keys,
                                                  const ExamineOptions& options);

/// The same for a file whose `size` is known. Errors: also Code::internal when the verifier found
/// another size.
[[nodiscard]] Result<ExaminedFacts> examine_whole(int image_fd, std::uint64_t size,
                                                  const SignerKeys& signer_keys,
                                                  const ExamineOptions& options);

}  // namespace sifguard
