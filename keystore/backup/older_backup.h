// Backups of older versions of sifguard, whose files have older names. Pure.
#pragma once

#include "keystore/store/archive.h"

namespace sifguard {

/// Gives each file its current name (keystore/store/older_names.h). Errors: Code::refused if two
/// would have the same name.
Status use_newer_names(Archive& archive);

}  // namespace sifguard
