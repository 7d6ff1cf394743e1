// The statement of a legacy signature. Runs in the sandboxed verifier.
#include "helper/verify/sandbox/legacy.h"

#include <string>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::string_view kFirstLine = "SIFHASH:\n";

}  // namespace

bool is_legacy_statement(std::string_view text) noexcept {
  return text.starts_with(kFirstLine.substr(0, kFirstLine.size() - 1));
}

Result<Digest> parse_legacy_statement(std::string_view text, std::int32_t hash) {
  if (hash < 1 || hash > 3) {  // 4 and 5 are BLAKE2s and BLAKE2b
    return fail(Code::denied, "the legacy signature's hash type is " + std::to_string(hash) +
                                  ", not SHA-256, SHA-384 or SHA-512");
  }
  const auto algorithm = static_cast<DigestAlgorithm>(hash - 1);
  if (!text.starts_with(kFirstLine)) {
    return fail(Code::refused, "the legacy statement is not SIFHASH: and a line of digits");
  }
  const std::string_view digits = text.substr(kFirstLine.size());
  auto bytes = from_hex(digits);
  if (!bytes || bytes->size() != digest_size(algorithm) || to_lower(digits) != digits) {
    return fail(Code::refused, "the legacy statement's digest is not " +
                                   std::to_string(2 * digest_size(algorithm)) +
                                   " lower-case hexadecimal digits");
  }
  return Digest{algorithm, *std::move(bytes)};
}

}  // namespace sifguard
