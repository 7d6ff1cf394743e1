// Records of the audit log as an admin reads them. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sifguard {

/// nullopt for a line that is not a JSON object, or repeats a field.
[[nodiscard]] std::optional<nlohmann::ordered_json> parse_audit_line(std::string_view line);

/// A record's field as text; empty if it has none.
[[nodiscard]] std::string audit_field(const nlohmann::ordered_json& record, const char* name);
/// The texts of a field that is a list; none if it is not.
[[nodiscard]] std::vector<std::string> audit_items(const nlohmann::ordered_json& record,
                                                   const char* name);
/// The user's name, or "uid 1001" without one; empty if the record has neither.
[[nodiscard]] std::string audit_user(const nlohmann::ordered_json& record);
/// The path that was opened, or the image as the user named it.
[[nodiscard]] std::string audit_image(const nlohmann::ordered_json& record);
/// "TIME EVENT node NODE job JOB.STEP user USER image PATH sha256:… …" on one line, not escaped.
[[nodiscard]] std::string describe_record(const nlohmann::ordered_json& record);

}  // namespace sifguard
