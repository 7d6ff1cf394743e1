// What killed commands left beside their outputs. The rights of the admin.
//
// Where a file system has no unnamed files (FAT, some network file systems), an output has a hidden
// name until it has its own (rewrite_name.h), and who is killed leaves it. That is looked for where
// this keystore's commands are known to write: in the directory above it, in those that its notes
// of keys and certificates on their way name, in that of its store key, and in the one in which
// doctor runs. Elsewhere it is the next command with the same output that overwrites and removes
// it.
#pragma once

#include "keystore/doctor/examined.h"
#include "keystore/doctor/finding.h"

namespace sifguard {

void check_left_outputs(const Examined& examined, Findings& findings);

}  // namespace sifguard
