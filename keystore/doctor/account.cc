// The account without privileges that parses images. The rights of the admin; asks the name
// service.
#include <unistd.h>

#include <string>

#include "keystore/base/accounts.h"
#include "keystore/doctor/checks.h"
#include "keystore/store/older_names.h"

namespace sifguard {
namespace {

/// Of what touches the network, where it is used.
void check_networked(const std::string& account, const std::string& used_by, Findings& findings) {
  if (::access(used_by.c_str(), F_OK) != 0 && ::access(older_name(used_by).c_str(), F_OK) != 0) {
    return;
  }
  if (const auto found = find_account(account); !found || *found) return;
  findings.warn("account " + account,
                "there is no account '" + account + "': nobody does its work, who may do others'",
                "useradd --system --no-create-home --shell /usr/sbin/nologin " + account);
}

}  // namespace

void check_account(const Examined& examined, Findings& findings) {
  check_networked("sifguard-fetch", examined.plan.directory + "/trust/sources.json", findings);
  check_networked("sifguard-ocsp", examined.plan.directory + "/ca/index.json", findings);
  const std::string& name = examined.config.verifier_user;
  const std::string where = "account " + name;
  const auto account = find_account(name);
  if (!account || !*account) {
    findings.problem(
        where, "there is no account '" + name + "'" + (account ? "" : ": the name service failed"),
        "useradd --system --no-create-home --shell /usr/sbin/nologin " + name);
    return;
  }
  if ((*account)->uid == 0) {
    findings.problem(where, "the account '" + name + "' is root by another name",
                     "name a no-login account made for this alone");
  }
  const std::string& shell = (*account)->shell;
  if (!shell.ends_with("/nologin") && !shell.ends_with("/false")) {
    findings.warn(where, "the account '" + name + "' can log in, with " + shell,
                  "usermod --shell /usr/sbin/nologin " + name);
  }
}

}  // namespace sifguard
