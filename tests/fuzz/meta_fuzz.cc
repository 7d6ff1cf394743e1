// The reader of meta.yaml files, on any bytes.
#include <cstdint>
#include <cstdlib>

#include "keystore/store/meta.h"

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
  return 0;
}
