// A key and those that replace it: which one an image is encrypted for shows only when it is tried.
// Root; pure but for what is tried.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// What `open(key)`, a Result or Status, gives for the first of `keys` that opens. Where one is
/// refused (not the image's) or denied (by its rule or state) the next is tried; any other error
/// ends it. Errors: the first refusal, of the key that the bindings name; `none` without any key.
template <typename Open>
[[nodiscard]] auto first_that_opens(const std::vector<KeyRecord>& keys, Error none,
                                    const Open& open) -> decltype(open(keys.front())) {
  std::optional<Error> refused;
  for (const KeyRecord& key : keys) {
    auto opened = open(key);
    const bool other_key = !opened && (opened.error().code() == Code::refused ||
                                       opened.error().code() == Code::denied);
    if (!other_key) return opened;
    if (!refused) refused = opened.error();
  }
  return tl::unexpected(refused ? *std::move(refused) : std::move(none));
}

}  // namespace sifguard
