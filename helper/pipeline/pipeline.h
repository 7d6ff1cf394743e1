// The launch of one task, from request to plan. Root, in the task's own mount namespace.
#pragma once

#include <string>

#include "helper/pipeline/node.h"
#include "helper/pipeline/staging.h"
#include "helper/request/request.h"
#include "keystore/base/error.h"

namespace sifguard {

struct LaunchOutcome {
  std::string notice;  ///< one line for the job's owner; usually empty
};

/// Request → OpenedImage → Decision → StagedImage → Verdict → Admission → ReleasedKey or RootMount
/// → LaunchPlan. Each stage takes the type that only the stage before can make. Writes the audit
/// records: an intent, durable, before a key is released, and an outcome. Errors are refusals, to
/// be shown to the job's owner. `step_daemon`: handle (pidfd) of the step's slurmstepd, or -1.
/// `tell` is told of steps that take long (staging.h), after the node's name.
[[nodiscard]] Result<LaunchOutcome> launch_task(const Request& request, const Config& config,
                                                AuditLog& audit, int step_daemon,
                                                const TellDoing& tell = nullptr);

/// For a launch that ends before launch_task() can begin: its record, as far as it is known, and a
/// function that appends its refusal to the log.
[[nodiscard]] AuditRecord first_record(const Request& request);
void record_refusal(AuditLog& audit, AuditRecord record, const Error& error);

}  // namespace sifguard
