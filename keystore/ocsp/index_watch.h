// How an unprivileged responder gets changes of the CA's index: a process that may read the
// keystore, and does nothing else, sends it every new version as an open file.
#pragma once

#include <sys/types.h>

#include "keystore/base/trusted_file.h"

namespace sifguard {

/// Privileged side. Sends the index at `path` through `channel`, a Unix socket, now and whenever it
/// is replaced by another file; returns when the other side is gone. It never reads from the other
/// side. Errors: Code::internal.
Status send_index_changes(int channel, const std::string& path, Trust trust);

/// Unprivileged side: the content of the next version that has arrived. Errors: Code::unavailable
/// when the other side is gone; Code::refused when it cannot be read.
[[nodiscard]] Result<std::string> receive_index(int channel);

}  // namespace sifguard
