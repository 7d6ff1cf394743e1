// What bindings, keys' rules and the configuration name whole. Pure text.
#include "keystore/policy/audience_name.h"

#include <algorithm>

#include "keystore/base/pasted.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

/// What Slurm's own lists of partitions cannot name, or sinfo marks only.
Status check_partition(std::string_view name) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+@:";
  const std::size_t bad = name.find_first_not_of(kPlain);
  if (bad == name.npos) return {};
  return fail(Code::config, "not a partition's name: '" + printable(name, 100) + "'",
              name[bad] == '*'
                  ? "patterns are not understood here, and the '*' that sinfo puts behind "
                    "the default partition is no part of its name"
              : name[bad] == ',' ? "write [one, other]"
                                 : "write it as 'sinfo --format=%R' shows it, nothing around it");
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

/// Of jobs nothing is believed that has a blank (helper/pipeline/job_facts.cc); users and groups of
/// Active Directory may have them.
Status check_characters(std::string_view name, bool of_account) {
  const bool good = std::none_of(
      name.begin(), name.end(), [&](char c) { return is_control(c) || (c == ' ' && !of_account); });
  if (good) return {};
  return fail(Code::config, "'" + printable(name, 100) + "' can never be such a name",
              of_account ? "no name of a user or group has a control character in it"
                         : "Slurm's names have no blanks in them: name each by itself");
}

}  // namespace

Status check_audience_name(std::string_view dimension, std::string_view name) {
  if (dimension == "partitions") return check_partition(name);
  const std::string shown = "'" + printable(name, 100) + "'";
  if (name.find_first_of("*?[],") != name.npos) {
    return fail(Code::config, "patterns are not possible here: " + shown, "write out each name");
  }
  if (pasted_text(name) != name) {
    return fail(Code::config, shown + " starts or ends with a blank");
  }
  return check_characters(name, dimension == "users" || dimension == "groups");
}

}  // namespace sifguard
