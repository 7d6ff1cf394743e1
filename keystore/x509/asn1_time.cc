// Times in certificates, CRLs and OCSP responses. Any privilege.
#include "keystore/x509/asn1_time.h"

#include <openssl/crypto.h>

#include <ctime>

namespace sifguard {

std::optional<std::int64_t> unix_time(const ASN1_TIME* time) noexcept {
  std::tm broken_down{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &broken_down) != 1) return std::nullopt;
  std::tm epoch{};
  epoch.tm_year = 70;
  epoch.tm_mday = 1;
  int days = 0;
  int seconds = 0;
  if (OPENSSL_gmtime_diff(&days, &seconds, &epoch, &broken_down) != 1) return std::nullopt;
  return std::int64_t{days} * 86400 + seconds;
}

}  // namespace sifguard
