// The last steps of a task: the launcher, or the end. The task, as the user.
#pragma once

#include "helper/request/request_wire.h"
#include "spank_plugin/slurm_api.h"

namespace sifguard {

/// "sifguard: MESSAGE" on stderr, up to its first newline; control characters become '?'.
void write_line(const char* message) noexcept;

/// Ends the task with the refusal's status; the message first if it `speaks`.
[[noreturn]] void end_task(const wire::Answer& refusal, bool speaks) noexcept;

/// What start_launcher() cannot do with the task's command, for a person; null when it can.
[[nodiscard]] const char* command_problem(spank_t spank, bool at_once) noexcept;

/// Puts the launcher before the task's command; `at_once`, or on Slurm older than 23.11, which
/// cannot, becomes it: nothing that Slurm does after this hook (TaskProlog, srun --task-prolog,
/// SELinux) happens then, and limits are propagated here. Makes `answer` a
/// refusal when neither is possible.
void start_launcher(spank_t spank, bool at_once, wire::Answer& answer) noexcept;

}  // namespace sifguard
