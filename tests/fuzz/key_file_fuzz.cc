// Every reader of key files (PEM, PFX, certificates), on any bytes, with and without password.
#include <cstdint>

#include "keystore/base/fd.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/pfx.h"
#include "keystore/crypto/rsa.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sifguard;
  if (size > 16384) return 0;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto secret = SecretBytes::copy_of(bytes);
  const auto password = SecretBytes::copy_of(as_bytes("pw"));
  if (!secret || !password) return 0;
  static_cast<void>(RsaPrivateKey::from_pem(*secret, nullptr));
  static_cast<void>(RsaPrivateKey::from_pem(*secret, &*password));
  static_cast<void>(RsaPublicKey::from_pem(as_text(bytes)));
  static_cast<void>(parse_certificates(as_text(bytes)));
  static_cast<void>(read_pfx(bytes, *password));
  return 0;
}
