// What this host knows about the user and the image that an admin names. Runs with the rights of
// the admin; asks the name service.
#include "keystore/cli/host_facts.h"

#include <stdlib.h>

#include <memory>

#include "keystore/base/absolute_path.h"
#include "keystore/base/accounts.h"
#include "keystore/base/text.h"
#include "keystore/cli/session.h"
#include "keystore/policy/config.h"
#include "sifguard/paths.h"

namespace sifguard {

Result<std::vector<std::string>> groups_of_user(const std::string& user) {
  SG_TRY(const auto account, find_account(user));
  if (!account) {
    return fail(Code::absent, "no user '" + printable(user, 100) + "' on this host",
                "check the spelling, or run this on a host that knows the cluster's users");
  }
  SG_TRY(const auto gids, groups_of(*account));
  std::vector<std::string> names;
  for (const gid_t gid : gids) {
    auto name = find_group_name(gid);
    if (name && *name) names.push_back(**std::move(name));
  }
  return names;
}

Result<ImageNames> names_of_image(const std::string& typed) {
  const std::string directory = working_directory().value_or("");
  SG_TRY(ImageName name, ImageName::of(directory, typed));
  if (name.uri() != nullptr && name.uri()->kind == ImageUri::Kind::library) {
    SG_TRY(const Config config, load_config(SIFGUARD_CONFIG_FILE, Session::trust()));
    SG_TRY(name, ImageName::of(directory, typed, config.library));
    return names_unasked(name, config.library);
  }
  ImageNames names = names_unasked(name);
  if (name.uri() != nullptr) return names;
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(name.text().c_str(), nullptr),
                                                      &::free);
  if (real && name.text() != real.get()) {
    SG_TRY(ImageName found, ImageName::of("/", real.get()));
    names.known.push_back(std::move(found));
  }
  return names;
}

}  // namespace sifguard
