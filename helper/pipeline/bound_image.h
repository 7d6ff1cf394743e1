// What a node's bindings say of an opened image: one way for launches, for prefetch, and for who
// asks without launching. Root.
#pragma once

#include <vector>

#include "helper/pipeline/node.h"
#include "helper/stage/opened_image.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// The bindings that may name the image, with the break-glass grants that fit them and their keys
/// settled. Gives `facts` the image's names; the rest of them is the caller's. Errors: those of
/// names_of_opened(), PolicyReader::bindings_for() and settle_keys().
[[nodiscard]] Result<Policy> bindings_of_opened(OpenedImage& opened, const Node& node,
                                                Facts& facts);

/// The key that the bindings name and those that replace it: which one an image is encrypted for
/// shows only when it is tried. None without encryption. Errors: Code::config where the keystore
/// lacks the key.
[[nodiscard]] Result<std::vector<KeyRecord>> keys_of(const Decision& decision,
                                                     const Keystore& keystore);

}  // namespace sifguard
