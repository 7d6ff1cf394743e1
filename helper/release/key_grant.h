// Permission to use one key, checked against the key's own rule. Root; pure.
#pragma once

#include <string>
#include <vector>

#include "helper/release/admission.h"
#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// Proof that a key may be used: by this user, for an image that was admitted, under this decision.
/// Only the functions below make one, and nothing decrypts without one.
class KeyGrant {
 public:
  [[nodiscard]] const KeyRecord& key() const noexcept { return key_; }
  /// The id of the break-glass grant that replaced the audience of the key's rule; usually empty.
  [[nodiscard]] const std::string& break_glass() const noexcept { return break_glass_; }

 private:
  explicit KeyGrant(KeyRecord key, std::string break_glass)
      : key_(std::move(key)), break_glass_(std::move(break_glass)) {}
  friend Result<KeyGrant> grant_key(const Decision&, const Admission&, const KeyRecord&,
                                    const std::string&, const std::vector<std::string>&);
  friend Result<KeyGrant> grant_staging(const Decision&, const Admission&, const KeyRecord&);
  friend Result<KeyGrant> grant_publication(const Binding&, const Admission&, const KeyRecord&);
  KeyRecord key_;
  std::string break_glass_;
};

/// The rule belongs to the key, so that neither another path nor another binding's signer can turn
/// the helper into a decryption oracle. Errors: Code::denied for the rule, the key's state, and
/// `warn` mode.
[[nodiscard]] Result<KeyGrant> grant_key(const Decision& decision, const Admission& admission,
                                         const KeyRecord& key, const std::string& user,
                                         const std::vector<std::string>& groups);

/// For root, filling a node's cache ahead of jobs, under a decision of decide_for_staging(). What
/// is made with this grant stays sealed until a job has a grant of its own. Errors: as above.
[[nodiscard]] Result<KeyGrant> grant_staging(const Decision& decision, const Admission& admission,
                                             const KeyRecord& key);

/// For an admin who publishes an image. No user is checked here, because the published image has a
/// key of its own whose rule names the same users. Errors: as above.
[[nodiscard]] Result<KeyGrant> grant_publication(const Binding& binding, const Admission& admission,
                                                 const KeyRecord& key);

}  // namespace sifguard
