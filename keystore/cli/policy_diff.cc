// What changes between two sets of bindings, binding by binding. Pure.
#include "keystore/cli/policy_diff.h"

#include <algorithm>
#include <map>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/policy/images_edit.h"

namespace sifguard {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const Binding& binding) {
  Lines lines = split(format_binding(binding, 0), '\n');
  for (std::string& line : lines) line.erase(0, std::min<std::size_t>(2, line.size()));
  lines.erase(std::remove(lines.begin(), lines.end(), std::string()), lines.end());
  lines.erase(lines.begin());  // the name
  return lines;
}

Lines without(const Lines& lines, const Lines& others) {
  Lines left;
  for (const std::string& line : lines) {
    if (!contains(others, line)) left.push_back(line);
  }
  return left;
}

std::map<std::string, const Binding*> by_name(const Policy& policy) {
  std::map<std::string, const Binding*> names;
  for (const Binding& binding : policy.bindings) names.emplace(binding.name, &binding);
  return names;
}

void add_lines(std::string& text, const char* sign, const Lines& lines) {
  for (const std::string& line : lines) text += std::string("    ") + sign + " " + line + "\n";
}

}  // namespace

std::vector<BindingChange> diff_policies(const Policy& before, const Policy& after) {
  const auto old_names = by_name(before);
  const auto new_names = by_name(after);
  std::vector<BindingChange> changes;
  for (const Binding& binding : before.bindings) {
    const auto now = new_names.find(binding.name);
    const Lines old_lines = lines_of(binding);
    if (now == new_names.end()) {
      changes.push_back({BindingChange::Kind::removed, binding.name, old_lines, {}});
      continue;
    }
    const Lines new_lines = lines_of(*now->second);
    if (old_lines == new_lines) continue;
    changes.push_back({BindingChange::Kind::changed, binding.name, without(old_lines, new_lines),
                       without(new_lines, old_lines)});
  }
  for (const Binding& binding : after.bindings) {
    if (old_names.contains(binding.name)) continue;
    changes.push_back({BindingChange::Kind::added, binding.name, {}, lines_of(binding)});
  }
  return changes;
}

const char* change_name(BindingChange::Kind kind) noexcept {
  switch (kind) {
    case BindingChange::Kind::added:
      return "added";
    case BindingChange::Kind::removed:
      return "removed";
    case BindingChange::Kind::changed:
      break;
  }
  return "changed";
}

std::string format_changes(const std::vector<BindingChange>& changes) {
  std::string text;
  for (const BindingChange& change : changes) {
    text += std::string(change_name(change.kind)) + " '" + change.name + "'\n";
    add_lines(text, "-", change.before);
    add_lines(text, "+", change.after);
  }
  return text;
}

}  // namespace sifguard
