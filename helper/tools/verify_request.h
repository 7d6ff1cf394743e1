// What `sif-verify` was asked: the options, and the signers, keys and trust that they amount to.
// The user's own process; reads the files that the user named.
#pragma once

#include <string>
#include <vector>

#include "helper/verify/examine.h"
#include "helper/verify/signer_limits.h"
#include "helper/verify/wire/pki_wire.h"
#include "keystore/policy/policy.h"
#include "keystore/store/revoked_digests.h"

namespace sifguard {

struct VerifyOptions {
  std::string image;
  std::vector<std::string> pgp_keys;      ///< files
  std::vector<std::string> fingerprints;  ///< narrow the keys in pgp_keys, or the keystore's
  std::vector<std::string> public_keys;   ///< PEM files
  std::string certificate, ca, intermediates, crl;
  std::string ocsp;  ///< a file, or an http(s) address to ask
  std::string keystore;
  std::string revocation;  ///< as in sifguard.yaml, in place of what that says; or empty
  bool allow_legacy = false;
  bool pki_legacy = false;  ///< the form of the older PKI scripts, and no other
  bool all_of = false;
  bool json = false;
  bool list = false;
  bool quiet = false;
};

struct VerifyRequest {
  SignerKeys keys;
  SignerRequirement wanted;  ///< of certificates: their names follow once they have been judged
  PkiRequest trust;          ///< certificates, anchors and revocation data; no pairs
  std::vector<SignerLimit> limits;     ///< of the keystore
  std::vector<RevokedDigest> revoked;  ///< likewise: images that run nowhere
  std::string left_out;                ///< why one of its signers is not asked; empty for none
};

/// Root is an account without rights from then on: all files have been read, but no key by gpg.
/// Errors: Code::usage for options that contradict each other or a file that holds no key;
/// Code::no_input for one that cannot be read.
[[nodiscard]] Result<VerifyRequest> read_verify_request(const VerifyOptions& options);

/// A private directory that goes with its owner: gpg needs a home.
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
