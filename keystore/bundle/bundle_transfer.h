// Exports bundles from one keystore and imports them into another. The owner of the keystore, in
// `sifctl`.
//
// A node's keystore has a key of its own (identity.h) and the certificates of the signers whose
// bundles it accepts (bundle-signers/SHA256.pem). A store signs with its site key (identity.h),
// which is made when it is first needed.
#pragma once

#include <string>
#include <vector>

#include "keystore/bundle/bundle.h"
#include "keystore/bundle/keep_final.h"
#include "keystore/crypto/cms.h"

namespace sifguard {

struct Exported {
  std::vector<std::byte> message;  ///< CMS, DER
  Manifest manifest;
  std::size_t bindings = 0, keys = 0, signers = 0;
  std::vector<std::string> besides;  ///< bindings that were not requested (choose.h)
};
/// The serial is the time, and nodes remember it for as long as they know this store, so the caller
/// must have checked that the clock is right. It is durable before this returns.
[[nodiscard]] Result<Exported> export_bundle(const Keystore& keystore,
                                             const std::vector<std::string>& only,
                                             const std::vector<const X509*>& recipients);

struct OpenedBundle {
  Bundle bundle;
  std::string signer;   ///< fingerprint
  std::string content;  ///< SHA-256 of the signed payload, 64 digits
};
/// Opens a bundle with this node's key, and checks it against the signers that are trusted here and
/// its own list of recipients. It does not check whether the bundle is newer than the last one.
/// Errors: Code::refused for a bundle that is not for this node, not by a trusted signer, or
/// malformed.
[[nodiscard]] Result<OpenedBundle> open_bundle(const Keystore& keystore,
                                               std::span<const std::byte> message);

struct Imported {
  Manifest manifest;
  std::string signer;  ///< fingerprint
  std::size_t bindings = 0, keys = 0, signers = 0;
  /// About revocation lists: which were left out, and which the keystore keeps because its own are
  /// newer.
  std::vector<std::string> notes = {};
  KeptFinal final_states = {};  ///< what the bundle would have undone but stays, and what it undoes
  bool unchanged = false;       ///< it is the bundle that was imported last
};
struct ImportMode {
  bool only_check = false;  ///< nothing changes
  bool accept_clock =
      false;  ///< the admin confirms that both clocks are right, whatever the bundle's time
};
/// Whether the bundle was made at a time that is more than kClockSkew after `now`; false if it does
/// not say when.
[[nodiscard]] bool is_of_the_future(const Manifest& manifest, std::int64_t now) noexcept;
/// `merge` is for OpenPGP keys (keep_signer.h). Errors: those of open_bundle(); Code::refused for a
/// bundle that is not newer than the last one, Code::temporary for one that is_of_the_future(),
/// unless it is that last one (is_imported()); nothing changes.
[[nodiscard]] Result<Imported> import_bundle(const Keystore& keystore,
                                             std::span<const std::byte> message,
                                             const MergeOpenPgp& merge, ImportMode mode);

}  // namespace sifguard
