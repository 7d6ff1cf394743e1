// format_binding() of images_edit.h: a binding as the lines of images.yaml. Pure text.
#include "keystore/policy/audience_dimensions.h"
#include "keystore/policy/date.h"
#include "keystore/policy/images_edit.h"
#include "keystore/policy/signer_id.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

/// Always quoted, so that no value can be a number, a null, an anchor or a comment.
std::string quoted(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

std::string list(const Values& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + quoted(value);
  return "[" + text + "]";
}

/// "{a: x, b: y}" from its parts.
std::string mapping(const Values& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return "{" + text + "}";
}

std::string signing_key(const SignerRequirement& signers) {
  Values parts;
  if (signers.all_of.empty() && signers.any_of.size() == 1 &&
      signer_kind(signers.any_of[0]) == SignerKind::openpgp) {
    parts.push_back("fingerprint: " + quoted(signers.any_of[0]));
  } else {
    if (!signers.any_of.empty()) parts.push_back("any_of: " + list(signers.any_of));
    if (!signers.all_of.empty()) parts.push_back("all_of: " + list(signers.all_of));
  }
  if (signers.legacy) parts.emplace_back("legacy: true");
  if (signers.no_strangers) parts.emplace_back("signatures: all");
  return mapping(parts);
}

std::string audience(const Audience& a) {
  Values parts;
  const auto add = [&](const char* name, const std::optional<Values>& values) {
    if (values) parts.push_back(std::string(name) + ": " + list(*values));
  };
  for_each_dimension(a, add);
  return mapping(parts);
}

std::string runtime(const RuntimeRule& rule) {
  Values parts;
  if (rule.allow) parts.push_back("allow: " + (rule.allow->empty() ? "[none]" : list(*rule.allow)));
  if (!rule.binds.empty()) parts.push_back("binds: " + list(rule.binds));
  if (rule.contain) parts.emplace_back("contain: true");
  return mapping(parts);
}

}  // namespace

std::string format_binding(const Binding& binding, int column) {
  const std::string indent(static_cast<std::size_t>(column), ' ');
  std::string text = indent + "- name: " + quoted(binding.name) + "\n";
  const auto line = [&](const char* field, const std::string& value) {
    text += indent + "  " + field + ": " + value + "\n";
  };
  line("match", list(binding.match));
  if (binding.digest) line("digest", quoted(*binding.digest));
  line("signing_key", signing_key(binding.signers));
  if (binding.signers.signed_after) {
    line("signed_after", format_date(*binding.signers.signed_after, DayEdge::first_second));
  }
  if (binding.key) line("encryption", mapping({"key: " + quoted(*binding.key)}));
  line("allow", audience(binding.allow));
  if (binding.deny) line("deny", audience(*binding.deny));
  if (binding.not_before) {
    line("not_before", format_date(*binding.not_before, DayEdge::first_second));
  }
  if (binding.not_after) {
    line("not_after", format_date(*binding.not_after, DayEdge::last_second));
  }
  if (binding.mode == Mode::warn) line("mode", "warn");
  if (binding.release) line("release", std::string(release_name(*binding.release)));
  if (binding.preloaded) line("preloaded", "true");
  if (binding.runtime != RuntimeRule{}) line("runtime", runtime(binding.runtime));
  return text;
}

}  // namespace sifguard
