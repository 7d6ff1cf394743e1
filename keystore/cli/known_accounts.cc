// Users and groups that an admin names but this host does not know. Asks the name service.
#include "keystore/cli/known_accounts.h"

#include "keystore/base/accounts.h"

namespace sifguard {
namespace {

/// Names in one sentence; the rest is counted.
constexpr std::size_t kMaxNamed = 20;

/// Whether the name service is sure that there is no such user, or group.
bool is_unknown_user(const std::string& name) {
  const auto found = find_account(name);
  return found && !*found;
}
bool is_unknown_group(const std::string& name) {
  const auto found = is_group(name);
  return found && !*found;
}

}  // namespace

void UnknownAccounts::add(const std::vector<std::string>& users,
                          const std::vector<std::string>& groups) {
  users_.insert(users.begin(), users.end());
  groups_.insert(groups.begin(), groups.end());
  users_.erase(std::string(kAnyUser));
}

void UnknownAccounts::add(const Audience& audience) {
  add(audience.users.value_or(std::vector<std::string>{}),
      audience.groups.value_or(std::vector<std::string>{}));
}

void UnknownAccounts::add(const Binding& binding) {
  add(binding.allow);
  if (binding.deny) add(*binding.deny);
}

void UnknownAccounts::tell(const Session& session) const {
  std::vector<std::string> unknown;
  for (const std::string& name : users_) {
    if (is_unknown_user(name)) unknown.push_back("user " + name);
  }
  for (const std::string& name : groups_) {
    if (is_unknown_group(name)) unknown.push_back("group " + name);
  }
  if (unknown.empty()) return;
  std::string text = "not known on this host, check the spelling: ";
  for (std::size_t i = 0; i < unknown.size() && i < kMaxNamed; ++i) {
    text += (i == 0 ? "" : ", ") + unknown[i];
  }
  if (unknown.size() > kMaxNamed) {
    text += " and " + std::to_string(unknown.size() - kMaxNamed) + " more";
  }
  session.note(text);
}

}  // namespace sifguard
