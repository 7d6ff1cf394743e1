// Partitions that are to enforce images and that Slurm does not have. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sifguard {

/// Those of `enforced` that are not in `answer`, which is of `sinfo --noheader --all --format=%R`:
/// a name a line. Names are compared as Slurm compares them: exactly.
[[nodiscard]] std::vector<std::string> unknown_partitions(std::string_view answer,
                                                          const std::vector<std::string>& enforced);

}  // namespace sifguard
