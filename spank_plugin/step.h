// Facts about a step on this node that Slurm vouches for. slurmstepd and its forked tasks, root.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "spank_plugin/options.h"
#include "spank_plugin/slurm_api.h"

namespace sifguard {

struct Step {
  uid_t uid = 0;
  gid_t gid = 0;
  std::span<const gid_t> groups;  ///< Slurm's memory
  std::uint32_t job = 0, step = 0, node_id = 0;
  std::string_view batch_script;  ///< path; empty outside a batch step
};

/// Whether this is the extern step, which only tracks the job's processes: it has no user code and
/// no options.
[[nodiscard]] bool is_extern_step(spank_t spank) noexcept;

/// Whether this is a step of root that runs only our own sifguard-prefetch or sifguard-node-status,
/// by the path where it is installed: they start no user's program.
[[nodiscard]] bool is_own_step(spank_t spank) noexcept;

/// Whether srun was told --container: Slurm then runs the task from an OCI bundle, in which a
/// command put before the task's is ignored.
[[nodiscard]] bool is_oci_container(spank_t spank) noexcept;

/// The task's rank on this node; -1 when Slurm does not say.
[[nodiscard]] int local_task(spank_t spank) noexcept;

/// Reads user, job and step. Null, or the name of the fact that Slurm did not give.
[[nodiscard]] const char* read_identity(spank_t spank, Step& step) noexcept;

/// Reads all of it. Returns the same.
[[nodiscard]] const char* read_step(spank_t spank, Step& step) noexcept;

/// Writes the request for `step`, which is the same for all its tasks on this node, into `buffer`.
/// Returns its size, or 0 when it does not fit.
[[nodiscard]] std::size_t write_request(const Step& step, const Options& options,
                                        std::string_view cwd, std::string_view node,
                                        std::span<char> buffer) noexcept;

}  // namespace sifguard
