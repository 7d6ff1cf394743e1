// Users and groups that an admin names and that are unknown on this host: a misspelled name in a
// `deny` denies nobody, and nothing else reports it. Asks the name service.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "keystore/cli/session.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// Collects names, looks up each of them once, and reports in one sentence which are unknown. That
/// is not an error, because the admin's host may lack the cluster's accounts.
class UnknownAccounts {
 public:
  void add(const std::vector<std::string>& users, const std::vector<std::string>& groups);
  /// Adds those of `allow` and `deny`.
  void add(const Binding& binding);
  /// Prints "not known on this host, check the spelling: user x, group y"; nothing if all are
  /// known. A failed look-up is ignored.
  void tell(const Session& session) const;

 private:
  void add(const Audience& audience);
  std::set<std::string> users_, groups_;
};

}  // namespace sifguard
