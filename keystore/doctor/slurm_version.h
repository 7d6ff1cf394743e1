// Releases of Slurm, and those with vulnerabilities that matter to SPANK plugins. Pure.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace sifguard {

struct SlurmVersion {
  int year = 0;   ///< 24 of 24.11.5
  int month = 0;  ///< 11
  int micro = 0;  ///< 5
  auto operator<=>(const SlurmVersion&) const = default;

  /// "24.11": what a plugin is built for.
  [[nodiscard]] std::string release() const;
  [[nodiscard]] std::string text() const;  ///< "24.11.5"
};

/// From `srun --version`: "slurm 24.11.5", or "slurm-wlm 22.05.8" of Debian. What follows the
/// numbers is ignored.
[[nodiscard]] std::optional<SlurmVersion> parse_slurm_version(std::string_view output);

/// From the mark that the plugin carries, "24.11"; micro is 0.
[[nodiscard]] std::optional<SlurmVersion> parse_slurm_release(std::string_view mark);

/// The fixed version to upgrade to, such as "25.11.8"; empty if `version` has the fix.
/// Before 25.05.9, 25.11.8 and 26.05.4, an oversized variable of a SPANK option in a job's
/// environment overflows slurmstepd's stack, whatever plugin is loaded (CVE-2026-65108, one of
/// eight that were published on 2 September 2026). SchedMD fixed no older release.
[[nodiscard]] std::string fixed_in(const SlurmVersion& version);

}  // namespace sifguard
