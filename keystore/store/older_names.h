// Older names of a keystore's files: JSON files were called *.yaml, and the directory of the
// signers `signers`. The caller's privilege.
//
// A keystore with older names can be read, and the next change gives its files their current names,
// under the keystore's lock. Each file is renamed, so at any moment it has exactly one of its
// names. The directory of the signers is renamed first: without `signers` an older sifguard refuses
// the keystore; otherwise it would treat renamed files, such as that of revoked images, as absent.
// A note, kMoving, exists from before the first until after the last renaming: after a crash the
// next change continues.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/trusted_file.h"
#include "keystore/store/entry_directory.h"

namespace sifguard {

inline constexpr const char* kMoving = ".moving-names";

/// "meta.yaml" for "meta.json", "signers" for "image-signers"; empty if the name never changed. For
/// a path, that of its last component.
[[nodiscard]] std::string older_name(std::string_view name);
/// "image-signers/ID/meta.json" for "signers/ID/meta.yaml": a path in a keystore with the current
/// name of each component.
[[nodiscard]] std::string newer_path(std::string_view path);

/// The one of both names that exists, or may exist; `name` if neither does.
[[nodiscard]] std::string present_name(int directory_fd, const std::string& name);
/// Whether certainly neither name exists; false if that cannot be determined.
[[nodiscard]] bool is_absent(int directory_fd, const std::string& name);

/// Gives all files their current names. Requires the keystore's lock. Errors: Code::temporary; then
/// the keystore can be read as before.
Status use_newer_names(const EntryParent& keystore, Trust trust);

}  // namespace sifguard
