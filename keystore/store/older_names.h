// What files of a keystore were called by sifguard before they were named for what they are: JSON
// in *.yaml, and the signers in `signers`. The caller's privilege.
//
// A keystore of then is read as it is, and moved to the names of today by the next change, under
// the keystore's lock. Each file is renamed, so that it has one of its names at any moment, never
// both. The directory of the signers is the first: without `signers` an older sifguard refuses the
// keystore, where it would else miss files, such as that of revoked images, and take them for none.
// A note, kMoving, stands from before that until all is done: after a crash the next change goes
// on.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/trusted_file.h"
#include "keystore/store/entry_directory.h"

namespace sifguard {

inline constexpr const char* kMoving = ".moving-names";

/// "meta.yaml" for "meta.json", "signers" for "image-signers"; empty for what always had its name.
/// Of a path, the same of its last part.
[[nodiscard]] std::string older_name(std::string_view name);
/// "image-signers/ID/meta.json" for "signers/ID/meta.yaml": each part of a path in a keystore by
/// its name of today.
[[nodiscard]] std::string newer_path(std::string_view path);

/// The one of both names that is there, or of which that cannot be told; `name` if none is.
[[nodiscard]] std::string present_name(int directory_fd, const std::string& name);
/// Whether there is certainly nothing of either name: what cannot be looked at may be there.
[[nodiscard]] bool is_absent(int directory_fd, const std::string& name);

/// Gives everything its name of today. Wants the keystore's lock held. Errors: Code::temporary,
/// and the keystore can be read as before.
Status use_newer_names(const EntryParent& keystore, Trust trust);

}  // namespace sifguard
