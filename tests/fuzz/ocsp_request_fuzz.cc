// Fuzzes OCSP requests as the responder reads them.
#include <cstdint>
#include <cstdlib>

#include "keystore/ocsp/received_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = sifguard::parse_ocsp_request({reinterpret_cast<const char*>(data), size});
  if (!request) return 0;
  const auto count = request->ids.size();
  if (count < 1 || count > static_cast<std::size_t>(sifguard::kMaxAsked)) std::abort();
  return 0;
}
