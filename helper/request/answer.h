// The helper's answers to the plugin, as bytes. Helper, root.
#pragma once

#include <string_view>

#include "helper/request/request_wire.h"
#include "keystore/base/error.h"

namespace sifguard {

/// Permission to launch. `notice`, unless empty, is shown to the job's owner once for each node.
[[nodiscard]] wire::Answer allow_answer(std::string_view notice = {});

/// The answer to the question whether a step is enforced, if the step may go on. `notice` is for
/// slurmd's log.
[[nodiscard]] wire::Answer enforcement_answer(bool enforced, std::string_view notice = {});

/// The refusal that `error` stands for: its exit status and its line, made printable and cut.
[[nodiscard]] wire::Answer refuse_answer(const Error& error);

/// Tells that the step `what` now takes long; empty: it is over. This is not yet an answer.
[[nodiscard]] wire::Answer progress_message(std::string_view what);

/// The answer's bytes, to be written whole; valid as long as `answer` lives.
[[nodiscard]] std::string_view encode_answer(const wire::Answer& answer) noexcept;

/// Errors: Code::internal unless the bytes are exactly one valid answer.
[[nodiscard]] Result<wire::Answer> decode_answer(std::string_view bytes);

}  // namespace sifguard
