// The names behind a job's uid and gids, from the node's name service. Root.
#include "helper/pipeline/person.h"

#include <grp.h>
#include <pwd.h>

#include <algorithm>

namespace sifguard {
namespace {

constexpr std::size_t kNameBuffer = 1U << 20U;  // a group's entry lists all its members

}  // namespace

Result<Person> find_person(uid_t uid, gid_t gid, const std::vector<gid_t>& groups) {
  std::vector<char> buffer(kNameBuffer);
  struct passwd account {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(uid, &account, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return fail(Code::denied, "uid " + std::to_string(uid) + " has no account on this node",
                "check the node's name service");
  }
  Person person;
  person.user = account.pw_name;
  std::vector<gid_t> all = groups;
  all.push_back(gid);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (const gid_t id : all) {
    struct group entry {};
    struct group* known = nullptr;
    // A gid without a name matches no group of a binding: leaving it out only refuses.
    if (::getgrgid_r(id, &entry, buffer.data(), buffer.size(), &known) == 0 && known != nullptr) {
      person.groups.emplace_back(entry.gr_name);
    }
  }
  return person;
}

Result<Identity> find_service_account(const std::string& name) {
  std::vector<char> buffer(kNameBuffer);
  struct passwd account {};
  struct passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &account, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return fail(Code::config, "the account '" + name + "' that verifies images does not exist",
                "useradd --system --no-create-home --shell /usr/sbin/nologin " + name);
  }
  if (account.pw_uid == 0 || account.pw_gid == 0) {
    return fail(Code::config, "the account '" + name + "' that verifies images is root",
                "name an account without privileges in verifier_user");
  }
  return Identity{account.pw_uid, account.pw_gid, {}};
}

}  // namespace sifguard
