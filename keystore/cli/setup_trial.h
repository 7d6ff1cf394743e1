// The steps that `sifctl setup` tries on Slurm at its end: whose they are, and where. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "keystore/policy/policy.h"

namespace sifguard {

/// Options of srun for a step of one task that `allow` lets run, as far as that depends on where:
/// the first of its partitions, accounts, QOS, reservations and nodes. `node`: this host, where it
/// is one of Slurm's nodes, or empty; a limit to nodes counts more.
[[nodiscard]] std::vector<std::string> trial_options(const Audience& allow,
                                                     const std::string& node);

/// Who can run it: `given`, else the first of its users; "" for whoever asks; nullopt where it is
/// for groups alone, whose members are not asked for.
[[nodiscard]] std::optional<std::string> trial_user(const Audience& allow,
                                                    const std::string& given);

/// Whether `sinfo --Node --format=%N` names the host (up to the first dot).
[[nodiscard]] std::string node_named(const std::string& answer, const std::string& host);

}  // namespace sifguard
