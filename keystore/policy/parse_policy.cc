// parse_policy() of policy.h: images.yaml from strict YAML into bindings. Pure; any process.
#include <algorithm>
#include <array>
#include <map>

#include "keystore/base/contains.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/policy/audience_name.h"
#include "keystore/policy/date.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/image_pattern.h"
#include "keystore/policy/policy.h"
#include "keystore/policy/required_signers.h"
#include "keystore/policy/thumbprint.h"
#include "keystore/policy/yaml_version.h"
#include "keystore/policy/yaml_view.h"

namespace sifguard {
namespace {

/// An error of a checking function, put where the value stands in the file.
tl::unexpected<Error> at(const YamlView& view, const Error& error) {
  return view.error(error.what(), error.remedy());
}

Result<std::string> read_name(const YamlView& view) {
  SG_TRY(std::string name, view.text());
  if (!is_name(name)) {
    return view.error("not a name: '" + printable(name, 100) + "'",
                      "use 1 to 64 of A-Z a-z 0-9 . _ -, not starting with . or -");
  }
  return name;
}

Result<std::vector<std::string>> read_patterns(const YamlView& view) {
  SG_TRY(std::vector<std::string> patterns, view.texts());
  for (std::string& pattern : patterns) {
    auto canonical = canonical_pattern(pattern);
    if (!canonical) return at(view, canonical.error());
    pattern = *std::move(canonical);
  }
  return patterns;
}

Result<std::string> read_digest(const YamlView& view) {
  SG_TRY(const std::string digest, view.text());
  if (auto cleaned = pasted_digest(digest)) return *std::move(cleaned);
  return view.error("not a digest: '" + printable(digest, 100) + "'",
                    "write sha256: and 64 hexadecimal digits");
}

Result<std::int64_t> read_date(const YamlView& view, DayEdge edge) {
  SG_TRY(const std::string text, view.text());
  const auto seconds = parse_date(text, edge);
  if (!seconds) return at(view, seconds.error());
  return *seconds;
}

/// A reference as find_key() of the keystore takes it.
Result<std::string> read_encryption(const YamlView& view) {
  SG_CHECK(view.only_fields({"certificate", "key"}));
  const auto certificate = view.field("certificate");
  const auto key = view.field("key");
  if (certificate.has_value() == key.has_value()) {
    return view.error("must name one key",
                      "write {certificate: {sha1_thumbprint: …}} or {key: NAME}");
  }
  if (key) return read_name(*key);
  return read_thumbprint(*certificate);
}

/// Values are compared as they are: what looks like a pattern would silently never match.
Result<std::vector<std::string>> read_values(const YamlView& view, std::string_view dimension) {
  SG_TRY(std::vector<std::string> values, view.texts());
  const bool any_user = dimension == "users";
  if (any_user && values.size() == 1 && values[0] == kAnyUser) return values;
  for (const std::string& value : values) {
    if (any_user && value == kAnyUser) {
      return view.error("'*' must stand alone", "it means any user: remove the other names");
    }
    if (const auto good = check_audience_name(dimension, value); !good) {
      return at(view, good.error());
    }
  }
  return values;
}

Result<Audience> read_audience(const YamlView& view) {
  SG_CHECK(view.only_fields(
      {"users", "groups", "accounts", "partitions", "qos", "reservations", "nodes"}));
  Audience audience;
  const std::array<std::pair<const char*, std::optional<std::vector<std::string>>*>, 7> dimensions =
      {{{"users", &audience.users},
        {"groups", &audience.groups},
        {"accounts", &audience.accounts},
        {"partitions", &audience.partitions},
        {"qos", &audience.qos},
        {"reservations", &audience.reservations},
        {"nodes", &audience.nodes}}};
  bool any = false;
  for (const auto& [name, values] : dimensions) {
    if (const auto field = view.field(name)) {
      SG_TRY(*values, read_values(*field, name));
      any = true;
    }
  }
  if (!any) {
    return view.error("names nobody",
                      "name users, groups, accounts, partitions, qos, reservations or nodes; "
                      "{users: [\"*\"]} means everyone");
  }
  return audience;
}

Status check_bind(const YamlView& view, const std::string& bind) {
  const std::vector<std::string> parts = split(bind, ':');
  const bool good_form = parts.size() <= 3 && (parts.size() < 3 || parts[2] == "ro");
  if (!good_form || bind.find(',') != std::string::npos) {
    return view.error("not a bind: '" + printable(bind, 200) + "'",
                      "write SRC, SRC:DST or SRC:DST:ro, one a list item");
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(parts.size(), 2); ++i) {
    const auto normal = normalize_path("", parts[i]);
    if (!normal || *normal != parts[i] || is_image_uri(parts[i])) {
      return view.error("'" + printable(parts[i], 200) + "' is not an absolute, normal path",
                        "start it with / and leave out '.', '..', '//' and a final '/'");
    }
  }
  return {};
}

Result<RuntimeRule> read_runtime(const YamlView& view) {
  SG_CHECK(view.only_fields({"allow", "binds", "contain"}));
  RuntimeRule rule;
  if (const auto allow = view.field("allow")) {
    SG_TRY(rule.allow, allow->texts());
    constexpr std::array<std::string_view, 4> kKnown = {"bind", "env", "nv", "rocm"};
    const bool none = rule.allow->size() == 1 && rule.allow->front() == "none";
    for (const std::string& word : *rule.allow) {
      if (!none && !contains(kKnown, word)) {
        return allow->error("unknown: '" + printable(word, 100) + "'",
                            "write any of bind, env, nv, rocm; or [none]");
      }
    }
    if (none) rule.allow->clear();
  }
  if (const auto binds = view.field("binds")) {
    SG_TRY(rule.binds, binds->texts());
    for (const std::string& bind : rule.binds) SG_CHECK(check_bind(*binds, bind));
  }
  if (const auto contain = view.field("contain")) {
    SG_TRY(rule.contain, contain->boolean());
  }
  return rule;
}

Result<Mode> read_mode(const YamlView& view) {
  SG_TRY(const std::string word, view.text());
  if (word == "enforce") return Mode::enforce;
  if (word == "warn") return Mode::warn;
  return view.error("must be enforce or warn, not '" + printable(word, 100) + "'");
}

Status read_optional_fields(const YamlView& view, Binding& binding) {
  if (const auto digest = view.field("digest")) {
    SG_TRY(binding.digest, read_digest(*digest));
  }
  if (const auto after = view.field("signed_after")) {
    SG_TRY(binding.signers.signed_after, read_date(*after, DayEdge::first_second));
  }
  if (const auto encryption = view.field("encryption")) {
    SG_TRY(binding.key, read_encryption(*encryption));
  }
  if (const auto deny = view.field("deny")) {
    SG_TRY(binding.deny, read_audience(*deny));
  }
  if (const auto begin = view.field("not_before")) {
    SG_TRY(binding.not_before, read_date(*begin, DayEdge::first_second));
  }
  if (const auto end = view.field("not_after")) {
    SG_TRY(binding.not_after, read_date(*end, DayEdge::last_second));
    if (binding.not_before && *binding.not_after < *binding.not_before) {
      return end->error("is before not_before", "such a binding never allows anything");
    }
  }
  if (const auto mode = view.field("mode")) {
    SG_TRY(binding.mode, read_mode(*mode));
  }
  if (const auto release = view.field("release")) {
    SG_TRY(binding.release, read_release(*release));
  }
  if (const auto preloaded = view.field("preloaded")) {
    SG_TRY(binding.preloaded, preloaded->boolean());
  }
  if (const auto runtime = view.field("runtime")) {
    SG_TRY(binding.runtime, read_runtime(*runtime));
  }
  return {};
}

/// Messages about a binding carry its name, once there is one.
YamlView with_binding_name(const YamlView& item) {
  const auto name = item.field("name");
  if (!name || !is_name(name->node().text)) return item;
  return item.labelled("binding '" + name->node().text + "'");
}

Result<Binding> read_binding(const YamlView& item) {
  const YamlView view = with_binding_name(item);
  SG_CHECK(view.only_fields({"name", "match", "digest", "signing_key", "signed_after", "encryption",
                             "allow", "deny", "not_before", "not_after", "mode", "release",
                             "preloaded", "runtime"}));
  Binding binding;
  binding.line = view.line();
  SG_TRY(const YamlView name, view.required("name"));
  SG_TRY(binding.name, read_name(name));
  SG_TRY(const YamlView match, view.required("match"));
  SG_TRY(binding.match, read_patterns(match));
  SG_TRY(const YamlView signing_key, view.required("signing_key"));
  SG_TRY(binding.signers, read_signing_key(signing_key));
  SG_TRY(const YamlView allow, view.required("allow"));
  SG_TRY(binding.allow, read_audience(allow));
  SG_CHECK(read_optional_fields(view, binding));
  return binding;
}

}  // namespace

Result<Policy> parse_policy(std::string_view yaml) {
  SG_TRY(const YamlNode root, parse_yaml(yaml, kImagesFile, kMaxImagesSize));
  const YamlView view(root, kImagesFile);
  if (const auto version = view.field("version")) SG_CHECK(check_version(*version));
  SG_CHECK(view.only_fields({"version", "default", "images"}));
  SG_CHECK(view.required("version"));
  if (const auto fallback = view.field("default")) {
    SG_TRY(const std::string word, fallback->text());
    if (word != "reject") return fallback->error("must be reject, the only value");
  }
  SG_TRY(const YamlView images, view.required("images"));
  SG_TRY(const std::vector<YamlView> items, images.items());
  Policy policy;
  std::map<std::string, int> lines;
  for (const YamlView& item : items) {
    SG_TRY(Binding binding, read_binding(item));
    const auto [first, fresh] = lines.emplace(binding.name, binding.line);
    if (!fresh) {
      return item.error(
          "the binding '" + binding.name + "' is already on line " + std::to_string(first->second),
          "give each binding a name of its own");
    }
    policy.bindings.push_back(std::move(binding));
  }
  return policy;
}

}  // namespace sifguard
