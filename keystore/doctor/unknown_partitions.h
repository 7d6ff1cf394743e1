// Partitions that shall enforce images but are unknown to Slurm. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sifguard {

/// Those of `enforced` that are not in `answer`, which is the output of `sinfo --noheader --all
/// --format=%R`, with one name on each line. Names are compared as Slurm compares them: exactly.
[[nodiscard]] std::vector<std::string> unknown_partitions(std::string_view answer,
                                                          const std::vector<std::string>& enforced);

}  // namespace sifguard
