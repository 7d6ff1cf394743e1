// Which records of an audit log are wanted. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "keystore/base/error.h"
#include "keystore/base/flat_json.h"

namespace sifguard {

/// What is empty is not asked for. Names of files are as audit_name() writes them.
struct AuditFilter {
  std::optional<std::int64_t> job;
  std::string user;          ///< name, or uid
  std::string image;         ///< part of the image's name, path or digest
  std::string decision;      ///< "allow" or "refuse"
  std::string event;         ///< one of AuditRecord::event
  std::string node;          ///< its whole name
  std::string binding;       ///< its whole name
  std::string signer;        ///< part of a fingerprint or id, of whatever case
  std::string key;           ///< the beginning of the key's id, in lower case
  std::string digest;        ///< the beginning of the digest, in lower case, without "sha256:"
  std::string since, until;  ///< "2026-01-31T12:00:00.000Z", compared as text
};

/// False if no record on this line can be wanted: a look at its bytes, so that the lines of a large
/// log are not all parsed.
[[nodiscard]] bool may_be_wanted(std::string_view line, const AuditFilter& filter);
[[nodiscard]] bool is_wanted(const FlatJson& record, const AuditFilter& filter);

/// A time as an admin types it: what parse_date() takes, "today", "yesterday", or so long before
/// `now` (Unix seconds): "-30d", "-12h", "-15m". The last second of a day with `until`. UTC. As
/// AuditFilter has it; empty for empty. Errors: Code::usage.
[[nodiscard]] Result<std::string> parse_audit_time(const std::string& typed, bool until,
                                                   std::int64_t now);

}  // namespace sifguard
