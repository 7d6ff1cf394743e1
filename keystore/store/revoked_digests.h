// Images that must not run any more whatever binding allows them, by the digest of the whole file:
// revoked.json in the keystore. Root on nodes; the owner of the keystore in `sifctl`.
//
// The file is JSON, read strictly: {"version": 1, "digests": [{"digest": "sha256:…",
// "since": SECONDS, "reason": "…"}]}. A keystore without the file has revoked none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

inline constexpr const char* kRevokedDigests = "revoked.json";

struct RevokedDigest {
  std::string digest;      ///< "sha256:" and 64 lower-case hexadecimal digits
  std::int64_t since = 0;  ///< Unix seconds
  std::string reason;      ///< one line, which a refused user sees
};

[[nodiscard]] bool is_image_digest(std::string_view text) noexcept;

[[nodiscard]] std::string format_revoked(const std::vector<RevokedDigest>& revoked);
/// Errors: Code::config, "where: …".
[[nodiscard]] Result<std::vector<RevokedDigest>> parse_revoked(std::string_view text,
                                                               const std::string& where);

/// In the order in which they were revoked. Errors: Code::config.
[[nodiscard]] Result<std::vector<RevokedDigest>> revoked_digests(const Keystore& keystore);
/// Checks the form of digest and reason. Errors: Code::usage.
Status check_revocable(const RevokedDigest& one);
/// A `since` of 0 is set to now. If the digest is already revoked, the result is `unchanged`.
/// Errors: Code::usage.
[[nodiscard]] Result<Keystore::Added> revoke_digest(const Keystore& keystore,
                                                    RevokedDigest revoked);
/// `all` and those of `more` that are not in it.
[[nodiscard]] std::vector<RevokedDigest> with_revoked(std::vector<RevokedDigest> all,
                                                      const std::vector<RevokedDigest>& more);
/// Adds what another keystore revoked, with its dates.
Status add_revoked_digests(const Keystore& keystore, const std::vector<RevokedDigest>& more);
/// False if it was not revoked.
[[nodiscard]] Result<bool> restore_digest(const Keystore& keystore, const std::string& digest);

/// For every launch, once the image's digest is known ("sha256:…"). Errors: Code::denied with the
/// reason.
Status check_not_revoked(const std::vector<RevokedDigest>& all, std::string_view digest);

}  // namespace sifguard
