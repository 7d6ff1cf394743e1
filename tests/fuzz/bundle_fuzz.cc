// Fuzzes the reading of a bundle's payload in both its forms, of the keystore's bundle state, of
// break-glass grants and of what was published.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "keystore/base/fd.h"
#include "keystore/bundle/bundle.h"
#include "keystore/bundle/serial.h"
#include "keystore/store/break_glass.h"
#include "keystore/store/published_records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto bundle = sifguard::decode_bundle(bytes)) {
    if (bundle->manifest.serial <= 0) std::abort();
    const auto again = sifguard::encode_bundle(bundle->manifest, bundle->content);
    if (!again || !sifguard::decode_bundle(again->bytes())) std::abort();
  }
  if (const auto state = sifguard::parse_bundle_state(sifguard::as_text(bytes), "x")) {
    if (!sifguard::parse_bundle_state(sifguard::format_bundle_state(*state), "x")) std::abort();
  }
  if (const auto grants = sifguard::parse_grants(sifguard::as_text(bytes), "x")) {
    if (!sifguard::parse_grants(sifguard::format_grants(*grants), "x")) std::abort();
  }
  if (const auto records = sifguard::parse_published(sifguard::as_text(bytes), "x")) {
    if (!sifguard::parse_published(sifguard::format_published(*records), "x")) std::abort();
  }
  return 0;
}
