// Steps that must not run without a verified image. slurmstepd, root, once for each step and node,
// before it forks the tasks.
//
// What is enforced is set in the node's sifguard.yaml, which the helper reads and the plugin does
// not. But a node that enforces nothing must not start a helper for every step. So the plugin
// checks whether the file is still the one that the helper read last, by the record that the helper
// left (keystore/base/enforcement_record.h), and asks the helper only if it is not.
//
// Besides that file, plugstack.conf (`enforce`) and the last good reading can say that a node
// enforces. If either does, a missing answer is a refusal. If neither does, a missing helper does
// not stop a step that names no image.
#pragma once

#include "helper/request/request_wire.h"
#include "spank_plugin/slurm_api.h"

namespace sifguard {

/// Asks the helper, if necessary.
void ask_about_enforcement(spank_t spank) noexcept;

/// Whether the step's tasks may only run through the launcher: the step is enforced, or that could
/// not be determined.
[[nodiscard]] bool is_enforced() noexcept;

/// Why the step must not run at all; null when it may.
[[nodiscard]] const wire::Answer* enforcement_refusal() noexcept;

}  // namespace sifguard
