// Whether a revocation list may enter a keystore. Any privilege.
#include "keystore/x509/accepted_list.h"

#include <algorithm>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/crl_check.h"
#include "keystore/x509/crl_form.h"

namespace sifguard {
namespace {

template <typename T>
std::string der_of(int (*encode)(const T*, unsigned char**), const T* object) {
  unsigned char* der = nullptr;
  const int size = object == nullptr ? 0 : encode(object, &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

Result<std::string> series_of(X509* authority, const std::string& scope) {
  SG_TRY(const Sha256Digest digest,
         sha256(as_bytes(der_of(i2d_X509_NAME, X509_get_subject_name(authority)) +
                         der_of(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(authority)) + scope)));
  return to_hex(digest);
}

/// Who signed it as a launch wants it; null with `why` when nobody did.
X509* signer_of(const CrlSet& set, const std::vector<Certificate>& authorities, std::string& why) {
  for (const Certificate& authority : authorities) {
    if (!set.has_list_of(authority.get())) continue;
    why = set.why_useless(authority.get());
    if (why.empty()) return authority.get();
  }
  return nullptr;
}

std::string shown_number(const std::string& digits) {
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return "0x" + digits.substr(first);
}

}  // namespace

Result<TrustFile> accept_revocation_list(std::string_view data,
                                         const std::vector<Certificate>& authorities,
                                         std::int64_t now) {
  SG_TRY(TrustFile file, read_revocation_list(data));
  const std::string shown = "the revocation list of '" + file.subject + "' ";
  std::string why;
  X509* const signer = signer_of(CrlSet::parse({file.pem}), authorities, why);
  if (signer == nullptr && why.empty()) {
    return fail(Code::refused, shown + "is of a CA that the keystore does not know",
                "add that CA first: sifctl trust add-root, or add-intermediate");
  }
  if (signer == nullptr) {
    return fail(Code::refused, shown + why, "no launch would take it: get one from that CA");
  }
  if (file.from > now + kClockSkew) {
    return fail(Code::refused, shown + "is dated in the future: " + format_utc(file.from),
                "check the clocks of this host and of the CA");
  }
  SG_TRY(file.name, series_of(signer, file.scope));
  return file;
}

std::string why_not_newer(const TrustFile& fresh, const TrustFile& known, std::int64_t now) {
  const bool is_ahead = fresh.from > now + kClockSkew;
  const bool is_known_ahead = known.from > now + kClockSkew;
  if (is_ahead && !is_known_ahead) return "is dated in the future: " + format_utc(fresh.from);
  if (is_ahead == is_known_ahead && fresh.from < known.from) {
    return "is of " + format_utc(fresh.from) + ", before the one that is there, of " +
           format_utc(known.from);
  }
  if (!fresh.number.empty() && fresh.number < known.number) {
    return "has the number " + shown_number(fresh.number) +
           ", below that of the one that is there, " + shown_number(known.number);
  }
  return {};
}

}  // namespace sifguard
