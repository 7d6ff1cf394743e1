// Builds the runtime's environment afresh from the job's. The launcher, as the user.
//
// The job's owner may set any variable. Variables for the inside of the container pass (the runtime
// passes them on). Variables that would make the runtime, or a program that it starts on the host,
// load code, read another configuration or log elsewhere do not. Some of these (they configure
// interpreters, malloc, locales and the like) are useful inside, and reach the container alone.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "helper/launch/plan.h"

namespace sifguard {

/// PATH for the runtime and the programs that it looks up (gocryptfs, squashfuse, fusermount).
inline constexpr std::string_view kSafePath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Whether a variable of this name is kept from the runtime. TMPDIR is decided by
/// filter_environment().
[[nodiscard]] bool is_hostile_variable(std::string_view name) noexcept;

/// The job's NAME=VALUE strings without hostile, malformed and repeated ones (the first of a name
/// stays, as with getenv()) and without those that the plan drops. PATH is replaced by kSafePath,
/// the plan's own and copied variables override others, and inner_prefix is applied.
/// `usable_directory` says whether TMPDIR's value may stay.
[[nodiscard]] std::vector<std::string> filter_environment(
    std::span<const std::string_view> job, const LaunchPlan& plan,
    const std::function<bool(const std::string&)>& usable_directory);

}  // namespace sifguard
