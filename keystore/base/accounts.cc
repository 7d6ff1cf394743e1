// Users and groups as the name service of this host has them. Any rights; may ask the network.
#include "keystore/base/accounts.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <cerrno>

namespace sifguard {
namespace {

constexpr std::size_t kUsual = 4096;
constexpr std::size_t kEnough = std::size_t{1} << 20U;  // a group's entry lists all its members
constexpr int kMaxGroups = 65536;                       // NGROUPS_MAX of Linux

/// What the four reentrant functions have in common. `take` makes a result of the entry, while the
/// buffer that it points into is there; without one the result is empty.
template <typename Entry, typename Key, typename Find, typename Take>
auto look_up(const Key& key, Find find, const Take& take)
    -> Result<std::optional<decltype(take(std::declval<const Entry&>()))>> {
  std::vector<char> buffer(kUsual);
  Entry entry{};
  Entry* found = nullptr;
  int problem = find(key, &entry, buffer.data(), buffer.size(), &found);
  while (problem == ERANGE && buffer.size() < kEnough) {
    buffer.resize(4 * buffer.size());
    problem = find(key, &entry, buffer.data(), buffer.size(), &found);
  }
  if (found != nullptr) return std::optional(take(entry));
  if (problem != 0) return fail_errno(Code::temporary, "the name service failed", problem);
  return std::optional<decltype(take(entry))>();
}

Account account_of(const struct passwd& entry) {
  const auto text = [](const char* field) { return std::string(field == nullptr ? "" : field); };
  return {text(entry.pw_name), entry.pw_uid, entry.pw_gid, text(entry.pw_dir),
          text(entry.pw_shell)};
}

std::string name_of(const struct group& entry) {
  return entry.gr_name;
}

}  // namespace

Result<std::optional<Account>> find_account(const std::string& name) {
  return look_up<struct passwd>(name.c_str(), ::getpwnam_r, account_of);
}

Result<std::optional<Account>> find_account(uid_t uid) {
  return look_up<struct passwd>(uid, ::getpwuid_r, account_of);
}

Result<std::optional<std::string>> find_group_name(gid_t gid) {
  return look_up<struct group>(gid, ::getgrgid_r, name_of);
}

Result<bool> is_group(const std::string& name) {
  SG_TRY(const auto found, look_up<struct group>(name.c_str(), ::getgrnam_r, name_of));
  return found.has_value();
}

Result<std::vector<gid_t>> groups_of(const Account& account) {
  std::vector<gid_t> groups(kMaxGroups);
  int count = kMaxGroups;
  if (::getgrouplist(account.name.c_str(), account.gid, groups.data(), &count) < 0) {
    return fail(Code::usage, "user '" + account.name + "' is in too many groups");
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

}  // namespace sifguard
