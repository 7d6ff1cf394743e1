// Giving up root for good. Programs that root starts and that need none of its rights:
// sifguard-fetch, sifguard-ocspd.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Root becomes `account`, without groups and without a way back; anyone else stays who he is. No
/// program that is executed from now on gains privileges. Where the name service does
/// not know the account, root becomes nobody, who may have other processes. Errors: Code::config
/// for an account that is root.
Status become_unprivileged(const char* account);

}  // namespace sifguard
