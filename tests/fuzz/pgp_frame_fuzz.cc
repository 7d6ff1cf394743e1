// Fuzzes the clearsigned parser. What it accepts has one text and one clean block.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "helper/verify/sandbox/pgp_frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto message = sifguard::parse_clearsigned(bytes);
  if (!message) return 0;
  std::string canonical;
  for (const char c : message->statement)
    canonical += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const bool clean = canonical == message->signed_text &&
                     message->statement.find('\r') == std::string::npos &&
                     message->signature.find("-----BEGIN PGP SIGNATURE-----\n\n") == 0 &&
                     message->signature.find(':') == std::string::npos;
  if (!clean) std::abort();
  return 0;
}
