// Users and groups from the name service of this host. Any privilege; may use the network.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "keystore/base/error.h"

namespace sifguard {

struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home, shell;
};

/// nullopt: the name service says that there is none. Errors: Code::temporary when it failed.
[[nodiscard]] Result<std::optional<Account>> find_account(const std::string& name);
[[nodiscard]] Result<std::optional<Account>> find_account(uid_t uid);
[[nodiscard]] Result<std::optional<std::string>> find_group_name(gid_t gid);
[[nodiscard]] Result<bool> is_group(const std::string& name);

/// The primary and all supplementary groups. Errors: Code::usage for more than Linux allows.
[[nodiscard]] Result<std::vector<gid_t>> groups_of(const Account& account);

}  // namespace sifguard
