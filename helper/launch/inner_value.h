// How a variable's value must be written for it to arrive unchanged in the container. Pure; used by
// the helper (root) and the launcher (the user).
//
// The runtimes (tried: Apptainer 1.4.5; SingularityCE has the same code) put the value of an
// APPTAINERENV_NAME between double quotes into a script that a shell of theirs evaluates in the
// container, where `$`, backquote and backslash have a meaning. They escape double quotes, but
// before Apptainer 1.1 not those in LD_LIBRARY_PATH. Bytes that are not UTF-8 are lost earlier, in
// JSON, and the shell drops a carriage return before a newline; a value with any of these is
// therefore written as a `printf` command. Singularity before 3.8.1 escapes backslashes, too, so
// that no spelling works: see doctor/runtime_version.h.
#pragma once

#include <string>
#include <string_view>

namespace sifguard {

/// The text that makes the runtime set a variable to `value`, even if the image sets it.
[[nodiscard]] std::string inner_value(std::string_view value);

/// The same, but the image's own value of `name` wins, as it does for a variable that is passed on.
[[nodiscard]] std::string inner_default(std::string_view name, std::string_view value);

/// Whether the runtimes pass on a variable of the job with this value unchanged. In between they
/// write newlines as "\\u000A".
[[nodiscard]] bool is_passed_on(std::string_view value);

}  // namespace sifguard
