// The user's options and the plugin's own arguments. Every SPANK context. They are checked early,
// as the user, in srun, sbatch and salloc, and again as root in slurmstepd, which does not trust
// the first check.
#pragma once

#include <cstddef>
#include <string_view>

#include "spank_plugin/slurm_api.h"

namespace sifguard {

/// Largest value of an option, in bytes; also the largest path.
inline constexpr std::size_t kMaxOption = 4096;

/// What a step asks for. The views live as long as the plugin; empty: not given.
struct Options {
  std::string_view image;    ///< --sif-verify
  std::string_view signer;   ///< --sif-signer
  std::string_view binds;    ///< --sif-bind: SRC[:DST[:ro]][,…], form checked
  std::string_view workdir;  ///< --sif-workdir: absolute
  std::string_view env;      ///< --sif-env: NAME[=VALUE][,…], form checked
  bool run = false;          ///< --sif-action=run
  bool nv = false, rocm = false, contain = false;
  bool quiet = false, verbose = false;  ///< not both: --sif-verbose overrides --sif-quiet
  const char* helper = nullptr;         ///< absolute path
  const char* config = nullptr;         ///< absolute path, or null for the helper's default
  const char* state = nullptr;  ///< absolute path, or null for the helper's default: the directory
                                ///< of what the node remembers
  /// plugstack.conf says that this node enforces images, or has a misspelling that can only mean
  /// that. A misspelling is also an error of the site's configuration, which refuses.
  bool enforce = false;
};

/// Why the step's task must not run; `status` is 0 when nothing is wrong.
struct Refusal {
  int status = 0;
  const char* message = "";
};

/// For slurm_spank_init: resets all state, reads plugstack.conf's arguments, registers the options
/// and, in the user's commands, passes the defaults of SLURM_SIF_… variables to Slurm. Returns what
/// the hook must return: an error for the user's commands only.
int init_options(spank_t spank, int ac, char** argv);

/// For slurm_spank_init_post_opt: checks that need all options together. Returns what the hook must
/// return.
int check_options();

/// In the user's commands: whether the step or job, or the salloc around it, names an image.
[[nodiscard]] bool asks_for_image() noexcept;

/// Whether the step asks for an image. False: the plugin must leave no trace.
[[nodiscard]] bool is_requested() noexcept;

[[nodiscard]] const Options& options() noexcept;
[[nodiscard]] Refusal options_refusal() noexcept;

}  // namespace sifguard
