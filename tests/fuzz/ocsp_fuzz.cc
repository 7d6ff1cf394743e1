// Fuzzes OCSP responses through what a launch makes of them.
#include <cstdint>
#include <cstdlib>

#include "keystore/x509/certificate_path.h"
#include "keystore/x509/ocsp_check.h"
#include "tests/fuzz/pki_chain.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using State = sifguard::RevocationFinding::State;
  static const auto leaf = sifguard::parse_one_certificate(kLeafPem);
  static const auto issuer = sifguard::parse_one_certificate(kIssuerPem);
  const auto responses =
      sifguard::OcspSet::parse({std::string(reinterpret_cast<const char*>(data), size)});
  const auto finding = responses.find(leaf->get(), issuer->get(), {}, kChainTime);
  const bool good = finding.state == State::good;
  if (finding.note.empty() != good || (finding.valid_until > kChainTime) != good) std::abort();
  return 0;
}
