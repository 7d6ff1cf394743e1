// Steps that must not run without a verified image. slurmstepd, root, once a step and node, before
// it forks the tasks.
//
// What is enforced stands in the node's sifguard.yaml, which the helper reads, and not the plugin.
// But a node that enforces nothing must not start a helper for every step: so the plugin looks
// whether the file is the one that the helper read last, by what it left for that
// (keystore/base/enforcement_record.h), and asks about any other.
//
// Who says that a node enforces, besides that file: plugstack.conf (`enforce`), and the last good
// reading. Where either does, no answer is a refusal. Where neither does, a helper that is not
// there stops nobody who names no image.
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

}  // namespace sifguard
