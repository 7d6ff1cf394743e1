// Gives up root permanently. For programs that root starts and that need none of its rights:
// sifguard-fetch, sifguard-ocspd.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Root becomes `account`, without groups and without a way back; any other user is unchanged. No
/// program that is executed from now on gains privileges. If the name service does not know the
/// account, root becomes the user nobody, who may have other processes. Errors: Code::config for an
/// account that is root.
Status become_unprivileged(const char* account);

}  // namespace sifguard
