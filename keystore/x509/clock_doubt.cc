// Whether this host's clock can be believed, by what was recorded under it before. Pure.
#include "keystore/x509/clock_doubt.h"

#include "keystore/base/text.h"
#include "keystore/x509/asn1_time.h"

namespace sifguard {

Error clock_doubt(std::int64_t now, const std::string& what, std::int64_t recorded) {
  return {Code::temporary,
          "the clock says " + format_utc(now) + ", but " + what + " " + format_utc(recorded),
          "set the clock right; if it is, say so with --accept-clock"};
}

Status check_clock(std::int64_t now, const std::string& what, std::int64_t recorded) {
  const bool is_far = recorded > now + kClockSkew || now > recorded + kLongestPause;
  return is_far ? Status(tl::unexpected(clock_doubt(now, what, recorded))) : Status();
}

}  // namespace sifguard
