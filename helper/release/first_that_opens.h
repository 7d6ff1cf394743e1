// Tries a key and the keys that replace it, because only trying shows for which of them an image is
// encrypted. Root; pure except for `open`.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "keystore/base/error.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// What `open(key)`, a Result or Status, returns for the first of `keys` that opens. If a key is
/// refused (it is not the image's) or denied (by its rule or state), the next one is tried; any
/// other error is returned at once. Errors: the first refusal, which is that of the key that the
/// bindings name; `none` if there is no key.
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
