// The names behind a job's uid and gids, from the node's name service. Root.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "keystore/base/child.h"
#include "keystore/base/error.h"

namespace sifguard {

struct Person {
  std::string user;
  std::vector<std::string> groups;  ///< of the primary and all supplementary gids that have a name
};

/// Errors: Code::denied when the uid has no account on this node.
[[nodiscard]] Result<Person> find_person(uid_t uid, gid_t gid, const std::vector<gid_t>& groups);

/// The identity of a user by name, with all groups, for opening an image as this user. Errors:
/// Code::usage for a user who does not exist.
[[nodiscard]] Result<Identity> find_user(const std::string& user);

/// The no-login account that parses images. Errors: Code::config when there is none, or it is root.
[[nodiscard]] Result<Identity> find_service_account(const std::string& name);

}  // namespace sifguard
