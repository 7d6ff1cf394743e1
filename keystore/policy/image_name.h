// Names of images: absolute paths and URIs, and the patterns that select them. Pure text; nothing
// is looked up, and nothing here grants anything.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"

namespace sifguard {

/// PATH_MAX; longer names and patterns are refused and match nothing.
inline constexpr std::size_t kMaxImageName = 4096;

/// "scheme://…" with a lower-case scheme, such as oras://, library:// or https://.
[[nodiscard]] bool is_image_uri(std::string_view name) noexcept;

/// What a user typed, as the name that bindings are matched against: a relative path is put after
/// `cwd` (absolute), "." and ".." are resolved as text (".." at the root stays there) and "//" and
/// a trailing "/" collapse; a URI is left untouched.
/// Errors: Code::usage for an empty or over-long name, a NUL byte, or a cwd that is not absolute.
[[nodiscard]] Result<std::string> normalize_image_name(std::string_view cwd,
                                                       std::string_view typed);

/// Whether `pattern` is one that matches_image() (policy.h) understands: an absolute path, or an
/// oras://, library:// or https:// URI, of components without "." and ".." and empty ones.
/// Errors: Code::usage, saying what is wrong with it.
Status check_image_pattern(std::string_view pattern);

}  // namespace sifguard
