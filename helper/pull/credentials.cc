// The job owner's own credentials for a registry. The owner's rights.
#include "helper/pull/credentials.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "keystore/base/accounts.h"
#include "keystore/base/base64.h"
#include "keystore/base/fd.h"
#include "keystore/base/json_tree.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxFile = 1U << 20U;

/// "https://index.docker.io/v1/" and "index.docker.io" mean one host.
std::string_view host_of(std::string_view name) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (name.starts_with(scheme)) name.remove_prefix(scheme.size());
  }
  return name.substr(0, name.find('/'));
}

Result<std::optional<SecretBytes>> read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return std::optional<SecretBytes>();
  SG_TRY(SecretBytes text, SecretBytes::allocate(kMaxFile));
  std::size_t have = 0;
  for (;;) {
    const ssize_t got = ::read(fd.get(), text.bytes().data() + have, text.size() - have);
    if (got < 0) return std::optional<SecretBytes>();
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
    if (have == text.size()) return fail(Code::refused, path + " is too large");
  }
  text.shrink(have);
  return std::optional<SecretBytes>(std::move(text));
}

}  // namespace

Result<std::optional<SecretBytes>> credentials_in(const SecretBytes& text, std::string_view host) {
  constexpr JsonRules kRules = {
      .code = Code::refused, .max_bytes = kMaxFile, .max_depth = kForeignJsonDepth};
  SG_TRY(const auto root, json_tree<nlohmann::json>(as_text(text.bytes()), kRules));
  const auto auths = root.find("auths");
  if (auths == root.end() || !auths->is_object()) return std::optional<SecretBytes>();
  for (const auto& [name, entry] : auths->items()) {
    if (host_of(name) != host || !entry.is_object()) continue;
    const auto auth = entry.find("auth");
    if (auth == entry.end() || !auth->is_string()) continue;
    const auto pair = from_base64(auth->get_ref<const std::string&>());
    if (!pair || pair->find(':') == std::string::npos) {
      return fail(Code::refused, "has malformed credentials for " + std::string(host));
    }
    SG_TRY(SecretBytes secret, SecretBytes::copy_of(as_bytes(*pair)));
    return std::optional<SecretBytes>(std::move(secret));
  }
  return std::optional<SecretBytes>();
}

std::string own_home() {
  const auto account = find_account(::getuid());
  return account && *account && (*account)->home.starts_with('/') ? (*account)->home : "";
}

Result<std::optional<SecretBytes>> own_credentials(std::string_view host) {
  const std::string home = own_home();
  if (home.empty()) return std::optional<SecretBytes>();
  for (const char* name : {"/.apptainer/docker-config.json", "/.singularity/docker-config.json",
                           "/.docker/config.json"}) {
    SG_TRY(const auto text, read_file(home + name));
    if (!text) continue;
    auto found = credentials_in(*text, host);
    if (!found) return tl::unexpected(std::move(found).error().prepend(home + name));
    if (*found) return found;
  }
  return std::optional<SecretBytes>();
}

}  // namespace sifguard
