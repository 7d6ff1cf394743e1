// Steps that must not run without a verified image. slurmstepd, root, once a step and node, before
// it forks the tasks.
//
// What is enforced stands in the node's sifguard.yaml, which the helper reads, and not the plugin.
// But a node that enforces nothing must not start a helper for every step: so it looks whether the
// file says "enforce" at all, outside a comment, and asks if so.
#pragma once

#include "helper/request/request_wire.h"
#include "spank_plugin/slurm_api.h"

namespace sifguard {

/// Asks, if there is reason to.
void ask_about_enforcement(spank_t spank) noexcept;

/// The step's tasks must be ours or not run: it is enforced, or that could not be found out.
[[nodiscard]] bool is_enforced() noexcept;

/// Why it must not run at all; null when it may.
[[nodiscard]] const wire::Answer* enforcement_refusal() noexcept;

/// Whether a configuration of this text may enforce something.
[[nodiscard]] bool may_enforce(const char* text, unsigned long size) noexcept;

}  // namespace sifguard
