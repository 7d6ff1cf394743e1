// Changes the text of images.yaml but keeps the admin's own comments, order and style: only the
// lines of one binding are changed. Pure text; the caller stores the result.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/error.h"
#include "keystore/policy/policy.h"

namespace sifguard {

/// `binding` as a list item of images.yaml whose '-' is at `column`; each line ends in "\n".
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
/// Like append_binding(), but an existing binding of this name is replaced in its place, or left if
/// it is equal. Errors: Code::exists if it differs and `replace` is false.
[[nodiscard]] Result<ChangedImages> put_binding(std::string_view text, const Binding& binding,
                                                bool replace);

/// `text` without the binding `name`; comments above it stay, those within it are removed. The
/// result is parsed again. Errors: Code::config as above; Code::absent if there is no such binding.
[[nodiscard]] Result<std::string> remove_binding(std::string_view text, std::string_view name);

}  // namespace sifguard
