// Whether signatures that are demanded could count now, and until when if nothing is renewed. The
// owner of the keystore, in `sifctl`.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "keystore/policy/policy.h"
#include "keystore/trust/signer_standing.h"

namespace sifguard {

/// How long something holds, and what ends it; or why it does not hold.
struct Outlook {
  static constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

  std::string why;              ///< a clause
  std::int64_t until = kNoEnd;  ///< the first second in which it does not
  bool holds = true;
  bool is_others = false;  ///< somebody set it so, or lists of signers tell it
};

[[nodiscard]] Outlook no_outlook(std::string why, bool is_others = false);
/// One of both has to hold: `best` becomes the one that holds longer.
void take_longer(Outlook& best, const Outlook& one);
/// Both have to hold: `sum` becomes the one that ends first, or does not hold.
void limit(Outlook& sum, const Outlook& more);

class SignerOutlook {
 public:
  /// `all`: as of SignerStandings, every signer of the keystore; both must outlive this.
  SignerOutlook(const Keystore& keystore, const std::vector<SignerRecord>& all,
                Revocation revocation, std::int64_t now)
      : all_(all), standings_(keystore, all, revocation, now) {}

  /// Whether some signatures would meet it.
  [[nodiscard]] Outlook of(const SignerRequirement& required);

 private:
  [[nodiscard]] Outlook of_name(const std::string& name, const SignerRequirement& required);
  [[nodiscard]] Outlook of_signer(const SignerRecord& signer, const std::string& name,
                                  const SignerRequirement& required);

  const std::vector<SignerRecord>& all_;
  SignerStandings standings_;
};

}  // namespace sifguard
