// The names behind a job's uid and gids, from the node's name service. Root.
#include "helper/pipeline/person.h"

#include <algorithm>

#include "keystore/base/accounts.h"
#include "keystore/base/text.h"

namespace sifguard {

Result<Person> find_person(uid_t uid, gid_t gid, const std::vector<gid_t>& groups) {
  const auto account = find_account(uid);
  if (!account || !*account) {
    return fail(Code::denied, "uid " + std::to_string(uid) + " has no account on this node",
                "check the node's name service");
  }
  Person person;
  person.user = (*account)->name;
  std::vector<gid_t> all = groups;
  all.push_back(gid);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (const gid_t id : all) {
    // A gid without a name matches no group of a binding: leaving it out only refuses.
    auto name = find_group_name(id);
    if (name && *name) person.groups.push_back(**std::move(name));
  }
  return person;
}

Result<Identity> find_user(const std::string& user) {
  const auto account = find_account(user);
  if (!account || !*account) {
    return fail(Code::usage, "no user '" + printable(user, 100) + "' on this node");
  }
  SG_TRY(auto groups, groups_of(**account));
  return Identity{(*account)->uid, (*account)->gid, std::move(groups)};
}

Result<Identity> find_service_account(const std::string& name) {
  const auto account = find_account(name);
  if (!account || !*account) {
    return fail(Code::config, "the account '" + name + "' that verifies images does not exist",
                "useradd --system --no-create-home --shell /usr/sbin/nologin " + name);
  }
  if ((*account)->uid == 0 || (*account)->gid == 0) {
    return fail(Code::config, "the account '" + name + "' that verifies images is root",
                "name an account without privileges in verifier_user");
  }
  return Identity{(*account)->uid, (*account)->gid, {}};
}

}  // namespace sifguard
