// What `sifctl trust fetch` and its unprivileged fetcher say to each other. Pure.
//
// Items one after another: a line "KIND NAME FROM UNTIL TEXT-SIZE SIZE\n" in ASCII, then the text,
// then the bytes. To the fetcher: crl-source and ocsp-source (the text is a URL), host (of URLs in
// certificates that may be asked), root, intermediate, signer (the bytes are PEM), crl and response
// (what the keystore has). From it: crl and response (name: what the keystore files it under; text:
// the subject), error (text: of what, and why), missing (text: a CA without a list that holds),
// note (text: what is no failure).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct FetchedItem {
  std::string kind;        ///< lower-case letters and '-'
  std::string name = "-";  ///< 64 lower-case hexadecimal digits, or "-"
  std::int64_t from = 0, until = 0;
  std::string text;   ///< at most 4096 bytes
  std::string bytes;  ///< at most 16 MiB
};

inline constexpr std::size_t kMaxFetched = 256UL * 1024 * 1024;  ///< of all items
inline constexpr std::size_t kMaxFetchedItems = 16384;

[[nodiscard]] std::string encode_items(const std::vector<FetchedItem>& items);
/// Errors: Code::refused, and none of them is handed out.
[[nodiscard]] Result<std::vector<FetchedItem>> decode_items(std::string_view data);

}  // namespace sifguard
