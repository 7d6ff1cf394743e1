// From an order, a secret and encrypted bytes to the source that is served. Hostile bytes. In the
// sandbox of `sifguard-imagefs`.
#pragma once

#include <memory>

#include "helper/imagefs/file_window.h"
#include "helper/imagefs/wire/imagefs_wire.h"

namespace sifguard {

struct Unlocked {
  std::unique_ptr<BlockSource> plain;  ///< stands on `sealed`
  SecretBytes content_key;             ///< a copy; empty if the order's secret was the content key
};

/// `sealed` must outlive the result. `conf`: the descriptor of gocryptfs.conf, which is read only
/// if the secret is a password for a gocryptfs file. Errors: Code::refused for a secret that does
/// not open it and for an unsupported format, those of the parsers and key derivations.
[[nodiscard]] Result<Unlocked> unlock(const ImagefsOrder& order, const BlockSource& sealed,
                                      ImagefsSecret secret, int conf);

}  // namespace sifguard
