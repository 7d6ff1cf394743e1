// The readers of meta.yaml, seal.yaml and private.key files, on any bytes.
#include <cstdint>
#include <cstdlib>

#include "keystore/store/envelope.h"
#include "keystore/store/meta.h"
#include "keystore/store/store_key_seal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string id(64, 'a');
  if (const auto key = parse_key_meta(text, id, "meta")) {
    const auto again = parse_key_meta(key_meta(*key), id, "meta");
    if (!again || key_meta(*again) != key_meta(*key)) std::abort();
  }
  const std::string fingerprint(40, 'A');
  if (const auto signer = parse_signer_meta(text, fingerprint, "meta")) {
    if (!parse_signer_meta(signer_meta(*signer), fingerprint, "meta")) std::abort();
  }
  if (const auto seals = parse_seals(text, "seal")) {
    const auto again = parse_seals(format_seals(*seals), "seal");
    if (!again || format_seals(*again) != format_seals(*seals)) std::abort();
  }
  StoreKey key{std::string(16, '0'), SecretBytes::allocate(kStoreKeyBytes).value()};
  if (open_envelope(key, std::as_bytes(std::span(data, size)), "meta")) std::abort();
  return 0;
}
