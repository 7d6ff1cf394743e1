// Giving up root for good. Programs that root starts and that need none of its rights:
// sifguard-fetch, sifguard-ocspd.
#pragma once

#include "keystore/base/error.h"

namespace sifguard {

/// Root becomes nobody, without groups and without a way back; anyone else stays who he is. No
/// program that is executed from now on gains privileges.
Status become_unprivileged();

}  // namespace sifguard
