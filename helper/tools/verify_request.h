// What `sif-verify` was asked: the options, and the signers, keys and trust that they name. The
// user's own process; it reads the files that the user named.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "helper/tools/bound_verdict.h"
#include "helper/verify/examine.h"
#include "helper/verify/signer_limits.h"
#include "helper/verify/wire/pki_wire.h"
#include "keystore/policy/policy.h"
#include "keystore/store/revoked_digests.h"

namespace sifguard {

struct VerifyOptions {
  std::string image;
  std::vector<std::string> pgp_keys;  ///< files
  std::vector<std::string>
      fingerprints;  ///< only these of the keys in pgp_keys, or of the keystore's
  std::vector<std::string> public_keys;  ///< PEM files
  std::string certificate, ca, intermediates, crl;
  std::string ocsp;  ///< a file, or an http(s) address to ask
  std::string keystore;
  std::string binding;     ///< of the keystore; its signers, and what else it demands
  std::string revocation;  ///< as in sifguard.yaml, whose value it overrides; or empty
  bool allow_legacy = false;
  bool pki_legacy = false;  ///< only the form of the older PKI scripts
  bool all_of = false;
  bool json = false;
  bool list = false;
  bool quiet = false;
};

struct VerifyRequest {
  SignerKeys keys;
  SignerRequirement wanted;         ///< names of certificates are added once they have been judged
  PkiRequest trust;                 ///< certificates, anchors and revocation data; no pairs
  std::vector<SignerLimit> limits;  ///< of the keystore
  std::vector<RevokedDigest> revoked;  ///< of the keystore: images that run nowhere
  std::string left_out;                ///< why one of its signers is left out; or empty
  std::optional<BoundRequest> bound;   ///< by one of its bindings, in place of `wanted`
};

/// If root calls this, the process continues as an account without rights: all files have been
/// read, but gpg has not yet read any key. Errors: Code::usage for options that contradict each
/// other or a file that holds no key; Code::no_input for one that cannot be read.
[[nodiscard]] Result<VerifyRequest> read_verify_request(const VerifyOptions& options);

/// A private directory that its owner's destructor removes: gpg needs a home.
class PrivateDirectory {
 public:
  [[nodiscard]] static Result<PrivateDirectory> make();
  PrivateDirectory(PrivateDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PrivateDirectory& operator=(PrivateDirectory&&) = delete;
  ~PrivateDirectory();
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  explicit PrivateDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace sifguard
