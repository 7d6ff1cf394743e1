// The end of a reseal that was interrupted when everything was under its new store key already, but
// the old one was not removed yet. The owner of the directory, in `sifctl`.
#pragma once

#include "keystore/store/keystore.h"

namespace sifguard {

/// Removes the store keys in the keystore that seal.json does not name, and the note of the one
/// that it names, once every private key has been opened with that. Returns whether there were any.
/// While seal.json names two, Keystore::reseal() has to go on; then this does nothing. Errors:
/// those of opening a private half; then nothing changes.
[[nodiscard]] Result<bool> finish_reseal(const Keystore& keystore);

}  // namespace sifguard
