// Where `sifctl trust fetch` gets revocation lists and OCSP responses, and what it got. The owner
// of the keystore in `sifctl`; launches read neither.
//
// The files are trust/sources.json and trust/fetched.json, read strictly.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "keystore/store/keystore.h"

namespace sifguard {

inline constexpr const char* kTrustSourcesFile = "trust/sources.json";  ///< in the keystore

struct TrustSources {
  std::vector<std::string> crl;   ///< URLs of revocation lists
  std::vector<std::string> ocsp;  ///< URLs of responders; asked about every certificate
  std::vector<std::string>
      hosts;          ///< URLs in certificates are also asked, if the host is one of these
  std::string proxy;  ///< URL; "" for none
};

/// Errors: Code::config, "where: …".
[[nodiscard]] Result<TrustSources> parse_trust_sources(std::string_view text,
                                                       const std::string& where);
/// Empty if nothing was ever set. Errors: Code::config.
[[nodiscard]] Result<TrustSources> trust_sources(const Keystore& keystore);
Status set_trust_sources(const Keystore& keystore, const TrustSources& sources);

struct FetchedRecord {
  std::string kind;     ///< "crl" or "response"
  std::string name;     ///< of its file (trust_store.h)
  std::string subject;  ///< the issuer of the list, or the subject of the response
  std::int64_t from = 0, until = 0;
  std::int64_t at = 0;  ///< when it was fetched
};
[[nodiscard]] Result<std::vector<FetchedRecord>> fetched_records(const Keystore& keystore);
/// Requires the keystore's lock.
Status set_fetched_records(const Keystore& keystore, const std::vector<FetchedRecord>& records);

}  // namespace sifguard
