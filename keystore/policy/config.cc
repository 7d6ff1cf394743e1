// sifguard.yaml, the node's configuration. Read by root; strict YAML.
#include "keystore/policy/config.h"

#include <array>
#include <charconv>
#include <limits>

#include "keystore/base/absent.h"
#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/policy/audience_name.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/yaml_version.h"
#include "keystore/policy/yaml_view.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr std::string_view kFile = "sifguard.yaml";
constexpr std::size_t kMaxConfigSize = std::size_t{1} << 20U;
constexpr int kMaxTimeout = 24 * 3600;

Status read_path(const YamlView& root, std::string_view name, std::string& target) {
  const auto field = root.field(name);
  if (!field) return {};
  SG_TRY(std::string path, field->text());
  const auto normal = normalize_path("", path);
  if (!normal || *normal != path || path == "/" || is_image_uri(path)) {
    return field->error("not an absolute, normal path: '" + printable(path, 200) + "'",
                        "start it with / and leave out '.', '..', '//' and a final '/'");
  }
  target = std::move(path);
  return {};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || (text[0] == '0' && text.size() > 1)) return std::nullopt;
  std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  if (!unit.empty() && unit[0] == ' ') unit.remove_prefix(1);
  constexpr std::array<std::pair<std::string_view, unsigned>, 5> kUnits = {
      {{"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}};
  for (const auto& [name, shift] : kUnits) {
    if (unit != name) continue;
    if (value == 0 || value > (std::numeric_limits<std::uint64_t>::max() >> 1U >> shift)) break;
    return value << shift;
  }
  return std::nullopt;
}

Status read_size(const YamlView& root, std::string_view name, std::uint64_t& target) {
  const auto field = root.field(name);
  if (!field) return {};
  SG_TRY(const std::string text, field->text());
  const auto size = parse_size(text);
  if (!size) {
    return field->error("not a size: '" + printable(text, 100) + "'",
                        "write a number of bytes, or with KiB, MiB, GiB or TiB, such as 64 GiB");
  }
  target = *size;
  return {};
}

Status read_timeout(const YamlView& root, std::string_view name, int& target) {
  const auto field = root.field(name);
  if (!field) return {};
  SG_TRY(const std::int64_t seconds, field->number(1, kMaxTimeout));
  target = static_cast<int>(seconds);
  return {};
}

Status read_verifier_user(const YamlView& root, std::string& target) {
  const auto field = root.field("verifier_user");
  if (!field) return {};
  SG_TRY(std::string user, field->text());
  if (!is_name(user)) return field->error("not a user's name: '" + printable(user, 100) + "'");
  if (user == "root") {
    return field->error("must not be root", "name a no-login account made for this alone");
  }
  target = std::move(user);
  return {};
}

Status read_revocation(const YamlView& root, std::string& target) {
  const auto field = root.field("revocation");
  if (!field) return {};
  SG_TRY(std::string word, field->text());
  constexpr std::array<std::string_view, 4> kWords = {"off", "crl", "ocsp", "ocsp-then-crl"};
  if (!contains(kWords, word)) {
    return field->error("is '" + printable(word, 100) + "'",
                        "write crl, ocsp, ocsp-then-crl or off");
  }
  target = std::move(word);
  return {};
}

/// `requested`, `always`, or {partitions: […]}.
Status read_enforce(const YamlView& root, Config& config) {
  const auto field = root.field("enforce");
  if (!field) return {};
  config.enforce_said = true;
  if (field->node().kind == YamlNode::Kind::mapping) {
    SG_CHECK(field->only_fields({"partitions"}));
    SG_TRY(const YamlView partitions, field->required("partitions"));
    SG_TRY(config.enforced_partitions, partitions.texts());
    for (const std::string& name : config.enforced_partitions) {
      const auto good = check_audience_name("partitions", name);
      if (!good) return partitions.error(good.error().what(), good.error().remedy());
    }
    config.enforce = Enforce::partitions;
    return {};
  }
  SG_TRY(const std::string word, field->text());
  if (word == "always") {
    config.enforce = Enforce::always;
  } else if (word != "requested") {
    return field->error("is '" + printable(word, 100) + "'",
                        "write requested, always, or {partitions: [NAME, …]}");
  }
  return {};
}

Status read_hardening(const YamlView& root, Hardening& target) {
  const auto field = root.field("enforce_hardening");
  if (!field) return {};
  SG_TRY(const std::string word, field->text());
  if (word != "require" && word != "warn") {
    return field->error("is '" + printable(word, 100) + "'", "write require or warn");
  }
  target = word == "warn" ? Hardening::warn : Hardening::require;
  return {};
}

Status check_host(const YamlView& field, const std::string& host) {
  const bool plain =
      !host.empty() && host.front() != '-' &&
      host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:") == std::string::npos;
  if (plain) return {};
  return field.error("not a host: '" + printable(host, 100) + "'",
                     "write HOST or HOST:PORT, in lower case");
}

Status read_hosts(const YamlView& root, Config& config) {
  if (const auto field = root.field("plain_registries")) {
    SG_TRY(config.plain_registries, field->texts());
    for (const std::string& host : config.plain_registries) SG_CHECK(check_host(*field, host));
  }
  if (const auto field = root.field("library")) {
    SG_TRY(config.library, field->text());
    SG_CHECK(check_host(*field, config.library));
  }
  return {};
}

Status read_audit(const YamlView& root, Config& config) {
  const auto field = root.field("audit");
  if (!field) return {};
  SG_CHECK(field->only_fields({"required", "refusals_per_minute"}));
  if (const auto required = field->field("required")) {
    SG_TRY(config.audit_required, required->boolean());
  }
  if (const auto limit = field->field("refusals_per_minute")) {
    SG_TRY(const std::int64_t number, limit->number(1, 1'000'000));
    config.refusals_per_minute = static_cast<int>(number);
  }
  return {};
}

/// An empty list is meaningful here: every image is hashed again at every launch.
Status read_filesystems(const YamlView& root, std::vector<std::string>& target) {
  const auto field = root.field("trusted_filesystems");
  if (!field) return {};
  if (field->node().kind == YamlNode::Kind::sequence && field->node().items.empty()) {
    target.clear();
    return {};
  }
  SG_TRY(std::vector<std::string> names, field->texts());
  for (const std::string& name : names) {
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string::npos) {
      return field->error("not a filesystem's type: '" + printable(name, 100) + "'",
                          "write it as /proc/filesystems does, such as ext4");
    }
    if (name.rfind("fuse", 0) == 0) {
      return field->error("FUSE filesystems cannot be trusted",
                          "a user's own program answers for their file times: remove " + name);
    }
  }
  target = std::move(names);
  return {};
}

/// Whether the file is absent and nobody but its owner could have taken it away: every directory
/// above it is trusted as far as there are any.
Result<bool> is_safely_absent(const std::string& path, Trust trust) {
  if (path.empty() || path.front() != '/') return false;
  for (std::size_t end = path.find('/', 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    const std::string directory = path.substr(0, end);
    if (const auto opened = open_trusted_directory(directory, trust); !opened) {
      if (is_absent(directory)) return true;
      return tl::unexpected(opened.error());
    }
  }
  return is_absent(path);
}

}  // namespace

Config default_config() {
  Config config;
  config.keystore = SIFGUARD_KEYSTORE_DIR;
  config.runtime = "/usr/bin/apptainer";
  config.cache = SIFGUARD_CACHE_DIR;
  config.published = "/srv/sifguard";
  config.audit_file = SIFGUARD_AUDIT_FILE;
  config.gpg = "/usr/bin/gpg";
  config.squeue = "/usr/bin/squeue";
  config.squashfuse = "/usr/bin/squashfuse_ll";
  config.verifier_user = "sifguard";
  config.trusted_filesystems = {"ext4", "xfs", "btrfs", "tmpfs", "overlay"};
  return config;
}

Result<Config> parse_config(std::string_view yaml) {
  SG_TRY(const YamlNode node, parse_yaml(yaml, kFile, kMaxConfigSize));
  const YamlView root(node, kFile);
  if (const auto version = root.field("version")) SG_CHECK(check_version(*version));
  SG_CHECK(root.only_fields({"version",
                             "keystore",
                             "runtime",
                             "cache",
                             "cache_max_bytes",
                             "cache_max_bytes_per_user",
                             "image_max_bytes",
                             "plain_registries",
                             "library",
                             "published",
                             "audit_file",
                             "audit",
                             "gpg",
                             "pmix_tmpdir",
                             "squeue",
                             "verifier_user",
                             "stage_timeout_s",
                             "verify_timeout_s",
                             "trusted_filesystems",
                             "revocation",
                             "release",
                             "mount_driver",
                             "squashfuse",
                             "enforce",
                             "enforce_hardening"}));
  Config config = default_config();
  config.says_anything = yaml.find_first_not_of(" \n") != std::string_view::npos;
  SG_CHECK(read_path(root, "keystore", config.keystore));
  SG_CHECK(read_path(root, "runtime", config.runtime));
  SG_CHECK(read_path(root, "cache", config.cache));
  SG_CHECK(read_path(root, "published", config.published));
  SG_CHECK(read_path(root, "audit_file", config.audit_file));
  SG_CHECK(read_audit(root, config));
  SG_CHECK(read_path(root, "gpg", config.gpg));
  SG_CHECK(read_path(root, "pmix_tmpdir", config.pmix_tmpdir));
  SG_CHECK(read_path(root, "squeue", config.squeue));
  SG_CHECK(read_size(root, "cache_max_bytes", config.cache_max_bytes));
  SG_CHECK(read_size(root, "cache_max_bytes_per_user", config.cache_max_bytes_per_user));
  SG_CHECK(read_size(root, "image_max_bytes", config.image_max_bytes));
  SG_CHECK(read_timeout(root, "stage_timeout_s", config.stage_timeout_s));
  SG_CHECK(read_timeout(root, "verify_timeout_s", config.verify_timeout_s));
  SG_CHECK(read_verifier_user(root, config.verifier_user));
  SG_CHECK(read_filesystems(root, config.trusted_filesystems));
  SG_CHECK(read_hosts(root, config));
  SG_CHECK(read_revocation(root, config.revocation));
  if (const auto release = root.field("release")) {
    SG_TRY(config.release, read_release(*release));
  }
  if (const auto driver = root.field("mount_driver")) {
    SG_TRY(config.mount_driver, read_driver(*driver));
  }
  SG_CHECK(read_path(root, "squashfuse", config.squashfuse));
  SG_CHECK(read_enforce(root, config));
  SG_CHECK(read_hardening(root, config.enforce_hardening));
  return config;
}

Result<Config> load_config(const std::string& path, Trust trust) {
  const auto text = read_trusted_file(path, kMaxConfigSize, trust);
  if (text) return parse_config(*text);
  SG_TRY(const bool absent, is_safely_absent(path, trust));
  if (absent) return default_config();
  return tl::unexpected(text.error());
}

}  // namespace sifguard
