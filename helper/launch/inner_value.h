// The spelling of a variable for the container in which it arrives as it is. Pure; helper, root,
// and launcher, the user.
//
// The runtimes (tried: Apptainer 1.4.5; SingularityCE has the same code) put the value of an
// APPTAINERENV_NAME between double quotes into a script that a shell of their own evaluates in the
// container: `$`, backquote and backslash have a meaning there. Double quotes they escape
// themselves, but before Apptainer 1.1 not those in LD_LIBRARY_PATH. What is no text in UTF-8 is
// lost before, in JSON, and the shell takes a carriage return before a newline for nothing: what
// has any of these travels as its own `printf`. Before Singularity 3.8.1 backslashes are escaped,
// too, so that nothing means itself: doctor/runtime_version.h tells.
#pragma once

#include <string>
#include <string_view>

namespace sifguard {

/// What makes the runtime set a variable to `value`, over the image's own.
[[nodiscard]] std::string inner_value(std::string_view value);

/// The same for variable `name` if the image does not set it, as for a variable that is passed on.
[[nodiscard]] std::string inner_default(std::string_view name, std::string_view value);

/// Whether the runtimes pass on a variable of the job's with this value unchanged. They write
/// newlines as "\\u000A" in between.
[[nodiscard]] bool is_passed_on(std::string_view value);

}  // namespace sifguard
