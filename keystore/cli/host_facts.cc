// What this host knows about the user and the image that an admin names. Runs with the rights of
// the admin; asks the name service.
#include "keystore/cli/host_facts.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "keystore/base/text.h"
#include "keystore/cli/session.h"
#include "keystore/policy/config.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

/// The buffer that a reentrant look-up of a user or group needs.
std::vector<char> lookup_buffer() {
  constexpr std::size_t kEnough = std::size_t{1} << 20U;  // groups with very many members
  return std::vector<char>(kEnough);
}

std::optional<std::string> group_name(gid_t gid) {
  std::vector<char> buffer = lookup_buffer();
  struct group entry {};
  struct group* found = nullptr;
  if (::getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  return std::string(entry.gr_name);
}

}  // namespace

Result<std::vector<std::string>> groups_of_user(const std::string& user) {
  std::vector<char> buffer = lookup_buffer();
  struct passwd entry {};
  struct passwd* found = nullptr;
  const int problem = ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    if (problem != 0) return fail_errno(Code::temporary, "cannot look up the user", problem);
    return fail(Code::usage, "no user '" + printable(user, 100) + "' on this host",
                "check the spelling, or run this on a host that knows the cluster's users");
  }
  int count = 64;
  std::vector<gid_t> gids(static_cast<std::size_t>(count));
  while (::getgrouplist(user.c_str(), entry.pw_gid, gids.data(), &count) < 0) {
    const auto wanted = std::max(static_cast<std::size_t>(count), gids.size() * 2);
    gids.resize(wanted);
    count = static_cast<int>(wanted);
  }
  gids.resize(static_cast<std::size_t>(count));
  std::vector<std::string> names;
  for (const gid_t gid : gids) {
    if (auto name = group_name(gid)) names.push_back(*std::move(name));
  }
  return names;
}

Result<ImageNames> names_of_image(const std::string& typed) {
  std::array<char, PATH_MAX> cwd{};
  const bool known = ::getcwd(cwd.data(), cwd.size()) != nullptr;
  const std::string directory = known ? cwd.data() : "";
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
