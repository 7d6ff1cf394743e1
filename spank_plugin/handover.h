// The last steps of a task: the launcher, or the end. The task, as the user.
#pragma once

#include "helper/request/request_wire.h"
#include "spank_plugin/slurm_api.h"

namespace sifguard {

/// "sifguard: MESSAGE" on stderr, up to its first newline; control characters become '?'.
void write_line(const char* message) noexcept;

/// Ends the task with the refusal's status; the message first if it `speaks`.
[[noreturn]] void end_task(const wire::Answer& refusal, bool speaks) noexcept;

/// Puts the launcher before the task's command. On Slurm older than 23.11, which cannot, becomes it
/// at once: what Slurm does after this hook (TaskProlog, propagated limits, SELinux) is then lost,
/// and --multi-prog refused. Makes `answer` a refusal when neither is possible.
void start_launcher(spank_t spank, wire::Answer& answer) noexcept;

}  // namespace sifguard
