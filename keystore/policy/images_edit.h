// Changes to the text of images.yaml that keep the admin's own comments, order and spelling: only
// the lines of the one binding are touched. Pure text; the caller stores the result.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// `binding` as a list item of images.yaml whose '-' stands at `column`; each line ends in "\n".
[[nodiscard]] std::string format_binding(const Binding& binding, int column);

/// `text` with `binding` after the last one; an empty `text` counts as kEmptyImages. The result is
/// parsed again and must hold what `text` held and the binding.
/// Errors: Code::config if `text` is malformed or written in brackets where lines are needed;
/// Code::exists if the name is taken; Code::usage if the binding is not a valid one.
[[nodiscard]] Result<std::string> append_binding(std::string_view text, const Binding& binding);

enum class PutBinding { added, replaced, unchanged };
struct ChangedImages {
  std::string text;
  PutBinding how;
};
/// As append_binding(); where there is a binding of this name, it is replaced in its place, or left
/// when it says the same. Errors: Code::exists when it says something else and `replace` is false.
[[nodiscard]] Result<ChangedImages> put_binding(std::string_view text, const Binding& binding,
                                                bool replace);

/// `text` without the binding `name`; comments above it stay, those within it go. Parsed again.
/// Errors: Code::config as above; Code::absent if there is no such binding.
[[nodiscard]] Result<std::string> remove_binding(std::string_view text, std::string_view name);

}  // namespace sifguard
