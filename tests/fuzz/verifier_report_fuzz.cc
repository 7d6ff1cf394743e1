// Fuzzes root's reading of the sandboxes' answers. What it accepts must encode to the same bytes.
#include <cstdint>
#include <cstdlib>

#include "helper/verify/wire/pgp_wire.h"
#include "helper/verify/wire/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kImageSize = 100000;  // that of the seeds
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto report = sifguard::decode_report(bytes, kImageSize);
  if (report && sifguard::encode_report(*report) != bytes) std::abort();
  const auto verdicts = sifguard::decode_pgp_answer(bytes, 2);
  if (verdicts && sifguard::encode_pgp_answer(*verdicts) != bytes) std::abort();
  const auto request = sifguard::decode_pgp_request(bytes);
  if (request) {
    const auto again = sifguard::encode_pgp_request(*request);
    if (again && *again != bytes) std::abort();
  }
  return 0;
}
