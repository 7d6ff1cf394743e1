// Fuzzes the envelope parser. What it accepts keeps the promises of dsse.h, and a legacy or current
// statement inside is parsed as the verifier would.
#include <cstdint>
#include <cstdlib>

#include "helper/verify/sandbox/dsse.h"
#include "helper/verify/sandbox/metadata.h"
#include "helper/verify/wire/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto envelope = sifguard::parse_dsse(bytes);
  if (!envelope) return 0;
  bool good = sifguard::is_dsse(bytes) && envelope->signed_text.starts_with("DSSEv1 40 ") &&
              envelope->signed_text.ends_with(" " + envelope->statement) &&
              !envelope->signatures.empty() &&
              envelope->signatures.size() <= sifguard::kMaxDsseSignatures;
  for (const auto& one : envelope->signatures) {
    good = good && one.key_hint.size() <= sifguard::kMaxKeyHint && !one.signature.empty() &&
           one.signature.size() <= sifguard::kMaxDsseSignatureSize;
    for (const char c : one.key_hint) good = good && c >= 0x20 && c <= 0x7e && c != '\\';
  }
  if (!good) std::abort();
  static_cast<void>(sifguard::parse_statement(envelope->statement));
  return 0;
}
