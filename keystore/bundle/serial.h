// How bundles are kept in order: each has a larger serial than the one before, and a node takes no
// older one of the same signer, or of the same store. The file bundle.json of a keystore. Root on
// nodes; the owner of the keystore in `sifctl`.
//
// The file is JSON, read strictly: {"version": 5, "store": "16 digits", "exported": N,
// "exported_at": N, "from": "16 digits or nothing", "imported": N, "content": "64 digits or
// nothing", "revoked": ["sha256:…", …], "taken": [{"signer": "64 digits or nothing", "store": "16
// digits", "serial": N}, …], "nodes": [{"node": "64 digits", "subject": "…", "serial": N, "at": N},
// …]}: what this keystore is called in its bundles, the serial of its last one, and when it was
// made; which store it took its content from, the serial of that bundle and the SHA-256 of what it
// says; the images that are revoked here because that one says so; how far the bundles of each
// signer and store have come; and the nodes that it exported for, with the last bundle for each.
// Version 4 knows no "content", version 3 no nodes either; versions 1 and 2 know of the last bundle
// alone (no "exported_at" and "taken"; "revoked" in 2), and not who signed it: it counts for its
// store. A serial is the time in Unix seconds, or one more than the last one: a store that was
// restored from a backup goes on above what it has exported since.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

inline constexpr const char* kBundleFile = "bundle.json";

/// No bundle of this signer, and none of this store, is taken that is not above this one.
struct TakenBundle {
  std::string signer;  ///< fingerprint of its certificate; empty: an earlier version recorded it
  std::string store;
  std::int64_t serial = 0;
};

/// A node that bundles were exported for, by its certificate, and the last one that was.
struct ExportedNode {
  std::string node;     ///< the certificate's fingerprint, 64 digits
  std::string subject;  ///< as the certificate says; may be empty
  std::int64_t serial = 0;
  std::int64_t at = 0;  ///< Unix seconds, by the clock of then
};
/// More are not remembered: the one whose last bundle is the oldest goes.
inline constexpr std::size_t kMaxExportedNodes = 10'000;

struct BundleState {
  std::string store;
  std::int64_t exported = 0;  ///< 0: none yet
  std::string from;
  std::int64_t imported = 0;
  std::vector<std::string> revoked = {};  ///< digests, by the bundle that was imported last
  std::vector<TakenBundle> taken = {};    ///< at most one of a signer and store
  std::int64_t exported_at = 0;           ///< Unix seconds, by the clock of then
  std::vector<ExportedNode> nodes = {};   ///< by fingerprint, each once
  /// SHA-256 of the payload of the bundle whose content this keystore has, 64 digits; empty where
  /// that is not known: a version before recorded it, or a backup is older than it.
  std::string content = {};
};

/// The serial that a bundle of `signer` and `store` must be above; 0 for none.
[[nodiscard]] std::int64_t last_taken(const BundleState& state, const std::string& signer,
                                      const std::string& store);
/// Raises what is recorded of a signer and store; false where it is as far already.
bool record_taken(BundleState& state, const TakenBundle& bundle);

/// Whether it is the bundle that was imported last, byte for byte in what it says, and the keystore
/// still has its content. `content`: as in BundleState.
[[nodiscard]] bool is_imported(const BundleState& state, const TakenBundle& bundle,
                               const std::string& content);

/// Notes a bundle for a node; false where it, or a later one, is noted already.
bool record_exported(BundleState& state, const ExportedNode& node);

[[nodiscard]] std::string format_bundle_state(const BundleState& state);
/// Errors: Code::config, "where: …".
[[nodiscard]] Result<BundleState> parse_bundle_state(std::string_view text,
                                                     const std::string& where);
/// A new state, with a name made now, where there is none. Errors: Code::config.
[[nodiscard]] Result<BundleState> read_bundle_state(const Keystore& keystore);
/// Durable. Wants the keystore's lock held.
Status write_bundle_state(const Keystore& keystore, const BundleState& state);

}  // namespace sifguard
