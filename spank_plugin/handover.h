// The last actions of a task: it starts the launcher, or ends. The task, as the user.
#pragma once

#include "helper/request/request_wire.h"
#include "spank_plugin/slurm_api.h"

namespace sifguard {

/// "sifguard: MESSAGE" on stderr, up to its first newline; control characters become '?'.
void write_line(const char* message) noexcept;

/// Ends the task with the refusal's status; writes the message first if `speaks`.
[[noreturn]] void end_task(const wire::Answer& refusal, bool speaks) noexcept;

/// Why start_launcher() cannot start the task's command, as a message for the user; null when it
/// can.
[[nodiscard]] const char* command_problem(spank_t spank, bool at_once) noexcept;

/// Puts the launcher before the task's command. With `at_once`, or on Slurm older than 23.11, which
/// cannot do that, the task executes the launcher here: what Slurm does after this hook
/// (TaskProlog, srun --task-prolog, SELinux) then does not happen, and limits are propagated here.
/// Makes `answer` a refusal when neither is possible.
void start_launcher(spank_t spank, bool at_once, wire::Answer& answer) noexcept;

}  // namespace sifguard
