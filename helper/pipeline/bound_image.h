// What a node's bindings say about an opened image, for launches, for prefetch, and for questions
// without a launch. Root.
#pragma once

#include <vector>

#include "helper/pipeline/node.h"
#include "helper/stage/opened_image.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// The bindings that may name the image, with the break-glass grants that apply to them and with
/// their keys settled. Sets the image's names in `facts`; the caller sets the rest. Errors: those
/// of names_of_opened(), PolicyReader::bindings_for() and settle_keys().
[[nodiscard]] Result<Policy> bindings_of_opened(OpenedImage& opened, const Node& node,
                                                Facts& facts);

/// The key that the bindings name and the keys that replace it: only trying shows for which of them
/// an image is encrypted. Empty without encryption. Errors: Code::config where the keystore lacks
/// the key.
[[nodiscard]] Result<std::vector<KeyRecord>> keys_of(const Decision& decision,
                                                     const Keystore& keystore);

}  // namespace sifguard
