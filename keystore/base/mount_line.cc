// A line of /proc/PID/mountinfo. Pure.
//
// ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELD…] - TYPE SOURCE OPTIONS
#include "keystore/base/mount_line.h"

#include <algorithm>
#include <vector>

#include "keystore/base/text.h"

namespace sifguard {
namespace {

constexpr std::size_t kDevice = 2, kRoot = 3, kPoint = 4, kOptional = 6;

/// Blank, tab, newline and backslash are written as three octal digits.
std::string unescape(std::string_view field) {
  std::string text;
  while (!field.empty()) {
    const bool escaped = field[0] == '\\' && field.size() >= 4;
    if (escaped) {
      text += static_cast<char>((field[1] - '0') * 64 + (field[2] - '0') * 8 + (field[3] - '0'));
    } else {
      text += field[0];
    }
    field.remove_prefix(escaped ? 4 : 1);
  }
  return text;
}

}  // namespace

std::optional<MountLine> parse_mount_line(std::string_view line) {
  const std::vector<std::string> fields = split(line, ' ');
  if (fields.size() <= kOptional) return std::nullopt;
  const auto optional = fields.begin() + kOptional;
  const auto end = std::find(optional, fields.end(), "-");
  if (end == fields.end() || end + 1 == fields.end()) return std::nullopt;
  MountLine mount;
  mount.device = fields[kDevice];
  mount.root = unescape(fields[kRoot]);
  mount.point = unescape(fields[kPoint]);
  mount.shared = std::any_of(optional, end,
                             [](const std::string& field) { return field.starts_with("shared:"); });
  mount.type = end[1];
  return mount;
}

}  // namespace sifguard
