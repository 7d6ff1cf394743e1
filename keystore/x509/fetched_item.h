// The messages between `sifctl trust fetch` and its unprivileged fetcher. Pure.
//
// They consist of items, one after another: a line "KIND NAME FROM UNTIL TEXT-SIZE SIZE\n" in
// ASCII, then the text, then the bytes. To the fetcher: crl-source and ocsp-source (the text is a
// URL), host (of URLs in certificates that may be asked), root, intermediate, signer (the bytes are
// PEM), crl and response (what the keystore has). From it: crl and response (name: under which the
// keystore stores it; text: the subject), error (text: what failed, and why), missing (text: a CA
// without a valid list), note (text: a remark that is not a failure).
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
/// Errors: Code::refused; then no item is returned.
[[nodiscard]] Result<std::vector<FetchedItem>> decode_items(std::string_view data);

}  // namespace sifguard
