// Keeps bundles in order: each has a larger serial than the one before, and a node accepts no older
// bundle of the same signer, or of the same store. The file bundle.json of a keystore. Root on
// nodes; the owner of the keystore in `sifctl`.
//
// The file is JSON, read strictly: {"version": 5, "store": "16 digits", "exported": N,
// "exported_at": N, "from": "16 digits or nothing", "imported": N, "content": "64 digits or
// nothing", "revoked": ["sha256:…", …], "taken": [{"signer": "64 digits or nothing", "store": "16
// digits", "serial": N}, …], "nodes": [{"node": "64 digits", "subject": "…", "serial": N, "at": N},
// …]}: the name of this keystore in its bundles, the serial of its last bundle, and when that was
// made; the store that its content came from, the serial of that bundle and the SHA-256 of its
// payload; the images that are revoked here because that bundle says so; the last serial of each
// signer and store; and the nodes for which it exported, with the last bundle for each. Version 4
// has no "content", and version 3 also no nodes; versions 1 and 2 have only the last bundle (no
// "exported_at" and "taken"; "revoked" in 2), without its signer, so it counts for its store. A
// serial is the time in Unix seconds, or one more than the last serial, so a store that was
// restored from a backup continues above what it exported after the backup.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

inline constexpr const char* kBundleFile = "bundle.json";

/// A bundle of this signer or of this store is accepted only if its serial is larger than this one.
struct TakenBundle {
  std::string signer;  ///< fingerprint of its certificate; empty: an earlier version recorded it
  std::string store;
  std::int64_t serial = 0;
};

/// A node for which bundles were exported, by its certificate, and its last bundle.
struct ExportedNode {
  std::string node;     ///< the certificate's fingerprint, 64 digits
  std::string subject;  ///< as the certificate says; may be empty
  std::int64_t serial = 0;
  std::int64_t at = 0;  ///< Unix seconds, by the clock at that time
};
/// At most so many are remembered: the one whose last bundle is the oldest is removed.
inline constexpr std::size_t kMaxExportedNodes = 10'000;

struct BundleState {
  std::string store;
  std::int64_t exported = 0;  ///< 0: none yet
  std::string from;
  std::int64_t imported = 0;
  std::vector<std::string> revoked = {};  ///< digests that the last imported bundle revokes
  std::vector<TakenBundle> taken = {};    ///< at most one for each signer and store
  std::int64_t exported_at = 0;           ///< Unix seconds, by the clock at that time
  std::vector<ExportedNode> nodes = {};   ///< in the order of fingerprints, each once
  /// SHA-256 of the payload of the bundle whose content this keystore has, 64 digits; empty if that
  /// is unknown because an older version recorded it, or a backup is older than it.
  std::string content = {};
};

/// The serial that a bundle of `signer` and `store` must be above; 0 for none.
[[nodiscard]] std::int64_t last_taken(const BundleState& state, const std::string& signer,
                                      const std::string& store);
/// Raises the recorded serial of a signer and store; false if it is already as large.
bool record_taken(BundleState& state, const TakenBundle& bundle);

/// Whether it is the bundle that was imported last, with the same payload byte by byte, and the
/// keystore still has its content. `content`: as in BundleState.
[[nodiscard]] bool is_imported(const BundleState& state, const TakenBundle& bundle,
                               const std::string& content);

/// Records a bundle for a node; false if this or a later one is already recorded.
bool record_exported(BundleState& state, const ExportedNode& node);

[[nodiscard]] std::string format_bundle_state(const BundleState& state);
/// Errors: Code::config, "where: …".
[[nodiscard]] Result<BundleState> parse_bundle_state(std::string_view text,
                                                     const std::string& where);
/// The state of the keystore; if there is none, a new state with a new name. Errors: Code::config.
[[nodiscard]] Result<BundleState> read_bundle_state(const Keystore& keystore);
/// Writes it durably. Requires the keystore's lock.
Status write_bundle_state(const Keystore& keystore, const BundleState& state);

}  // namespace sifguard
