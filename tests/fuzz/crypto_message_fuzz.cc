// The CryptoMessage of an image, hostile until its signature is judged: what is accepted is what
// the writer makes of the same ciphertext, but for line lengths and newlines after it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "helper/release/crypto_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view pem(reinterpret_cast<const char*>(data), size);
  const auto cipher = sifguard::parse_crypto_message(pem);
  if (!cipher) return cipher.error().code() == sifguard::Code::refused ? 0 : (std::abort(), 0);
  if (cipher->size() > size || cipher->size() > 0xffff) std::abort();
  const auto again = sifguard::parse_crypto_message(sifguard::format_crypto_message(*cipher));
  if (!again || *again != *cipher) std::abort();
  return 0;
}
