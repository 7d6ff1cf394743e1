// What is for good in a keystore and stays so, whatever a bundle brings. The owner of the keystore,
// in `sifctl`.
//
// A bundle takes the place of a node's content. It may come from a store that does not know what
// was revoked or destroyed on the node, or not any more (restored from a backup). States that can
// be taken back (retired, suspended) follow the bundle.
#pragma once

#include <string>
#include <vector>

#include "keystore/store/content.h"

namespace sifguard {

/// Puts into `content` which signers and keys of the keystore are revoked or destroyed, also those
/// that it does not have: a later bundle may. Gives a sentence for each that would have been undone
/// and stays, and for each suspended key that is not suspended any more. Wants the keystore's lock
/// held. Errors: Code::config.
[[nodiscard]] Result<std::vector<std::string>> keep_final(const Keystore& keystore,
                                                          StoreContent& content);

}  // namespace sifguard
