// Fuzzes the parser of legacy statements: hash type in the first byte, text in the rest. What it
// accepts has exactly one text.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "helper/verify/sandbox/legacy.h"
#include "keystore/base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto digest = sifguard::parse_legacy_statement(text, static_cast<std::int8_t>(data[0]));
  if (!digest) return 0;
  if (digest->value.size() != sifguard::digest_size(digest->algorithm) ||
      !sifguard::is_legacy_statement(text) ||
      "SIFHASH:\n" + sifguard::to_hex(digest->value) != text) {
    std::abort();
  }
  return 0;
}
