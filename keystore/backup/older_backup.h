// Backups made by an older sifguard, whose files have the names of then. Pure.
#pragma once

#include "keystore/store/archive.h"

namespace sifguard {

/// Gives each file its name of today (keystore/store/older_names.h). Errors: Code::refused where
/// two would have the same.
Status use_newer_names(Archive& archive);

}  // namespace sifguard
