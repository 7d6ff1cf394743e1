// Users and groups that an admin names and this host does not know: a typing error in a `deny`
// denies nobody, and nothing else tells. Asks the name service.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "keystore/cli/session.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Collects names, looks each of them up once, and says in one sentence which are not known. That
/// is no error: the admin's host may lack the cluster's accounts.
class UnknownAccounts {
 public:
  void add(const std::vector<std::string>& users, const std::vector<std::string>& groups);
  /// Those of `allow` and `deny`.
  void add(const Binding& binding);
  /// "not known on this host, check the spelling: user x, group y"; nothing if all are. A look-up
  /// that fails says nothing.
  void tell(const Session& session) const;

 private:
  void add(const Audience& audience);
  std::set<std::string> users_, groups_;
};

}  // namespace sifguard
