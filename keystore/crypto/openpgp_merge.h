// Taking an OpenPGP key in as a signer: merging it with the copy that is stored. Runs in
// `sifguard-pgp`, started for sifctl; the bytes come from outside.
//
// Merged as gpg does: an older copy takes nothing back (revocations, newer subkeys), the newest
// self-signature says when a key expires, whichever copy came last.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "keystore/crypto/openpgp.h"

namespace sifguard {

struct PgpMergeRequest {
  std::string added;        ///< what was given: armored or binary
  std::string fingerprint;  ///< of the key wanted, in any usual spelling; empty: the only one
  std::string stored;  ///< the stored copy, armored; empty: none, or not yet known of which key
};

struct PgpMerged {
  /// Which key it is about: its primary fingerprint. Of a revocation certificate given without the
  /// stored key: what it says of its issuer, a fingerprint or a key id.
  std::string names;
  bool revocation = false;           ///< what was added is a revocation certificate alone
  std::optional<OpenPgpKey> before;  ///< as stored; absent without
  /// Merged; absent for what can only be added to a stored copy, and there is none: a revocation,
  /// or a key without user id.
  std::optional<OpenPgpKey> after;
  std::string armored;    ///< to be stored; empty without `after`
  bool left_out = false;  ///< something in what was added is dated in the future, and not taken
};

/// `session` is fresh. Errors: Code::refused for what is no key, a secret key, or nothing that gpg
/// takes; Code::usage when the key wanted is not there, or it is not said which one.
[[nodiscard]] Result<PgpMerged> merge_openpgp_key(OpenPgpSession& session,
                                                  const PgpMergeRequest& request);

/// The same in a process of its own, for who holds a keystore: what it is given comes from outside.
using MergeOpenPgp = std::function<Result<PgpMerged>(const PgpMergeRequest&)>;

}  // namespace sifguard
