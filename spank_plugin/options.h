// The user's options and the plugin's own arguments. Every SPANK context: checked early and kindly
// as the user in srun, sbatch and salloc; believed nowhere, so checked again as root in slurmstepd.
#pragma once

#include <cstddef>
#include <string_view>

#include "spank_plugin/slurm_api.h"

namespace sifguard {

/// Largest value of an option, in bytes; also the largest path.
inline constexpr std::size_t kMaxOption = 4096;

/// What a step asks for. The views live as long as the plugin.
struct Options {
  std::string_view image;        ///< --sif-verify; empty when not given
  std::string_view binds;        ///< --sif-bind: SRC[:DST[:ro]][,…], form checked
  bool quiet = false;            ///< --sif-quiet
  const char* helper = nullptr;  ///< absolute path
  const char* config = nullptr;  ///< absolute path, or null for the helper's default
};

/// Why the step's task must not run; `status` is 0 when nothing is wrong.
struct Refusal {
  int status = 0;
  const char* message = "";
};

/// slurm_spank_init: forgets everything, reads plugstack.conf's arguments and registers the
/// options. Returns what the hook must return: an error for the user's commands only.
int init_options(spank_t spank, int ac, char** argv);

/// slurm_spank_init_post_opt: what only all options together show. Returns likewise.
int check_options();

/// Whether the step asks for anything. False: the plugin must leave no trace.
[[nodiscard]] bool is_requested() noexcept;

[[nodiscard]] const Options& options() noexcept;
[[nodiscard]] Refusal options_refusal() noexcept;

/// What is wrong with an option's value, for a person; null when nothing is. Pure.
[[nodiscard]] const char* image_problem(std::string_view value) noexcept;
[[nodiscard]] const char* bind_problem(std::string_view value) noexcept;

/// Takes what stands before the first `separator` off the front of `rest`. Pure.
[[nodiscard]] std::string_view take_part(std::string_view& rest, char separator) noexcept;

}  // namespace sifguard
