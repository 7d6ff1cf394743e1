// Records of the audit log as an admin reads them, and a filter for them. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

struct AuditFilter {
  std::optional<std::int64_t> job;
  std::string user;          ///< name, or uid
  std::string image;         ///< part of the image's name, path or digest
  std::string decision;      ///< "allow" or "refuse"
  std::string since, until;  ///< "2026-01-31T12:00:00.000Z", compared as text; empty: any
};

/// nullopt for a line that is not a JSON object, or repeats a field.
[[nodiscard]] std::optional<nlohmann::ordered_json> parse_audit_line(std::string_view line);
[[nodiscard]] bool is_wanted(const nlohmann::ordered_json& record, const AuditFilter& filter);

/// A record's field as text; empty if it has none.
[[nodiscard]] std::string audit_field(const nlohmann::ordered_json& record, const char* name);
/// "TIME EVENT …" on one line, not escaped.
[[nodiscard]] std::string describe_record(const nlohmann::ordered_json& record);

}  // namespace sifguard
