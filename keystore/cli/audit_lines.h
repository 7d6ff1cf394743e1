// Records of the audit log as an admin reads them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/base/flat_json.h"

namespace sifguard {

/// nullopt for a line that is not a JSON object, or repeats a field.
[[nodiscard]] std::optional<FlatJson> parse_audit_line(std::string_view line);

/// The user's name, or "uid 1001" without one; empty if the record has neither.
[[nodiscard]] std::string audit_user(const FlatJson& record);
/// The path that was opened, or the image as the user named it.
[[nodiscard]] std::string audit_image(const FlatJson& record);
/// "TIME EVENT node NODE job JOB.STEP user USER image PATH sha256:… …" on one line, not escaped.
[[nodiscard]] std::string describe_record(const FlatJson& record);

}  // namespace sifguard
