// How bundles are kept in order: each has a larger serial than the one before, and a node takes no
// older one. The file bundle.yaml of a keystore. Root on nodes; the owner of the keystore in
// `sifctl`.
//
// The file is JSON, which is YAML, read strictly: {"version": 1, "store": "16 digits", "exported":
// N, "from": "16 digits or nothing", "imported": N}: what this keystore is called in its bundles,
// the serial of its last one; where it took its content from, and the serial of that one. Version 2
// has "revoked": ["sha256:…", …] at the end, the images that are revoked here because that one says
// so; while there are none, version 1 is written. A serial is the time in Unix seconds, or one more
// than the last one: a store that was restored from a backup goes on above what it has exported
// since.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

inline constexpr const char* kBundleFile = "bundle.yaml";

struct BundleState {
  std::string store;
  std::int64_t exported = 0;  ///< 0: none yet
  std::string from;
  std::int64_t imported = 0;
  std::vector<std::string> revoked = {};  ///< digests, by the bundle that was imported last
};

[[nodiscard]] std::string format_bundle_state(const BundleState& state);
/// Errors: Code::config, "where: …".
[[nodiscard]] Result<BundleState> parse_bundle_state(std::string_view text,
                                                     const std::string& where);
/// A new state, with a name made now, where there is none. Errors: Code::config.
[[nodiscard]] Result<BundleState> read_bundle_state(const Keystore& keystore);
/// Durable. Wants the keystore's lock held.
Status write_bundle_state(const Keystore& keystore, const BundleState& state);

}  // namespace sifguard
