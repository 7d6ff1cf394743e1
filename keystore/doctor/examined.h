// What `sifctl doctor` examines: one host's configuration and keystore, read once. The rights of
// the admin; nothing is changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "keystore/doctor/finding.h"
#include "keystore/policy/config.h"
#include "keystore/policy/policy.h"
#include "keystore/store/keystore.h"

namespace sifguard {

/// What to examine.
struct ExaminePlan {
  std::string directory;        ///< of the keystore, absolute
  Trust trust;                  ///< who may own the keystore besides root
  std::string change_log = {};  ///< the audit log of changes; empty: it is not examined
  std::string config_file;      ///< sifguard.yaml
  /// plugstack.conf; empty: Slurm's own, or the one that Slurm gets from slurmctld.
  std::string plugstack_file;
  std::int64_t now = 0;    ///< Unix seconds
  std::int64_t ahead = 0;  ///< seconds: what expires sooner gets a warning
};

/// What could be read. What could not is absent, and is a finding.
struct Examined {
  ExaminePlan plan;
  Config config;            ///< the defaults if the file could not be read
  bool configured = false;  ///< the file could be read, or is absent
  std::optional<Keystore> keystore;
  std::optional<Policy> policy;
  std::optional<std::vector<KeyRecord>> keys;
  std::optional<std::vector<SignerRecord>> signers;
};

/// Reads the configuration (check "configuration") and the keystore ("keystore").
[[nodiscard]] Examined read_examined(ExaminePlan plan, Findings& findings);

/// "in 12 days", "3 days ago", for sentences about an expiry.
[[nodiscard]] std::string days_from(std::int64_t now, std::int64_t then);

}  // namespace sifguard
