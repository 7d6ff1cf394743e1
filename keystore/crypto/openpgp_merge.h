// Merges an OpenPGP key that is added as a signer with the stored copy. Runs in `sifguard-pgp`,
// started for sifctl; the bytes come from outside.
//
// It merges as gpg does: an older copy removes nothing (revocations, newer subkeys), and the newest
// self-signature says when a key expires, whichever copy came last.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "keystore/crypto/openpgp.h"

namespace sifguard {

struct PgpMergeRequest {
  std::string added;        ///< what was given: armored or binary
  std::string fingerprint;  ///< of the wanted key, in any usual form; empty: the only key
  std::string
      stored;  ///< the stored copy, armored; empty: there is none, or the key is not known yet
};

struct PgpMerged {
  /// The primary fingerprint of the key. For a revocation certificate that is given without the
  /// stored key: the issuer that it names, a fingerprint or a key id.
  std::string names;
  bool revocation = false;           ///< `added` is only a revocation certificate
  std::optional<OpenPgpKey> before;  ///< the stored copy; absent if there is none
  /// The merged key; absent if there is no stored copy and `added` can only be added to one: a
  /// revocation, or a key without a user id.
  std::optional<OpenPgpKey> after;
  std::string armored;    ///< to be stored; empty without `after`
  bool left_out = false;  ///< a part of `added` is dated in the future and was left out
};

/// `session` must be new. Errors: Code::refused for data that is not a key, is a secret key, or is
/// not accepted by gpg; Code::usage when the wanted key is missing, or there are several and none
/// is named.
[[nodiscard]] Result<PgpMerged> merge_openpgp_key(OpenPgpSession& session,
                                                  const PgpMergeRequest& request);

/// The same in a process of its own, for programs that hold a keystore, because its input comes
/// from outside.
using MergeOpenPgp = std::function<Result<PgpMerged>(const PgpMergeRequest&)>;

}  // namespace sifguard
