// Numbers and times in what a CA signs. Any privilege; pure.
#include "keystore/ca/asn1_number.h"

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxDigits = 40;

}  // namespace

Result<Asn1Integer> asn1_from_hex(std::string_view hex) {
  const auto bytes = hex.size() <= kMaxDigits ? from_hex(hex) : std::nullopt;
  if (!bytes || bytes->empty()) return fail(Code::internal, "not a serial number");
  const Digits number(BN_bin2bn(octets(*bytes), static_cast<int>(bytes->size()), nullptr));
  Asn1Integer integer(number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr);
  if (!integer) return fail_openssl(Code::internal, "cannot make a number");
  return integer;
}

Result<Asn1Integer> asn1_from_int(std::int64_t number) {
  Asn1Integer integer(ASN1_INTEGER_new());
  if (!integer || ASN1_INTEGER_set_int64(integer.get(), number) != 1) {
    return fail_openssl(Code::internal, "cannot make a number");
  }
  return integer;
}

Result<Asn1Time> asn1_time(std::int64_t unix_seconds) {
  Asn1Time time(ASN1_TIME_set(nullptr, static_cast<time_t>(unix_seconds)));
  if (!time) return fail_openssl(Code::internal, "cannot make a time");
  return time;
}

}  // namespace sifguard
